/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/secrets. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('secrets.getAll', (engine) => {
  test('lists the secrets of that environment, masked, oldest first', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    here.clock.advance(1000)
    const { secret } = await succeed(here, here.workspace, `POST ${project.path}/secrets`, {})
    const { secrets } = await succeed(here, here.workspace, `GET ${project.path}/secrets`)
    assert.deepEqual(
      secrets.map(({ last_four }: { last_four: string }) => last_four),
      [project.secret, secret.secret].map((value) => value.slice(-4)),
    )
    assert.deepEqual(secrets[1], {
      secret_id: secret.secret_id,
      last_four: secret.secret.slice(-4),
      created_at: secret.created_at,
      used_at: null,
    })
    const others = await succeed(here, here.workspace, `GET ${other.path}/secrets`)
    assert.equal(others.secrets.length, 1)
  })
})
