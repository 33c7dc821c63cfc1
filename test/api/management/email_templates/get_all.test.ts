/** GET /pwa/v3/projects/{project_slug}/email_templates. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { succeed } from '../../../support/call.ts'
import { custom, newTemplate, templatesOf } from '../../../support/email_templates.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('emailTemplates.getAll', (engine) => {
  test('lists the templates of the project, oldest first, and those of no other', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const all = async () => (await succeed(here, here.workspace, `GET ${templatesOf(project)}`)).email_templates
    assert.deepEqual(await all(), [])
    await newTemplate(here, other, 'other')
    const made: unknown[] = []
    for (const [id, body] of [['zebra'], ['ant', custom('LOGIN')], ['bee']] as const) {
      here.clock.advance(1)
      made.push(await newTemplate(here, project, id, body))
    }
    assert.deepEqual(await all(), made)
  })
})
