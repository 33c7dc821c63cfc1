/** DELETE …/trusted_token_profiles/{profile_id}/keys/{pem_file_id}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../support/call.ts'
import { pemFilesAt, pemProfile } from '../../../support/pem_profile.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('trustedTokenProfiles.deletePEMFile', (engine) => {
  test('removes that PEM file and makes room for another', async () => {
    const here = await world(engine)
    const { profile, path } = await pemProfile(here, ['1', '2', '3', '4', '5'])
    const route = `DELETE ${path}/keys/${profile.pem_files[1].pem_file_id}`
    await succeed(here, here.workspace, route)
    assert.deepEqual(
      (await pemFilesAt(here, path)).map(({ public_key }) => public_key),
      ['1', '3', '4', '5'],
    )
    await refuse(here, here.workspace, route, undefined, 404, 'pem_file_not_found')
    await succeed(here, here.workspace, `POST ${path}/keys`, { public_key: '6' })
  })

  test('keeps the last one, even when all are deleted at once', async () => {
    const here = await world(engine)
    const { profile, path } = await pemProfile(here, ['1', '2', '3'])
    const answers = await Promise.all(
      profile.pem_files.map(({ pem_file_id }: { pem_file_id: string }) =>
        call(here, here.workspace, `DELETE ${path}/keys/${pem_file_id}`),
      ),
    )
    const [refused, ...more] = answers.filter(({ status }) => status !== 200)
    assert.deepEqual(more, [])
    assert.equal(refused?.body.error_type, 'must_have_pem_files_for_trusted_token_profile_with_type_pem')
    assert.equal((await pemFilesAt(here, path)).length, 1)
  })

  test('refuses a PEM file of another profile, and a profile of another environment, and deletes nothing', async () => {
    const here = await world(engine)
    const [mine, other] = [await pemProfile(here, ['1', '2']), await pemProfile(here, ['1', '2'])]
    const foreign = other.profile.pem_files[0].pem_file_id
    for (const id of [foreign, 'nonsense', 'a%00b']) {
      await refuse(here, here.workspace, `DELETE ${mine.path}/keys/${id}`, undefined, 404, 'pem_file_not_found')
    }
    const crossed = `${mine.path.replace(/[^/]+$/, other.profile.profile_id)}/keys/${foreign}`
    await refuse(here, here.workspace, `DELETE ${crossed}`, undefined, 404, 'trusted_token_profile_not_found')
    for (const { path, profile } of [mine, other]) {
      assert.deepEqual(await pemFilesAt(here, path), profile.pem_files)
    }
  })
})
