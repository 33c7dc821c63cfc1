/** POST /pwa/v3/projects/{project_slug}/email_templates. */
import { z } from 'zod'
import { createTemplate } from '../../../domain/email_templates/template.ts'
import { getProject } from '../../../domain/projects/project.ts'
import { EmailTemplate, emailTemplateGiven, emailTemplateToWire } from '../../../wire/email_template.ts'
import { operation } from '../../operation.ts'

export const create = operation({
  route: 'POST /pwa/v3/projects/{project_slug}/email_templates',
  name: 'pwa_email_template_v3_Create',
  sdk: 'emailTemplates.create',
  summary: 'Creates an email template, which serves all environments of the project.',
  caller: 'workspace',
  body: {
    template_id: z.string().describe('How requests name the template; it never changes.'),
    ...emailTemplateGiven,
  },
  reply: { email_template: EmailTemplate },
  async run(app, { params, body }) {
    const project = await getProject(app, params.project_slug)
    const { template_id, ...given } = body
    return { email_template: emailTemplateToWire(await createTemplate(app, project, template_id, given)) }
  },
})
