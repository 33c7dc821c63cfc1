/** POST …/trusted_token_profiles. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../support/call.ts'
import { onBothEngines, type World, world } from '../../../support/world.ts'

const names = { name: 'Supabase', audience: 'authenticated', issuer: 'https://issuer.example' }
const jwk = { ...names, public_key_type: 'JWK', jwks_url: 'https://issuer.example/keys' }
// Text in PEM armour that is no key: it is kept as given, and read when a token is verified.
const pem = '-----BEGIN PUBLIC KEY-----\nnot a key \n-----END PUBLIC KEY-----'
const withPem = { ...names, public_key_type: 'PEM', pem_files: [pem] }

async function list(here: World, path: string) {
  return (await succeed(here, here.workspace, `GET ${path}/trusted_token_profiles`)).profiles
}

onBothEngines('trustedTokenProfiles.create', (engine) => {
  test('creates a profile of keys at a URL', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { profile } = await succeed(here, here.workspace, `POST ${project.path}/trusted_token_profiles`, {
      ...jwk,
      pem_files: [],
      can_jit_provision: true,
      attribute_mapping: { email: 'email', token_id: 'session_id', external_user_id: 'sub', role_ids: 'app.roles' },
    })
    const { profile_id, ...rest } = profile
    assert.match(profile_id, /^trusted-auth-token-profile-test-[0-9a-f-]{36}$/)
    assert.deepEqual(rest, {
      ...jwk,
      pem_files: [],
      can_jit_provision: true,
      attribute_mapping: { email: 'email', token_id: 'session_id', external_user_id: 'sub', role_ids: 'app.roles' },
    })
  })

  test('creates a profile of PEM files, keeps their text to the letter and takes the same one twice', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { profile } = await succeed(here, here.workspace, `POST ${project.path}/trusted_token_profiles`, {
      ...withPem,
      pem_files: [pem, pem, 'no armour\n'],
    })
    assert.deepEqual(
      profile.pem_files.map(({ public_key }: { public_key: string }) => public_key),
      [pem, pem, 'no armour\n'],
    )
    const ids = profile.pem_files.map(({ pem_file_id }: { pem_file_id: string }) => pem_file_id)
    assert.equal(new Set(ids).size, 3)
    for (const id of ids) assert.match(id, /^pem-file-test-[0-9a-f-]{36}$/)
    assert.deepEqual(await list(here, project.path), [profile])
  })

  test('takes absent booleans, lists, mappings and types for their empty values', async () => {
    const here = await world(engine)
    const project = await here.project()
    const route = `POST ${project.path}/trusted_token_profiles`
    const keys = await succeed(here, here.workspace, route, { ...names, jwks_url: jwk.jwks_url })
    const { profile_id, ...rest } = keys.profile
    assert.deepEqual(rest, { ...jwk, pem_files: [], can_jit_provision: false, attribute_mapping: null })
    const { profile } = await succeed(here, here.workspace, route, {
      ...names,
      public_key_type: null,
      jwks_url: '',
      pem_files: [pem],
      can_jit_provision: null,
    })
    assert.equal(profile.public_key_type, 'PEM')
    assert.equal(profile.jwks_url, null)
  })

  test('takes the mapping as an object, as the JSON text of one, null or absent', async () => {
    const here = await world(engine)
    const project = await here.project()
    const mapping = { email: 'mail', token_id: 'jti' }
    for (const [given, shown] of [
      [mapping, mapping],
      [JSON.stringify(mapping), mapping],
      [{}, {}],
      ['{}', {}],
      [null, null],
      ['null', null],
      ['', null],
      [undefined, null],
    ]) {
      const body = { ...jwk, attribute_mapping: given }
      const { profile } = await succeed(here, here.workspace, `POST ${project.path}/trusted_token_profiles`, body)
      assert.deepEqual(profile.attribute_mapping, shown)
    }
  })

  test('takes the external id of its vertical', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const attribute_mapping = { external_member_id: 'sub', organization_id: 'org' }
    const body = { ...jwk, attribute_mapping }
    const { profile } = await succeed(here, here.workspace, `POST ${project.path}/trusted_token_profiles`, body)
    assert.deepEqual(profile.attribute_mapping, attribute_mapping)
  })

  test('accepts a URL that only the operator can allow; that is decided when keys are fetched', async () => {
    const here = await world(engine)
    const project = await here.project()
    const body = { ...jwk, jwks_url: 'http://10.0.0.1:8080/keys?tenant=1' }
    const { profile } = await succeed(here, here.workspace, `POST ${project.path}/trusted_token_profiles`, body)
    assert.equal(profile.jwks_url, body.jwks_url)
  })

  test('refuses what makes no usable profile, and creates none', async () => {
    const here = await world(engine)
    const project = await here.project()
    const privateKey = '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----'
    const type = 'trusted_token_profile_invalid_request'
    const cases: [body: object, error_type: string][] = [
      [{ ...jwk, jwks_url: undefined }, 'must_have_jwks_url_for_trusted_token_profile_with_type_jwk'],
      [{ ...jwk, jwks_url: '' }, 'must_have_jwks_url_for_trusted_token_profile_with_type_jwk'],
      [{ ...jwk, pem_files: [pem] }, 'cannot_add_pem_file_to_non_pem_trusted_token_profile'],
      [{ ...withPem, pem_files: [] }, 'must_have_pem_files_for_trusted_token_profile_with_type_pem'],
      [{ ...withPem, pem_files: undefined }, 'must_have_pem_files_for_trusted_token_profile_with_type_pem'],
      [names, 'must_have_pem_files_for_trusted_token_profile_with_type_pem'],
      [{ ...withPem, pem_files: Array(6).fill(pem) }, 'too_many_pem_files_for_trusted_token_profile'],
      [{ ...withPem, pem_files: [pem, ' '] }, type],
      [{ ...withPem, pem_files: [privateKey] }, type],
      [{ ...withPem, pem_files: ['x'.repeat(16 * 1024 + 1)] }, type],
      [{ ...jwk, name: 'x'.repeat(1025) }, type],
      [{ ...jwk, name: '' }, type],
      [{ ...jwk, audience: ' ' }, type],
      [{ ...jwk, issuer: '' }, type],
      [{ ...jwk, jwks_url: 'issuer.example/keys' }, 'invalid_jwks_url'],
      [{ ...jwk, jwks_url: 'file:///etc/passwd' }, 'invalid_jwks_url'],
      [{ ...jwk, jwks_url: 'https://user:pass@issuer.example/keys' }, 'invalid_jwks_url'],
      [{ ...withPem, jwks_url: 'nonsense' }, 'invalid_jwks_url'],
      [{ ...jwk, attribute_mapping: { email: 1 } }, type],
      [{ ...jwk, attribute_mapping: { email: '' } }, type],
      [{ ...jwk, attribute_mapping: '{"email":["mail"]}' }, type],
      [
        { ...jwk, attribute_mapping: { external_member_id: 'sub' } },
        'trusted_token_profile_incorrect_external_id_mapping',
      ],
      [
        { ...jwk, attribute_mapping: { external_member_id: 'sub', external_user_id: 'sub' } },
        'trusted_token_profile_cannot_have_multiple_external_ids',
      ],
      [{ ...jwk, attribute_mapping: 'mail' }, 'bad_request'],
      [{ ...jwk, attribute_mapping: '["mail"]' }, 'bad_request'],
      [{ ...jwk, attribute_mapping: '{"__proto__":"mail"}' }, 'bad_request'],
      [{ ...jwk, attribute_mapping: ['mail'] }, 'bad_request'],
      [{ ...jwk, attribute_mapping: 3 }, 'bad_request'],
      [{ ...jwk, name: undefined }, 'bad_request'],
      [{ ...jwk, audience: null }, 'bad_request'],
      [{ ...jwk, issuer: 1 }, 'bad_request'],
      [{ ...jwk, public_key_type: 'jwk' }, 'bad_request'],
      [{ ...withPem, pem_files: [{ public_key: pem }] }, 'bad_request'],
      [{ ...jwk, can_jit_provision: 'yes' }, 'bad_request'],
    ]
    for (const [body, error_type] of cases) {
      await refuse(here, here.workspace, `POST ${project.path}/trusted_token_profiles`, body, 400, error_type)
    }
    assert.deepEqual(await list(here, project.path), [])
    const b2b = await here.project('B2B')
    const body = { ...jwk, attribute_mapping: { external_user_id: 'sub' } }
    const wrong = 'trusted_token_profile_incorrect_external_id_mapping'
    await refuse(here, here.workspace, `POST ${b2b.path}/trusted_token_profiles`, body, 400, wrong)
  })

  test('never lets concurrent calls exceed fifty profiles', async () => {
    const here = await world(engine)
    const project = await here.project()
    const answers = await Promise.all(
      Array.from({ length: 55 }, () => call(here, here.workspace, `POST ${project.path}/trusted_token_profiles`, jwk)),
    )
    const refused = answers.filter(({ status }) => status !== 200)
    assert.equal(refused.length, 5)
    for (const { body } of refused) assert.equal(body.error_type, 'too_many_trusted_token_profiles_for_project')
    assert.equal((await list(here, project.path)).length, 50)
  })
})
