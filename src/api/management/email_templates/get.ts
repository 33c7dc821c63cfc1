/** GET /pwa/v3/projects/{project_slug}/email_templates/{template_id}. */
import { getTemplate } from '../../../domain/email_templates/template.ts'
import { getProject } from '../../../domain/projects/project.ts'
import { EmailTemplate, emailTemplateToWire } from '../../../wire/email_template.ts'
import { operation } from '../../operation.ts'

export const get = operation({
  route: 'GET /pwa/v3/projects/{project_slug}/email_templates/{template_id}',
  name: 'pwa_email_template_v3_Get',
  sdk: 'emailTemplates.get',
  summary: 'Returns an email template.',
  caller: 'workspace',
  reply: { email_template: EmailTemplate },
  async run(app, { params }) {
    const project = await getProject(app, params.project_slug)
    return { email_template: emailTemplateToWire(await getTemplate(app, project, params.template_id)) }
  },
})
