/** DELETE …/members/{member_id}/totp: the app and its recovery codes go, sessions stay. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTotp, findTotp } from '../../../../../src/domain/proofs/totp/totp.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import {
  give,
  isSignedIn,
  membersOf,
  newMember,
  organizationIn,
  readMember,
  signIn,
  stored,
} from '../../../../support/members.ts'
import { environmentOf, newOrganization } from '../../../../support/organizations.ts'
import { type Engine, onBothEngines } from '../../../../support/world.ts'

async function enrolled(engine: Engine, verified: boolean) {
  const place = await organizationIn(engine)
  const { here, project, organization } = place
  const environment = await environmentOf(here, project)
  const { member_id } = await newMember(here, project, organization, { external_id: 'ada' })
  const { totp } = await createTotp(here.app, environment, member_id, { id_prefix: 'member-totp', minutes: 60 })
  await give(here, project, member_id, { totp: { totp_id: totp.totp_id, verified }, default_mfa_method: 'totp' })
  return { ...place, environment, member_id }
}

onBothEngines('organizations.members.deleteTOTP', (engine) => {
  test('takes the app, verified or not, and leaves sessions', async () => {
    for (const verified of [true, false]) {
      const { here, project, members, environment, member_id } = await enrolled(engine, verified)
      await signIn(here, project, member_id)
      const { member } = await succeed(here, project, `DELETE ${members}/ada/totp`, {})
      assert.deepEqual([member.totp_registration_id, member.default_mfa_method], ['', ''])
      assert.deepEqual(await readMember(here, project, { member_id }), member)
      assert.equal(await findTotp(here.app, environment, member_id), undefined)
      assert.equal((await stored(here, project, member_id)).totp, null)
      assert.equal(await isSignedIn(here, project, member_id), true)
      await refuse(here, project, `DELETE ${members}/${member_id}/totp`, {}, 404, 'totp_not_found')
    }
  })

  test('a verified number becomes the default when the app was it', async () => {
    for (const verified of [true, false]) {
      const { here, project, members, member_id } = await enrolled(engine, true)
      const phone_id = 'member-phone-test-11111111-1111-4111-8111-111111111111'
      await give(here, project, member_id, { mfa_phone: { phone_id, phone_number: '+14155550123', verified } })
      const { member } = await succeed(here, project, `DELETE ${members}/${member_id}/totp`)
      assert.equal(member.default_mfa_method, verified ? 'sms_otp' : '')
    }
  })

  test('a member of another organization is not found', async () => {
    const { here, project, member_id } = await enrolled(engine, true)
    const before = await readMember(here, project, { member_id })
    const other = membersOf(await newOrganization(here, project))
    await refuse(here, project, `DELETE ${other}/${member_id}/totp`, {}, 404, 'member_not_found')
    assert.deepEqual(await readMember(here, project, { member_id }), before)
  })
})
