/** GET /pwa/v3/projects/{project_slug}/email_templates. */
import { z } from 'zod'
import { listTemplates } from '../../../domain/email_templates/template.ts'
import { getProject } from '../../../domain/projects/project.ts'
import { EmailTemplate, emailTemplateToWire } from '../../../wire/email_template.ts'
import { operation } from '../../operation.ts'

export const getAll = operation({
  route: 'GET /pwa/v3/projects/{project_slug}/email_templates',
  name: 'pwa_email_template_v3_GetAll',
  sdk: 'emailTemplates.getAll',
  summary: 'Lists the email templates of a project, oldest first.',
  caller: 'workspace',
  reply: { email_templates: z.array(EmailTemplate) },
  async run(app, { params }) {
    const email_templates = await listTemplates(app, await getProject(app, params.project_slug))
    return { email_templates: email_templates.map(emailTemplateToWire) }
  },
})
