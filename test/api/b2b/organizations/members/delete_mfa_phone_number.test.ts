/** DELETE …/members/mfa_phone_numbers/{member_id}: the number and its codes go, sessions stay. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { checkOneTimeCode, issueOneTimeCode } from '../../../../../src/domain/proofs/one_time_code.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import {
  give,
  isSignedIn,
  membersOf,
  newMember,
  organizationIn,
  race,
  readMember,
  signIn,
  stored,
} from '../../../../support/members.ts'
import { environmentOf, newOrganization } from '../../../../support/organizations.ts'
import { onBothEngines } from '../../../../support/world.ts'

onBothEngines('organizations.members.deleteMFAPhoneNumber', (engine) => {
  test('takes the number with pending codes; sessions stay, and the number is free', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const environment = await environmentOf(here, project)
    const given = { mfa_phone_number: '+14155550123', mfa_enrolled: true, external_id: 'ada' }
    const { member_id } = await newMember(here, project, organization, given)
    await succeed(here, project, `PUT ${members}/${member_id}`, { default_mfa_method: 'sms_otp' })
    await signIn(here, project, member_id)
    const { mfa_phone } = await stored(here, project, member_id)
    const method_id = mfa_phone?.phone_id as string
    const details = { channel: 'sms' as const, attributes: { ip_address: '', user_agent: '' } }
    const code = await issueOneTimeCode(here.app, environment, { owner_id: member_id, method_id, details, minutes: 2 })
    const reply = await succeed(here, project, `DELETE ${members}/mfa_phone_numbers/ada`, {})
    const { member } = reply
    assert.deepEqual(
      [member.member_id, member.mfa_phone_number, member.mfa_phone_number_verified, member.default_mfa_method],
      [member_id, '', false, ''],
    )
    assert.equal(member.mfa_enrolled, true)
    assert.deepEqual(await readMember(here, project, { member_id }), member)
    assert.equal((await checkOneTimeCode(here.app, environment, method_id, code)).verdict, 'wrong')
    assert.equal(await isSignedIn(here, project, member_id), true)
    const { mfa_phone_number } = given
    await newMember(here, project, organization, { mfa_phone_number })
    const body = { mfa_phone_number: '+14155550199' }
    assert.equal(
      (await succeed(here, project, `PUT ${members}/${member_id}`, body)).member.mfa_phone_number,
      '+14155550199',
    )
  })

  test('an authenticator app becomes the default when the number was it', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization, { mfa_phone_number: '+14155550123' })
    const totp = { totp_id: `member-totp-test-${randomUUID()}`, verified: true }
    await give(here, project, member_id, { totp, default_mfa_method: 'sms_otp' })
    const { member } = await succeed(here, project, `DELETE ${members}/mfa_phone_numbers/${member_id}`)
    assert.equal(member.default_mfa_method, 'totp')
  })

  test('refuses a member without a number, and members of elsewhere', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const ada = await newMember(here, project, organization, { mfa_phone_number: '+14155550123' })
    const bob = await newMember(here, project, organization)
    const none = 'member_phone_number_not_found'
    await refuse(here, project, `DELETE ${members}/mfa_phone_numbers/${bob.member_id}`, {}, 404, none)
    const other = membersOf(await newOrganization(here, project))
    await refuse(here, project, `DELETE ${other}/mfa_phone_numbers/${ada.member_id}`, {}, 404, 'member_not_found')
    await refuse(here, project, `DELETE ${members}/mfa_phone_numbers/member-test-1`, {}, 400, 'invalid_id')
    assert.deepEqual(await readMember(here, project, ada), ada)
    const route = () => `DELETE ${members}/mfa_phone_numbers/${ada.member_id}`
    assert.deepEqual(await race(here, project, route, () => ({}), 20), { 200: 1, [none]: 19 })
  })
})
