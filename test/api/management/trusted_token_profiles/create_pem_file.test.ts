/** POST …/trusted_token_profiles/{profile_id}/keys. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../support/call.ts'
import { pemFilesAt, pemProfile } from '../../../support/pem_profile.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('trustedTokenProfiles.createPEMFile', (engine) => {
  test('adds the text as given, after the others', async () => {
    const here = await world(engine)
    const { profile, path } = await pemProfile(here, ['first'])
    const public_key = '-----BEGIN PUBLIC KEY-----\nnot a key\n-----END PUBLIC KEY-----\n'
    const { pem_file } = await succeed(here, here.workspace, `POST ${path}/keys`, { public_key })
    assert.equal(pem_file.public_key, public_key)
    assert.deepEqual(await pemFilesAt(here, path), [...profile.pem_files, pem_file])
  })

  test('never lets concurrent additions exceed five PEM files', async () => {
    const here = await world(engine)
    const { path } = await pemProfile(here, ['first'])
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        call(here, here.workspace, `POST ${path}/keys`, { public_key: `key ${index}` }),
      ),
    )
    const added = answers.filter(({ status }) => status === 200)
    assert.equal(added.length, 4)
    for (const { status, body } of answers.filter((answer) => !added.includes(answer))) {
      assert.deepEqual([status, body.error_type], [400, 'too_many_pem_files_for_trusted_token_profile'])
    }
    const held = await pemFilesAt(here, path)
    assert.equal(held.length, 5)
    for (const { body } of added) {
      assert.ok(held.some(({ pem_file_id }) => pem_file_id === body.pem_file.pem_file_id))
    }
  })

  test('refuses a profile of another type, and text that is no public key, and adds nothing', async () => {
    const here = await world(engine)
    const { profile, path } = await pemProfile(here, ['first'])
    const privateKey = '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----'
    for (const [body, error_type] of [
      [{ public_key: '' }, 'trusted_token_profile_invalid_request'],
      [{ public_key: privateKey }, 'trusted_token_profile_invalid_request'],
      [{}, 'bad_request'],
      [{ public_key: ['first'] }, 'bad_request'],
    ] as const) {
      await refuse(here, here.workspace, `POST ${path}/keys`, body, 400, error_type)
    }
    assert.deepEqual(await pemFilesAt(here, path), profile.pem_files)

    const profiles = path.replace(/\/[^/]+$/, '')
    const jwk = { name: 'n', audience: 'a', issuer: 'i', jwks_url: 'https://issuer.example/keys' }
    const { profile_id } = (await succeed(here, here.workspace, `POST ${profiles}`, jwk)).profile
    const type = 'cannot_add_pem_file_to_non_pem_trusted_token_profile'
    await refuse(here, here.workspace, `POST ${profiles}/${profile_id}/keys`, { public_key: 'x' }, 400, type)
    assert.deepEqual(await pemFilesAt(here, `${profiles}/${profile_id}`), [])
  })

  test('refuses whatever is no profile of that environment', async () => {
    const here = await world(engine)
    const [mine, other] = [await pemProfile(here, ['first']), await pemProfile(here, ['first'])]
    for (const id of [other.profile.profile_id, 'nonsense', 'a%00b']) {
      const route = `POST ${mine.path.replace(/[^/]+$/, id)}/keys`
      await refuse(here, here.workspace, route, { public_key: 'x' }, 404, 'trusted_token_profile_not_found')
    }
    assert.deepEqual(await pemFilesAt(here, other.path), other.profile.pem_files)
  })
})
