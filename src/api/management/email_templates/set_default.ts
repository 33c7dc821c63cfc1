/** POST /pwa/v3/projects/{project_slug}/default_email_templates/{email_template_type}. */
import { z } from 'zod'
import { setDefault as makeDefault } from '../../../domain/email_templates/default.ts'
import { getProject } from '../../../domain/projects/project.ts'
import { operation } from '../../operation.ts'

export const setDefault = operation({
  route: 'POST /pwa/v3/projects/{project_slug}/default_email_templates/{email_template_type}',
  name: 'pwa_email_template_v3_SetDefault',
  sdk: 'emailTemplates.setDefault',
  summary:
    'Chooses the template of mails of a type whose requests name none; PREBUILT is for all types without a choice.',
  caller: 'workspace',
  body: { template_id: z.string() },
  reply: {},
  async run(app, { params, body }) {
    const project = await getProject(app, params.project_slug)
    await makeDefault(app, project, params.email_template_type, body.template_id)
    return {}
  },
})
