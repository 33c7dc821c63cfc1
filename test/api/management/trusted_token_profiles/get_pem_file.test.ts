/** GET …/trusted_token_profiles/{profile_id}/keys/{pem_file_id}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { pemProfile } from '../../../support/pem_profile.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('trustedTokenProfiles.getPEMFile', (engine) => {
  test('answers with that PEM file of the profile', async () => {
    const here = await world(engine)
    const { profile, path } = await pemProfile(here, ['first', 'second'])
    for (const file of profile.pem_files) {
      const { pem_file } = await succeed(here, here.workspace, `GET ${path}/keys/${file.pem_file_id}`)
      assert.deepEqual(pem_file, file)
    }
  })

  test('refuses a PEM file of another profile, and a profile of another environment', async () => {
    const here = await world(engine)
    const [mine, other] = [await pemProfile(here, ['first']), await pemProfile(here, ['first'])]
    const foreign = other.profile.pem_files[0].pem_file_id
    for (const id of [foreign, 'nonsense', 'a%00b', 'pem-file-test-00000000-0000-4000-8000-000000000000']) {
      await refuse(here, here.workspace, `GET ${mine.path}/keys/${id}`, undefined, 404, 'pem_file_not_found')
    }
    const crossed = `${mine.path.replace(/[^/]+$/, other.profile.profile_id)}/keys/${foreign}`
    await refuse(here, here.workspace, `GET ${crossed}`, undefined, 404, 'trusted_token_profile_not_found')
  })
})
