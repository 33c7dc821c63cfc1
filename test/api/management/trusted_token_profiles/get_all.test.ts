/** GET …/trusted_token_profiles. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('trustedTokenProfiles.getAll', (engine) => {
  test('lists the profiles of that environment, oldest first', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const created = []
    for (const name of ['b', 'a']) {
      const body = { name, audience: 'a', issuer: 'i', jwks_url: 'https://issuer.example/keys' }
      created.push((await succeed(here, here.workspace, `POST ${project.path}/trusted_token_profiles`, body)).profile)
      here.clock.advance(1)
    }
    const route = (path: string) => `GET ${path}/trusted_token_profiles`
    assert.deepEqual((await succeed(here, here.workspace, route(project.path))).profiles, created)
    assert.deepEqual((await succeed(here, here.workspace, route(other.path))).profiles, [])
  })
})
