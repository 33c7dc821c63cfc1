/** GET …/trusted_token_profiles/{profile_id}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const body = { name: 'n', audience: 'a', issuer: 'i', jwks_url: 'https://issuer.example/keys' }

onBothEngines('trustedTokenProfiles.get', (engine) => {
  test('answers with the profile as it was created', async () => {
    const here = await world(engine)
    const project = await here.project()
    const path = `${project.path}/trusted_token_profiles`
    const { profile } = await succeed(here, here.workspace, `POST ${path}`, body)
    const read = await succeed(here, here.workspace, `GET ${path}/${profile.profile_id}`)
    assert.deepEqual(read.profile, profile)
  })

  test('refuses whatever is no profile of that environment', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const { profile } = await succeed(here, here.workspace, `POST ${other.path}/trusted_token_profiles`, body)
    const unknown = 'trusted-auth-token-profile-test-00000000-0000-4000-8000-000000000000'
    for (const id of [profile.profile_id, unknown, 'nonsense', 'a%00b']) {
      const route = `GET ${project.path}/trusted_token_profiles/${id}`
      await refuse(here, here.workspace, route, undefined, 404, 'trusted_token_profile_not_found')
    }
  })
})
