/** DELETE /pwa/v3/projects/{project_slug}/default_email_templates/{email_template_type}. */
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { defaultsOf, makeDefault, newTemplate, templatesOf } from '../../../support/email_templates.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('emailTemplates.unsetDefault', (engine) => {
  test('leaves the type without a default, also when it had none, and the template as it is', async () => {
    const here = await world(engine)
    const project = await here.project()
    await newTemplate(here, project, 'blue')
    for (const type of ['LOGIN', 'SIGNUP']) await makeDefault(here, project, type, 'blue')
    const route = `${defaultsOf(project)}/LOGIN`
    for (let n = 0; n < 2; n++) await succeed(here, here.workspace, `DELETE ${route}`)
    await refuse(here, here.workspace, `GET ${route}`, undefined, 404, 'email_template_not_found')
    await succeed(here, here.workspace, `GET ${defaultsOf(project)}/SIGNUP`)
    await succeed(here, here.workspace, `GET ${templatesOf(project)}/blue`)
  })

  test('the default for all types can only be replaced, also where there is none yet', async () => {
    const here = await world(engine)
    const project = await here.project()
    await newTemplate(here, project, 'blue')
    const route = `${defaultsOf(project)}/PREBUILT`
    const kept = () =>
      refuse(here, here.workspace, `DELETE ${route}`, undefined, 400, 'cannot_delete_default_email_template')
    await kept()
    await makeDefault(here, project, 'PREBUILT', 'blue')
    await kept()
    await succeed(here, here.workspace, `GET ${route}`)
    await refuse(here, here.workspace, `DELETE ${defaultsOf(project)}/ALL`, undefined, 400, 'bad_request')
  })
})
