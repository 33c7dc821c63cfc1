/** What an organization still asks of somebody, case by case. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Proof } from '../../../src/domain/sessions/factors.ts'
import { type Evidence, requirementsOf } from '../../../src/domain/signin/policy.ts'

const email_address = 'ada@example.com'
const link: Proof = {
  type: 'magic_link',
  delivery_method: 'email',
  email_factor: { email_id: 'member-email-test-1', email_address },
}
const password: Proof = { type: 'password', delivery_method: 'knowledge' }
const trusted: Proof = {
  type: 'trusted_auth_token',
  delivery_method: 'trusted_token_exchange',
  trusted_auth_token_factor: { token_id: 'x' },
}
const sms = (phone_id: string): Proof => ({
  type: 'otp',
  delivery_method: 'sms',
  phone_number_factor: { phone_id, phone_number: '+14155550123' },
})
const totp = (totp_id: string): Proof => ({
  type: 'totp',
  delivery_method: 'authenticator_app',
  authenticator_app_factor: { totp_id },
})

const settings: Evidence['settings'] = {
  auth_methods: 'ALL_ALLOWED',
  allowed_auth_methods: [],
  mfa_policy: 'OPTIONAL',
  mfa_methods: 'ALL_ALLOWED',
  allowed_mfa_methods: [],
}
const member: Evidence['member'] = {
  status: 'active',
  email_address,
  email_address_verified: true,
  is_breakglass: false,
  mfa_enrolled: false,
  mfa_phone: { phone_id: 'phone-1', phone_number: '+14155550123', verified: true },
  totp: { totp_id: 'totp-1', verified: true },
}
type Given = Partial<Evidence['settings'] & Evidence['member'] & Pick<Evidence, 'address_proven' | 'session_presented'>>

/** What is required with those factors: `null`, the methods to choose from, and whether a second factor is. */
function required(factors: Proof[], given: Given = {}) {
  const { primary_required, mfa_required } = requirementsOf({
    ...given,
    factors,
    settings: { ...settings, ...given },
    member: { ...member, ...given },
  })
  return [primary_required?.allowed_auth_methods ?? null, mfa_required] as const
}

const onlySso: Given = { auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso', 'password'] }
const enrolled: Given = { mfa_enrolled: true }

test('any first factor of a proven member is enough where all are allowed', () => {
  for (const factor of [link, password, trusted]) assert.deepEqual(required([factor]), [null, false])
  assert.equal(required([])[0]?.length, 9)
  assert.equal(required([sms('phone-1'), totp('totp-1')])[0]?.length, 9)
})

test('where methods are restricted one of them must be there, unless the member may break the glass', () => {
  assert.deepEqual(required([link], onlySso), [['sso', 'password'], false])
  assert.deepEqual(required([trusted], onlySso), [['sso', 'password'], false])
  assert.deepEqual(required([link, password], onlySso), [null, false])
  assert.deepEqual(required([link], { ...onlySso, is_breakglass: true }), [null, false])
  assert.equal(required([], { ...onlySso, is_breakglass: true })[0]?.length, 9)
})

test('who was not let in yet has to prove the address, by a factor of that very address', () => {
  const other: Proof = { ...link, email_factor: { email_id: 'x', email_address: 'eve@example.com' } }
  const cases: Given[] = [{ status: 'invited' }, { status: 'pending' }, { email_address_verified: false }]
  for (const given of cases) {
    assert.deepEqual(required([link], given), [null, false])
    assert.deepEqual(required([password], { ...given, address_proven: true }), [null, false])
    for (const factors of [[password], [trusted], [other], []]) {
      const [methods] = required(factors, given)
      assert.deepEqual(methods, ['sso', 'magic_link', 'password', 'google_oauth', 'microsoft_oauth', 'email_otp'])
    }
    const proving = required([password], {
      ...given,
      auth_methods: 'RESTRICTED',
      allowed_auth_methods: ['github_oauth', 'sso'],
    })
    assert.deepEqual(proving, [['sso'], false])
    assert.deepEqual(required([link], { ...given, ...onlySso, is_breakglass: true }), [null, false])
  }
})

test('a second factor is needed by policy or enrolment, and met by one of the member, or by a presented session', () => {
  const policy: Given = { mfa_policy: 'REQUIRED_FOR_ALL' }
  for (const given of [enrolled, policy, { ...policy, is_breakglass: true }]) {
    assert.deepEqual(required([link], given), [null, true])
    assert.deepEqual(required([link], { ...given, session_presented: true }), [null, false])
    assert.deepEqual(required([link, sms('phone-1')], given), [null, false])
    assert.deepEqual(required([link, totp('totp-1')], given), [null, false])
  }
})

test('the second factor of a member of another organization does not count', () => {
  assert.deepEqual(required([link, sms('phone-2'), totp('totp-2')], enrolled), [null, true])
  const bare: Given = { ...enrolled, mfa_phone: null, totp: null }
  assert.deepEqual(required([link, sms('phone-1'), totp('totp-1')], bare), [null, true])
})

test('second factors that the organization does not allow do not count, unless the member may break the glass', () => {
  const given: Given = { ...enrolled, mfa_methods: 'RESTRICTED', allowed_mfa_methods: ['totp'] }
  assert.deepEqual(required([link, sms('phone-1')], given), [null, true])
  assert.deepEqual(required([link, totp('totp-1')], given), [null, false])
  assert.deepEqual(required([link, sms('phone-1')], { ...given, is_breakglass: true }), [null, false])
})

test('both factors can be missing at once', () => {
  assert.deepEqual(required([link], { ...onlySso, ...enrolled }), [['sso', 'password'], true])
})
