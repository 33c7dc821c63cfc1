/** DELETE …/trusted_token_profiles/{profile_id}. */
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const body = { name: 'n', audience: 'a', issuer: 'i', jwks_url: 'https://issuer.example/keys' }

onBothEngines('trustedTokenProfiles.delete', (engine) => {
  test('ends the profile for operators and backends alike', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { profile } = await succeed(here, here.workspace, `POST ${project.path}/trusted_token_profiles`, body)
    const path = `${project.path}/trusted_token_profiles/${profile.profile_id}`
    const attest = { profile_id: profile.profile_id, token: 'nonsense' }
    await refuse(here, project, 'POST /v1/sessions/attest', attest, 400, 'invalid_trusted_auth_token')
    await succeed(here, here.workspace, `DELETE ${path}`)
    await refuse(here, project, 'POST /v1/sessions/attest', attest, 404, 'trusted_token_profile_not_found')
    for (const method of ['GET', 'DELETE']) {
      await refuse(here, here.workspace, `${method} ${path}`, undefined, 404, 'trusted_token_profile_not_found')
    }
  })

  test('refuses whatever is no profile of that environment, and deletes nothing', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const { profile } = await succeed(here, here.workspace, `POST ${other.path}/trusted_token_profiles`, body)
    const unknown = 'trusted-auth-token-profile-test-00000000-0000-4000-8000-000000000000'
    for (const id of [profile.profile_id, unknown, 'nonsense', 'a%00b']) {
      const route = `DELETE ${project.path}/trusted_token_profiles/${id}`
      await refuse(here, here.workspace, route, undefined, 404, 'trusted_token_profile_not_found')
    }
    await succeed(here, here.workspace, `GET ${other.path}/trusted_token_profiles/${profile.profile_id}`)
  })
})
