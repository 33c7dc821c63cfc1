/** DELETE /pwa/v3/projects/{project_slug}/email_templates/{template_id}. */
import { deleteTemplate } from '../../../domain/email_templates/template.ts'
import { getProject } from '../../../domain/projects/project.ts'
import { operation } from '../../operation.ts'

export const remove = operation({
  route: 'DELETE /pwa/v3/projects/{project_slug}/email_templates/{template_id}',
  name: 'pwa_email_template_v3_Delete',
  sdk: 'emailTemplates.delete',
  summary: 'Deletes an email template that is no default.',
  caller: 'workspace',
  reply: {},
  async run(app, { params }) {
    await deleteTemplate(app, await getProject(app, params.project_slug), params.template_id)
    return {}
  },
})
