/** PUT /pwa/v3/projects/{project_slug}/email_templates/{template_id}. */
import { updateTemplate } from '../../../domain/email_templates/template.ts'
import { getProject } from '../../../domain/projects/project.ts'
import { EmailTemplate, emailTemplateGiven, emailTemplateToWire } from '../../../wire/email_template.ts'
import { operation } from '../../operation.ts'

export const update = operation({
  route: 'PUT /pwa/v3/projects/{project_slug}/email_templates/{template_id}',
  name: 'pwa_email_template_v3_Update',
  sdk: 'emailTemplates.update',
  summary: 'Replaces the parts of an email template that are given; the others stay as they are.',
  caller: 'workspace',
  body: emailTemplateGiven,
  reply: { email_template: EmailTemplate },
  async run(app, { params, body }) {
    const project = await getProject(app, params.project_slug)
    return { email_template: emailTemplateToWire(await updateTemplate(app, project, params.template_id, body)) }
  },
})
