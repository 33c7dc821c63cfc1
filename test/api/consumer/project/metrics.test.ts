/** GET /v1/projects/metrics. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('project.metrics', (engine) => {
  test('counts the active users of this project, pending ones not', async () => {
    const here = await world(engine)
    const project = await here.project()
    await succeed(here, project, 'POST /v1/users', { email: 'a@example.com' })
    await succeed(here, project, 'POST /v1/users', { email: 'b@example.com' })
    await succeed(here, project, 'POST /v1/users', { email: 'c@example.com', create_user_as_pending: true })
    await succeed(here, await here.project(), 'POST /v1/users', { email: 'a@example.com' })
    const { project_id, metrics } = await succeed(here, project, 'GET /v1/projects/metrics')
    assert.equal(project_id, project.id)
    assert.deepEqual(metrics, [
      { metric_type: 'USER_COUNT', count: 2 },
      { metric_type: 'ORGANIZATION_COUNT', count: 0 },
      { metric_type: 'MEMBER_COUNT', count: 0 },
      { metric_type: 'M2M_CLIENT_COUNT', count: 0 },
    ])
  })
})
