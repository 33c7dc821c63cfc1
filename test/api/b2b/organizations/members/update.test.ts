/** PUT /v1/b2b/organizations/{organization_id}/members/{member_id}: each field, every refusal, and what a new address brings about. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { findPassword, storePassword } from '../../../../../src/domain/passwords/password.ts'
import { issueOneTimeCode } from '../../../../../src/domain/proofs/one_time_code.ts'
import { issueOneTimeToken, listOneTimeTokens } from '../../../../../src/domain/proofs/one_time_token.ts'
import { rfc3339, SECOND } from '../../../../../src/values/time.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import {
  give,
  isSignedIn,
  membersOf,
  newMember,
  organizationIn,
  provenMember,
  race,
  readMember,
  signIn,
  stored,
} from '../../../../support/members.ts'
import { environmentOf, newOrganization, setB2bPolicy } from '../../../../support/organizations.ts'
import { onBothEngines } from '../../../../support/world.ts'

const roleIds = ({ roles }: { roles: { role_id: string }[] }) => roles.map(({ role_id }) => role_id)

onBothEngines('organizations.members.update', (engine) => {
  test('changes what is given and nothing else', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    await setB2bPolicy(here, project, { custom_roles: [{ role_id: 'editor', description: '', permissions: [] }] })
    const before = await newMember(here, project, organization, {
      name: 'Ada',
      trusted_metadata: { plan: 'pro', seats: 5 },
      untrusted_metadata: { theme: 'dark' },
      external_id: 'ada',
      roles: ['stytch_admin'],
    })
    here.clock.advance(SECOND)
    const changes: [body: object, shown: object][] = [
      [{ name: 'Ada Lovelace' }, { name: 'Ada Lovelace' }],
      [{ name: '' }, { name: '' }],
      [{ is_breakglass: true }, { is_breakglass: true }],
      [{ mfa_enrolled: true }, { mfa_enrolled: true }],
      [{ trusted_metadata: { seats: null, city: 'Paris' } }, { trusted_metadata: { plan: 'pro', city: 'Paris' } }],
      [{ untrusted_metadata: { theme: { dark: true } } }, { untrusted_metadata: { theme: { dark: true } } }],
      [{ external_id: 'ada|2' }, { external_id: 'ada|2' }],
      [{ mfa_phone_number: '+14155550123' }, { mfa_phone_number: '+14155550123' }],
      [{ default_mfa_method: 'sms_otp' }, { default_mfa_method: 'sms_otp' }],
      [
        { mfa_enrolled: false, is_breakglass: false },
        { mfa_enrolled: false, is_breakglass: false },
      ],
      [{}, {}],
      [{ external_id: '', mfa_phone_number: '', email_address: '', default_mfa_method: '' }, {}],
      [{ name: null, roles: null, preserve_existing_sessions: true, unlink_email: true }, {}],
      [{ email_address: before.email_address.toUpperCase() }, {}],
    ]
    let expected = { ...before, updated_at: rfc3339(here.clock.now()) }
    for (const [body, shown] of changes) {
      const reply = await succeed(here, project, `PUT ${members}/${before.member_id}`, body)
      expected = { ...expected, ...shown }
      assert.deepEqual(reply.member, expected, JSON.stringify(body))
      assert.equal(reply.member_id, before.member_id)
      assert.equal(reply.organization.organization_id, organization.organization_id)
    }
    const { member } = await succeed(here, project, `PUT ${members}/${before.member_id}`, { roles: ['editor'] })
    assert.deepEqual([roleIds(member), member.is_admin], [['stytch_member', 'editor'], false])
    assert.deepEqual(await readMember(here, project, before), member)
    // The old external id is free, the new one finds the member.
    await newMember(here, project, organization, { external_id: 'ada' })
    await succeed(here, project, `PUT ${members}/${encodeURIComponent('ada|2')}`, {})
  })

  test('refuses what has the wrong form, is taken or cannot be, and changes nothing', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    await newMember(here, project, organization, {
      email_address: 'bob@example.com',
      mfa_phone_number: '+12125550199',
      external_id: 'bob',
    })
    const ada = await newMember(here, project, organization, { mfa_phone_number: '+14155550123', external_id: 'ada' })
    const eve = await newMember(here, project, organization, { external_id: 'eve' })
    const cases: [member: typeof ada, body: object, error_type: string][] = [
      [ada, { name: 7 }, 'bad_request'],
      [ada, { name: 'x'.repeat(257) }, 'bad_request'],
      [ada, { is_breakglass: 'yes' }, 'bad_request'],
      [ada, { roles: 'editor' }, 'bad_request'],
      [ada, { roles: ['editor'] }, 'invalid_rbac_role_assignment'],
      [ada, { trusted_metadata: 'x' }, 'metadata_invalid_format'],
      [ada, { untrusted_metadata: { x: 'x'.repeat(4096) } }, 'metadata_too_large'],
      [ada, { external_id: 'a b' }, 'bad_request'],
      [ada, { external_id: 'user-test-1' }, 'bad_request'],
      [ada, { external_id: 'bob' }, 'duplicate_member_external_id'],
      [ada, { email_address: 'nonsense' }, 'invalid_email'],
      [ada, { email_address: 'Bob@example.com' }, 'duplicate_member_email'],
      [ada, { mfa_phone_number: '+14155550177' }, 'duplicate_member_phone_number_for_member'],
      [ada, { mfa_phone_number: '+14155550123' }, 'duplicate_member_phone_number_for_member'],
      [ada, { mfa_phone_number: '4155550123' }, 'invalid_phone_number'],
      [ada, { default_mfa_method: 'email_otp' }, 'invalid_mfa_default_method'],
      [ada, { default_mfa_method: 'totp' }, 'default_mfa_member_missing_factor'],
      [eve, { mfa_phone_number: '+12125550199' }, 'duplicate_member_phone_number'],
      [eve, { mfa_phone_number: '+14155550177', default_mfa_method: 'totp' }, 'default_mfa_member_missing_factor'],
      [eve, { default_mfa_method: 'sms_otp' }, 'default_mfa_member_missing_factor'],
      [eve, { email_address: 'new@example.com', external_id: 'bob' }, 'duplicate_member_external_id'],
    ]
    for (const [{ member_id }, body, error_type] of cases) {
      await refuse(here, project, `PUT ${members}/${member_id}`, body, 400, error_type)
    }
    for (const member of [ada, eve]) assert.deepEqual(await readMember(here, project, member), member)
    // Nothing that a refused call would have taken is taken.
    await newMember(here, project, organization, {
      email_address: 'new@example.com',
      mfa_phone_number: '+14155550177',
    })
    // A number may come together with its being the default.
    const body = { mfa_phone_number: '+14155550178', default_mfa_method: 'sms_otp' }
    const { member } = await succeed(here, project, `PUT ${members}/${eve.member_id}`, body)
    assert.deepEqual([member.mfa_phone_number, member.default_mfa_method], ['+14155550178', 'sms_otp'])
  })

  test('an authenticator app counts as a factor once it is verified', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization)
    const totp_id = `member-totp-test-${randomUUID()}`
    const body = { default_mfa_method: 'totp' }
    await give(here, project, member_id, { totp: { totp_id, verified: false } })
    assert.equal((await readMember(here, project, { member_id })).totp_registration_id, '')
    await refuse(here, project, `PUT ${members}/${member_id}`, body, 400, 'default_mfa_member_missing_factor')
    await give(here, project, member_id, { totp: { totp_id, verified: true } })
    const { member } = await succeed(here, project, `PUT ${members}/${member_id}`, body)
    assert.deepEqual([member.default_mfa_method, member.totp_registration_id], ['totp', totp_id])
  })

  test('a new address is unverified, ends the password, retires the old one, and leaves sessions', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const environment = await environmentOf(here, project)
    const old = `${randomUUID()}@example.com`
    const { member_id } = await provenMember(here, project, organization, { email_address: old })
    const { email_id } = await stored(here, project, member_id)
    const password_id = `member-password-test-${randomUUID()}`
    await give(here, project, member_id, { password: { password_id, inherited: false } })
    const kept = { project_id: project.id, owner_id: member_id, password_id, accepted_by: '' }
    await storePassword(here.app, { ...kept, scheme: 'argon_2id', hash: 'x' })
    await signIn(here, project, member_id)
    const attributes = { ip_address: '', user_agent: '' }
    const proof = { owner_id: member_id, method_id: email_id, minutes: 60 }
    await issueOneTimeToken(here.app, environment, {
      ...proof,
      purpose: 'magic link',
      details: { kind: 'login', attributes },
    })
    await issueOneTimeCode(here.app, environment, { ...proof, details: { channel: 'email', attributes } })

    const email_address = `${randomUUID()}@example.com`
    const { member } = await succeed(here, project, `PUT ${members}/${member_id}`, { email_address })
    assert.deepEqual(
      [member.email_address, member.email_address_verified, member.member_password_id, member.status],
      [email_address, false, '', 'active'],
    )
    assert.deepEqual(member.retired_email_addresses, [{ email_id, email_address: old }])
    assert.equal(await findPassword(here.app, environment, member_id), undefined)
    assert.deepEqual(await listOneTimeTokens(here.app, environment, member_id), [])
    assert.equal(await isSignedIn(here, project, member_id), true)
    assert.notEqual((await stored(here, project, member_id)).email_id, email_id)
    // Nobody else can take the retired address, but the member can go back to it, to the same id.
    await refuse(here, project, `POST ${members}`, { email_address: old }, 400, 'retired_member_email')
    const other = await newMember(here, project, organization)
    await refuse(
      here,
      project,
      `PUT ${members}/${other.member_id}`,
      { email_address: old },
      400,
      'retired_member_email',
    )
    const back = await succeed(here, project, `PUT ${members}/${member_id}`, { email_address: old })
    assert.deepEqual(
      [back.member.email_address, back.member.email_address_verified, back.member.retired_email_addresses.length],
      [old, false, 1],
    )
    assert.equal((await stored(here, project, member_id)).email_id, email_id)
  })

  test('with unlink_email the old address is free at once', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization, { email_address: 'old@example.com' })
    const body = { email_address: 'new@example.com', unlink_email: true }
    const { member } = await succeed(here, project, `PUT ${members}/${member_id}`, body)
    assert.deepEqual([member.email_address, member.retired_email_addresses], ['new@example.com', []])
    await newMember(here, project, organization, { email_address: 'old@example.com' })
    await refuse(here, project, `POST ${members}`, { email_address: 'new@example.com' }, 400, 'duplicate_member_email')
  })

  test('roles by email domain follow the verified address', async () => {
    const { here, project, organization, members } = await organizationIn(engine, {
      rbac_email_implicit_role_assignments: [{ domain: 'example.com', role_id: 'stytch_admin' }],
    })
    const { member_id } = await newMember(here, project, organization, { email_address: 'ada@example.com' })
    assert.equal((await readMember(here, project, { member_id })).is_admin, false)
    await give(here, project, member_id, { email_address_verified: true })
    const proven = await readMember(here, project, { member_id })
    assert.equal(proven.is_admin, true)
    assert.deepEqual(proven.roles[1], {
      role_id: 'stytch_admin',
      sources: [{ type: 'email_assignment', details: { email_domain: 'example.com' } }],
    })
    const body = { email_address: 'eve@example.com' }
    assert.equal((await succeed(here, project, `PUT ${members}/${member_id}`, body)).member.is_admin, false)
  })

  test('a member of another organization or environment is not found', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const member = await newMember(here, project, organization, { external_id: 'ada' })
    const other = await newOrganization(here, project)
    const elsewhere = await here.project('B2B')
    const foreign = await newMember(here, elsewhere, await newOrganization(here, elsewhere))
    const body = { name: 'Eve' }
    const at = (place: string, id: string) => `PUT ${place}/${id}`
    await refuse(here, project, at(membersOf(other), member.member_id), body, 404, 'member_not_found')
    await refuse(here, project, at(membersOf(other), 'ada'), body, 404, 'member_not_found')
    await refuse(here, project, at(members, foreign.member_id), body, 404, 'member_not_found')
    await refuse(here, project, at(members, `member-test-${randomUUID()}`), body, 404, 'member_not_found')
    await refuse(here, project, at(members, 'member-test-1'), body, 400, 'invalid_id')
    await refuse(here, project, at(members, 'a b'.replace(' ', '%20')), body, 400, 'invalid_id')
    const live = `member-live-${randomUUID()}`
    await refuse(here, project, at(members, live), body, 400, 'live_id_used_in_test_environment')
    await succeed(here, project, `DELETE ${members}/${member.member_id}`)
    await refuse(here, project, at(members, member.member_id), body, 404, 'member_not_found')
    assert.equal((await readMember(here, project, member)).name, '')
    assert.equal((await readMember(here, elsewhere, foreign)).name, '')
  })

  test('of many members who take one address at once, one gets it', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const ids: string[] = []
    for (let n = 0; n < 20; n++) ids.push((await newMember(here, project, organization)).member_id)
    const route = (index: number) => `PUT ${members}/${ids[index % 20]}`
    const counts = await race(here, project, route, () => ({ email_address: 'wanted@example.com' }), 20)
    assert.deepEqual(counts, { 200: 1, duplicate_member_email: 19 })
    const phones = await race(here, project, route, () => ({ mfa_phone_number: '+14155550123' }), 20)
    assert.deepEqual(phones, { 200: 1, duplicate_member_phone_number: 19 })
  })

  test('changes of one member at the same time all count', async () => {
    const { here, project, organization, members } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization)
    const body = (index: number) => ({ untrusted_metadata: { [`k${index}`]: index } })
    assert.deepEqual(await race(here, project, () => `PUT ${members}/${member_id}`, body, 15), { 200: 15 })
    const { untrusted_metadata } = await readMember(here, project, { member_id })
    assert.equal(Object.keys(untrusted_metadata).length, 15)
  })
})
