/** GET /pwa/v3/projects/{project_slug}/default_email_templates/{email_template_type}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { defaultsOf, makeDefault, newTemplate } from '../../../support/email_templates.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('emailTemplates.getDefault', (engine) => {
  test('answers with the id of the default of this project, and refuses where there is none', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    await newTemplate(here, project, 'blue')
    await makeDefault(here, project, 'INVITE', 'blue')
    const { template_id } = await succeed(here, here.workspace, `GET ${defaultsOf(project)}/INVITE`)
    assert.equal(template_id, 'blue')
    for (const path of [
      `${defaultsOf(project)}/LOGIN`,
      `${defaultsOf(project)}/PREBUILT`,
      `${defaultsOf(other)}/INVITE`,
    ]) {
      await refuse(here, here.workspace, `GET ${path}`, undefined, 404, 'email_template_not_found')
    }
    await refuse(here, here.workspace, `GET ${defaultsOf(project)}/invite`, undefined, 400, 'bad_request')
  })
})
