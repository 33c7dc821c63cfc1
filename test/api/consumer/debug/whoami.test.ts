/** GET /v1/debug/whoami. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('debug.whoami', (engine) => {
  test('names the project of the credentials, of either vertical', async () => {
    const here = await world(engine)
    for (const vertical of ['CONSUMER', 'B2B'] as const) {
      const project = await here.project(vertical)
      const { project_id, name } = await succeed(here, project, 'GET /v1/debug/whoami')
      assert.deepEqual([project_id, name], [project.id, `Test ${vertical}`])
    }
  })
})
