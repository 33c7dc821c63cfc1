/** GET /pwa/v3/projects/{project_slug}/email_templates/{template_id}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { custom, newTemplate, templatesOf } from '../../../support/email_templates.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('emailTemplates.get', (engine) => {
  test('answers with the template of that id, with nothing that it does not have', async () => {
    const here = await world(engine)
    const project = await here.project()
    const made = [
      await newTemplate(here, project, 'a.b-c_D'),
      await newTemplate(here, project, 'own', custom('INVITE')),
    ]
    for (const one of made) {
      const { email_template } = await succeed(here, here.workspace, `GET ${templatesOf(project)}/${one.template_id}`)
      assert.deepEqual(email_template, one)
    }
    assert.deepEqual(Object.keys(made[1]), ['template_id', 'sender_information', 'custom_html_customization'])
  })

  test('refuses ids that no template of the project has', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    await newTemplate(here, other, 'elsewhere')
    await newTemplate(here, project, 'mine')
    for (const id of ['elsewhere', 'MINE', 'mine%00', 'min%25', '%20', '', '%F0%9F%9A%80']) {
      const route = `GET ${templatesOf(project)}/${id}`
      await refuse(here, here.workspace, route, undefined, 404, 'email_template_not_found')
    }
  })
})
