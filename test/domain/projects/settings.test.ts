/** Settings of environments across versions of the program, and the one that the API does not have. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findEnvironment, switchSandbox } from '../../../src/domain/projects/environment.ts'
import { defaultSettings } from '../../../src/domain/projects/settings.ts'
import { succeed } from '../../support/call.ts'
import { onBothEngines, world } from '../../support/world.ts'

onBothEngines('settings', (engine) => {
  test('a row written before a setting existed has its default', async () => {
    const here = await world(engine)
    const { id } = await here.project()
    const settings = JSON.stringify({ user_lock_ttl: 600 })
    await here.app.store.write.updateTable('environments').set({ settings }).where('project_id', '=', id).execute()
    const environment = await findEnvironment(here.app, id)
    assert.deepEqual(environment?.settings, { ...defaultSettings, user_lock_ttl: 600 })
  })

  test('the management API neither shows nor changes the sandbox switch, and keeps it', async () => {
    const here = await world(engine)
    const { id, path, environment } = await here.project()
    const on = async () => (await here.app.environment(id))?.settings.sandbox_enabled
    const body = { sandbox_enabled: true, user_lock_ttl: 600 }
    const answer = await succeed(here, here.workspace, `PATCH ${path}`, body)
    assert.ok(!('sandbox_enabled' in answer.environment))
    assert.equal(await on(), false)
    await switchSandbox(here.app, environment, true)
    await succeed(here, here.workspace, `PATCH ${path}`, { sandbox_enabled: false, user_lock_ttl: 700 })
    assert.equal(await on(), true)
  })
})
