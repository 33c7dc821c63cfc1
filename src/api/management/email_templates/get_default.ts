/** GET /pwa/v3/projects/{project_slug}/default_email_templates/{email_template_type}. */
import { z } from 'zod'
import { getDefault as findDefault } from '../../../domain/email_templates/default.ts'
import { getProject } from '../../../domain/projects/project.ts'
import { operation } from '../../operation.ts'

export const getDefault = operation({
  route: 'GET /pwa/v3/projects/{project_slug}/default_email_templates/{email_template_type}',
  name: 'pwa_email_template_v3_GetDefault',
  sdk: 'emailTemplates.getDefault',
  summary: 'Returns the id of the default template of a type.',
  caller: 'workspace',
  reply: { template_id: z.string() },
  async run(app, { params }) {
    const project = await getProject(app, params.project_slug)
    return { template_id: await findDefault(app, project, params.email_template_type) }
  },
})
