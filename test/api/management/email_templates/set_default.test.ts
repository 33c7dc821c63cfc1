/** POST /pwa/v3/projects/{project_slug}/default_email_templates/{email_template_type}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { custom, defaultsOf, makeDefault, newTemplate, types } from '../../../support/email_templates.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('emailTemplates.setDefault', (engine) => {
  test('every type has a default of its own, which another one replaces', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const id of ['blue', 'red']) await newTemplate(here, project, id)
    for (const type of types) await newTemplate(here, project, type, custom(type))
    const read = async (type: string) =>
      (await succeed(here, here.workspace, `GET ${defaultsOf(project)}/${type}`)).template_id
    for (const type of types) await makeDefault(here, project, type, type)
    await makeDefault(here, project, 'PREBUILT', 'blue')
    assert.deepEqual(await Promise.all([...types, 'PREBUILT'].map(read)), [...types, 'blue'])
    await makeDefault(here, project, 'PREBUILT', 'red')
    // A look suits every type.
    await makeDefault(here, project, 'LOGIN', 'red')
    assert.deepEqual(await Promise.all(['PREBUILT', 'LOGIN', 'SIGNUP'].map(read)), ['red', 'red', 'SIGNUP'])
  })

  test('refuses words for another type, templates and types that are none, and sets nothing', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    await newTemplate(here, project, 'own', custom('LOGIN'))
    await newTemplate(here, other, 'elsewhere')
    const set = (type: string, body: object, status: number, error: string) =>
      refuse(here, here.workspace, `POST ${defaultsOf(project)}/${type}`, body, status, error)
    await set('SIGNUP', { template_id: 'own' }, 400, 'invalid_template_id')
    await set('PREBUILT', { template_id: 'own' }, 400, 'invalid_template_id')
    for (const template_id of ['elsewhere', '', 'a b']) {
      await set('LOGIN', { template_id }, 404, 'email_template_not_found')
    }
    await set('LOGIN', {}, 400, 'bad_request')
    for (const type of ['login', 'ALL', 'constructor', '%00']) {
      const { error_message } = await set(type, { template_id: 'own' }, 400, 'bad_request')
      assert.match(error_message, /email_template_type.*UNLOCK, PREBUILT/)
    }
    for (const type of [...types, 'PREBUILT']) {
      const route = `GET ${defaultsOf(project)}/${type}`
      await refuse(here, here.workspace, route, undefined, 404, 'email_template_not_found')
    }
  })
})
