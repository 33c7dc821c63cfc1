/** DELETE /pwa/v3/projects/{project_slug}/default_email_templates/{email_template_type}. */
import { unsetDefault as leaveWithoutDefault } from '../../../domain/email_templates/default.ts'
import { getProject } from '../../../domain/projects/project.ts'
import { operation } from '../../operation.ts'

export const unsetDefault = operation({
  route: 'DELETE /pwa/v3/projects/{project_slug}/default_email_templates/{email_template_type}',
  name: 'pwa_email_template_v3_UnsetDefault',
  sdk: 'emailTemplates.unsetDefault',
  summary: 'Leaves a type without a default template; PREBUILT keeps the one it has.',
  caller: 'workspace',
  reply: {},
  async run(app, { params }) {
    await leaveWithoutDefault(app, await getProject(app, params.project_slug), params.email_template_type)
    return {}
  },
})
