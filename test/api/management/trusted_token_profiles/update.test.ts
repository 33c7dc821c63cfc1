/** PATCH …/trusted_token_profiles/{profile_id}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { onBothEngines, type World, world } from '../../../support/world.ts'

const names = { name: 'n', audience: 'a', issuer: 'i' }
const mapping = { email: 'mail', token_id: 'sid' }

async function make(here: World, body: object) {
  const project = await here.project()
  const path = `${project.path}/trusted_token_profiles`
  const { profile } = await succeed(here, here.workspace, `POST ${path}`, { ...names, ...body })
  return { profile, path: `${path}/${profile.profile_id}` }
}
const makeJwk = (here: World) =>
  make(here, { jwks_url: 'https://issuer.example/keys', attribute_mapping: mapping, can_jit_provision: true })

onBothEngines('trustedTokenProfiles.update', (engine) => {
  test('changes what is given', async () => {
    const here = await world(engine)
    const { profile, path } = await makeJwk(here)
    const change = {
      name: 'n2',
      audience: 'a2',
      issuer: 'i2',
      jwks_url: 'https://issuer.example/keys2',
      attribute_mapping: { email: 'address' },
      can_jit_provision: false,
    }
    const updated = await succeed(here, here.workspace, `PATCH ${path}`, change)
    assert.deepEqual(updated.profile, { ...profile, ...change })
    assert.deepEqual((await succeed(here, here.workspace, `GET ${path}`)).profile, updated.profile)
  })

  test('keeps what is absent or null, the mapping too', async () => {
    const here = await world(engine)
    const { profile, path } = await makeJwk(here)
    const nothing = { name: null, attribute_mapping: null, jwks_url: null, can_jit_provision: null }
    for (const body of [{}, nothing]) {
      assert.deepEqual((await succeed(here, here.workspace, `PATCH ${path}`, body)).profile, profile)
    }
  })

  test('empties the mapping by an empty object, and takes JSON text', async () => {
    const here = await world(engine)
    const { path } = await makeJwk(here)
    const emptied = await succeed(here, here.workspace, `PATCH ${path}`, { attribute_mapping: {} })
    assert.deepEqual(emptied.profile.attribute_mapping, {})
    const body = { attribute_mapping: JSON.stringify(mapping) }
    assert.deepEqual((await succeed(here, here.workspace, `PATCH ${path}`, body)).profile.attribute_mapping, mapping)
  })

  test('never changes type and keys', async () => {
    const here = await world(engine)
    const { profile, path } = await make(here, { pem_files: ['pem'] })
    const body = { public_key_type: 'JWK', pem_files: [], profile_id: 'x' }
    assert.deepEqual((await succeed(here, here.workspace, `PATCH ${path}`, body)).profile, profile)
  })

  test('switches single use of token ids on, which the profile then shows, and off', async () => {
    const here = await world(engine)
    const { profile, path } = await makeJwk(here)
    const on = await succeed(here, here.workspace, `PATCH ${path}`, { single_use_token_ids: true })
    assert.deepEqual(on.profile, { ...profile, single_use_token_ids: true })
    const off = await succeed(here, here.workspace, `PATCH ${path}`, { single_use_token_ids: false })
    assert.deepEqual(off.profile, profile)
  })

  test('refuses what would make the profile unusable, and changes nothing', async () => {
    const here = await world(engine)
    const { profile, path } = await makeJwk(here)
    for (const [change, error_type] of [
      [{ name: '' }, 'trusted_token_profile_invalid_request'],
      [{ audience: '' }, 'trusted_token_profile_invalid_request'],
      [{ issuer: ' ' }, 'trusted_token_profile_invalid_request'],
      [{ jwks_url: '' }, 'must_have_jwks_url_for_trusted_token_profile_with_type_jwk'],
      [{ jwks_url: 'nonsense' }, 'invalid_jwks_url'],
      [{ attribute_mapping: { email: true } }, 'trusted_token_profile_invalid_request'],
      [{ attribute_mapping: { external_member_id: 'sub' } }, 'trusted_token_profile_incorrect_external_id_mapping'],
      [
        { attribute_mapping: { external_member_id: 'sub', external_user_id: 'sub' } },
        'trusted_token_profile_cannot_have_multiple_external_ids',
      ],
      [{ attribute_mapping: 'mail' }, 'bad_request'],
      [{ can_jit_provision: 1 }, 'bad_request'],
    ] as const) {
      const body = { can_jit_provision: false, ...change }
      await refuse(here, here.workspace, `PATCH ${path}`, body, 400, error_type)
    }
    assert.deepEqual((await succeed(here, here.workspace, `GET ${path}`)).profile, profile)
  })

  test('refuses whatever is no profile of that environment, and leaves the other alone', async () => {
    const here = await world(engine)
    const [mine, other] = [await makeJwk(here), await makeJwk(here)]
    const unknown = 'trusted-auth-token-profile-test-00000000-0000-4000-8000-000000000000'
    for (const id of [other.profile.profile_id, unknown, 'nonsense', 'a%00b']) {
      const route = `PATCH ${mine.path.replace(/[^/]+$/, id)}`
      await refuse(here, here.workspace, route, { name: 'x' }, 404, 'trusted_token_profile_not_found')
    }
    assert.deepEqual((await succeed(here, here.workspace, `GET ${other.path}`)).profile, other.profile)
  })
})
