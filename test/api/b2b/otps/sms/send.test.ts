/** POST /v1/b2b/otps/sms/send. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { newToken } from '../../../../../src/crypto/tokens.ts'
import { newId } from '../../../../../src/values/id.ts'
import { MINUTE } from '../../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../../support/call.ts'
import { lastMessage } from '../../../../support/inbox.ts'
import { give, memberIn, stored } from '../../../../support/members.ts'
import { newOrganization } from '../../../../support/organizations.ts'
import {
  callsAbout,
  count,
  memberScene,
  phone,
  sendRoute as route,
  smsRoute,
  updateOrganization,
  verifiedPhone,
} from '../../../../support/second_factor.ts'
import { liveCredentials } from '../../../../support/users.ts'
import { onBothEngines } from '../../../../support/world.ts'

const other = '+12125550199'
const inactive = [400, 'action_available_only_for_active_members'] as const
const primaryFirst = [400, 'action_available_only_once_primary_authentication_is_met'] as const
const barred = [403, 'operation_restricted_by_organization_mfa_methods'] as const
const mismatch = [400, 'member_session_member_id_mismatch'] as const
const taken = [400, 'duplicate_member_phone_number'] as const

onBothEngines('otps.sms.send', (engine) => {
  test('attaches the number, unverified, and sends a code that lasts two minutes', async () => {
    const { here, project, organization, member, succeedAt } = await memberScene(engine)
    const reply = await succeedAt(route, { mfa_phone_number: ' +1 (415) 555-0123'.replace(/[ ()-]/g, '') })
    assert.equal(reply.member_id, member.member_id)
    assert.equal(reply.organization.organization_id, organization.organization_id)
    const { mfa_phone_number, mfa_phone_number_verified, mfa_enrolled, default_mfa_method } = reply.member
    assert.deepEqual(
      [mfa_phone_number, mfa_phone_number_verified, mfa_enrolled, default_mfa_method],
      [phone, false, false, ''],
    )
    const message = await lastMessage(here, phone, project)
    assert.match(message.code ?? '', /^[0-9]{6}$/)
    assert.match(message.text, new RegExp(`${message.code}.*2 minutes`))
    assert.deepEqual([message.channel, message.template, message.locale], ['sms', 'otp_mfa', 'en'])
  })

  test('writes in the language that is asked for', async () => {
    const { here, project, succeedAt, refuseAt } = await memberScene(engine, { parts: verifiedPhone() })
    for (const [locale, language] of [
      ['pt-br', 'pt-br'],
      ['fr', 'fr'],
      ['es', 'es'],
      [null, 'en'],
    ]) {
      await succeedAt(route, { locale })
      assert.equal((await lastMessage(here, phone, project)).locale, language)
    }
    for (const locale of ['it', 'EN', '', 7]) await refuseAt(route, { locale }, [400, 'invalid_locale'])
  })

  test('names organization and member by slug and external ids, too', async () => {
    const { here, project, organization, member, sent } = await memberScene(engine, {
      settings: { organization_slug: 'acme', organization_external_id: 'crm|7' },
      given: { external_id: 'hr|9' },
      parts: verifiedPhone(),
    })
    const ids = [organization.organization_id, 'ACME', 'crm|7']
    for (const organization_id of ids) {
      await succeed(here, project, route, { organization_id, member_id: 'hr|9' })
      assert.equal(
        (await succeed(here, project, route, { organization_id, member_id: member.member_id })).member_id,
        member.member_id,
      )
      here.clock.advance(10 * MINUTE)
    }
    assert.equal((await sent()).length, 6)
  })

  test('sends to the number on file, given or not, and refuses any other one until it is deleted', async () => {
    for (const verified of [true, false]) {
      const { mfa_phone } = verifiedPhone()
      const { here, project, member, succeedAt, refuseAt, sent, signIn, now } = await memberScene(engine, {
        parts: { mfa_phone: { ...mfa_phone, verified } },
      })
      await succeedAt(route)
      await succeedAt(route, { mfa_phone_number: phone })
      await succeedAt(route, { mfa_phone_number: '' })
      const { session_token } = await signIn()
      const refusal = [400, 'duplicate_member_phone_number_for_member'] as const
      await refuseAt(route, { mfa_phone_number: other }, refusal)
      await refuseAt(route, { mfa_phone_number: other, session_token }, refusal)
      assert.equal((await sent()).length, 3)
      assert.equal((await sent(other)).length, 0)
      assert.equal((await now()).mfa_phone?.phone_number, phone)
      await give(here, project, member.member_id, { mfa_phone: null })
      await succeedAt(route, { mfa_phone_number: other })
    }
  })

  test('refuses a member without a number when none is given', async () => {
    const { refuseAt } = await memberScene(engine)
    const missing = [404, 'member_phone_number_not_found'] as const
    await refuseAt(route, {}, missing)
    await refuseAt(route, { mfa_phone_number: null }, missing)
  })

  test('refuses what is no number, or in a country that is not allowed, and attaches nothing', async () => {
    const { refuseAt, now } = await memberScene(engine)
    for (const mfa_phone_number of ['4155550123', '+1 415 555 0123', 'x', '+10000000000']) {
      await refuseAt(route, { mfa_phone_number }, [400, 'invalid_phone_number'])
    }
    await refuseAt(route, { mfa_phone_number: 4155550123 }, [400, 'bad_request'])
    await refuseAt(route, { mfa_phone_number: '+4915112345678' }, [400, 'invalid_phone_number_country_code'])
    assert.equal((await now()).mfa_phone, null)
  })

  test('refuses the number of another member of the organization, but not one of another organization', async () => {
    const { here, project, organization, refuseAt, now } = await memberScene(engine)
    const first = await memberIn(here, project, organization, { mfa_phone_number: phone })
    await refuseAt(route, { mfa_phone_number: phone }, taken)
    assert.equal((await now()).mfa_phone, null)
    assert.equal((await stored(here, project, first.member_id)).mfa_phone?.phone_number, phone)
    const elsewhere = await newOrganization(here, project)
    const member = await memberIn(here, project, elsewhere)
    await callsAbout(here, project, elsewhere, member).succeedAt(route, { mfa_phone_number: phone })
  })

  test('of two members who claim one number at once, one gets it', async () => {
    const { here, project, organization, member } = await memberScene(engine)
    const members = [member, await memberIn(here, project, organization)]
    const bodies = members.map(({ member_id }) => ({
      organization_id: organization.organization_id,
      member_id,
      mfa_phone_number: phone,
    }))
    const answers = await Promise.all(bodies.map((body) => call(here, project, route, body)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400])
    assert.equal(count(answers, taken), 1)
    const numbers = await Promise.all(
      members.map(async ({ member_id }) => (await stored(here, project, member_id)).mfa_phone),
    )
    assert.equal(numbers.filter((one) => one !== null).length, 1)
  })

  test('of a hundred calls with two numbers at once, one attaches its number and the others of it send', async () => {
    const { here, ask, now, sent } = await memberScene(engine)
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => ask(route, { mfa_phone_number: index % 2 ? phone : other })),
    )
    const number = (await now()).mfa_phone?.phone_number as string
    assert.equal(count(answers, [400, 'duplicate_member_phone_number_for_member']), 50)
    assert.equal(count(answers, [429, 'too_many_requests']), 45)
    assert.deepEqual([(await sent(number)).length, (await sent(number === phone ? other : phone)).length], [5, 0])
    here.clock.advance(10 * MINUTE)
  })

  test('five messages go to a number in ten minutes; the refused one leaves the code before it', async () => {
    const { here, newCode, ask, sent, signIn, succeedAt } = await memberScene(engine, { parts: verifiedPhone() })
    for (let n = 0; n < 4; n++) await newCode()
    const code = await newCode()
    const { status, body, headers } = await ask(route, {})
    assert.deepEqual([status, body.error_type, headers['retry-after']], [429, 'too_many_requests', '600'])
    assert.equal((await sent()).length, 5)
    const { session_token } = await signIn()
    await succeedAt(smsRoute, { code, session_token })
    here.clock.advance(10 * MINUTE)
    await newCode()
  })

  test('a refused send attaches no number', async () => {
    const { here, project, organization, refuseAt, now } = await memberScene(engine)
    const rival = await memberIn(here, project, await newOrganization(here, project), { mfa_phone_number: phone })
    for (let n = 0; n < 5; n++) {
      await succeed(here, project, route, { organization_id: rival.organization_id, member_id: rival.member_id })
    }
    await refuseAt(route, { mfa_phone_number: phone }, [429, 'too_many_requests'])
    assert.equal((await now()).mfa_phone, null)
    await memberIn(here, project, organization, { mfa_phone_number: phone })
  })

  test('somebody invited or pending is refused without an intermediate session that lets them in', async () => {
    for (const status of ['pending', 'invited'] as const) {
      const { refuseAt, signIn, now, sent } = await memberScene(engine, {
        given: { status, email_address_verified: false, mfa_enrolled: true },
      })
      const mfa_phone_number = phone
      await refuseAt(route, { mfa_phone_number }, inactive)
      const unproven = await signIn({ type: 'password', delivery_method: 'knowledge' })
      assert.notEqual(unproven.primary_required, null)
      const { intermediate_session_token } = unproven
      await refuseAt(route, { mfa_phone_number, intermediate_session_token }, primaryFirst)
      assert.deepEqual([(await now()).status, (await now()).mfa_phone, (await sent()).length], [status, null, 0])
    }
  })

  test('an intermediate session lets somebody pending in, verifies the address, and is not used up', async () => {
    const { here, project, member, succeedAt, signIn, now } = await memberScene(engine, {
      settings: { mfa_policy: 'REQUIRED_FOR_ALL' },
    })
    const { intermediate_session_token } = await signIn()
    // Somebody set the member back meanwhile.
    await give(here, project, member.member_id, { status: 'pending', email_address_verified: false })
    const reply = await succeedAt(route, { mfa_phone_number: phone, intermediate_session_token })
    assert.deepEqual([reply.member.status, reply.member.email_address_verified], ['active', true])
    assert.equal((await now()).status, 'active')
    await succeedAt(route, { intermediate_session_token })
    const { code } = await lastMessage(here, phone, project)
    await succeedAt(smsRoute, { code, intermediate_session_token })
  })

  test('an intermediate session must meet what the organization requires of the first factor', async () => {
    const { here, project, organization, signIn, refuseAt, succeedAt, sent } = await memberScene(engine, {
      settings: { auth_methods: 'RESTRICTED', allowed_auth_methods: ['password'] },
      parts: verifiedPhone(),
    })
    const { intermediate_session_token } = await signIn()
    await refuseAt(route, { intermediate_session_token }, primaryFirst)
    assert.equal((await sent()).length, 0)
    await updateOrganization(here, project, organization, { auth_methods: 'ALL_ALLOWED' })
    await succeedAt(route, { intermediate_session_token })
  })

  test('who has an authenticator app has to have proven it before a number is attached', async () => {
    const totp_id = newId('member-totp', 'TEST')
    const { here, project, member, succeedAt, refuseAt, signIn, now } = await memberScene(engine, {
      parts: { totp: { totp_id, verified: true }, mfa_enrolled: true },
    })
    const unproven = [404, 'secondary_factor_not_found'] as const
    const mfa_phone_number = phone
    const { intermediate_session_token } = await signIn()
    await refuseAt(route, { mfa_phone_number }, unproven)
    await refuseAt(route, { mfa_phone_number, intermediate_session_token }, unproven)
    const app = (id: string) =>
      ({ type: 'totp', delivery_method: 'authenticator_app', authenticator_app_factor: { totp_id: id } }) as const
    const stepped = await signIn(app(newId('member-totp', 'TEST')), { address_proven: true, carried: [] })
    await refuseAt(
      route,
      { mfa_phone_number, intermediate_session_token: stepped.intermediate_session_token },
      primaryFirst,
    )
    assert.equal((await now()).mfa_phone, null)
    const times = { created_at: '', updated_at: '', last_authenticated_at: '' }
    const wrong = await signIn(undefined, { carried: [{ ...app(newId('member-totp', 'TEST')), ...times }] })
    await refuseAt(route, { mfa_phone_number, session_token: wrong.session_token }, unproven)
    const right = await signIn(undefined, { carried: [{ ...app(totp_id), ...times }] })
    await succeedAt(route, { mfa_phone_number, session_token: right.session_token })
    // From now on it is on file, and sending there needs nothing.
    await succeedAt(route, { intermediate_session_token })
    // An app that waits for its first code is no factor yet.
    const fresh = await give(here, project, member.member_id, { mfa_phone: null, totp: { totp_id, verified: false } })
    assert.equal(fresh.mfa_phone, null)
    await succeedAt(route, { mfa_phone_number: '+14155550124' })
  })

  test('refuses where the organization does not allow codes by SMS, except to breakglass members', async () => {
    const { here, project, organization, succeedAt, refuseAt, sent, member } = await memberScene(engine, {
      settings: { mfa_methods: 'RESTRICTED', allowed_mfa_methods: ['totp'] },
    })
    await refuseAt(route, { mfa_phone_number: phone }, barred)
    assert.equal((await sent()).length, 0)
    await give(here, project, member.member_id, { is_breakglass: true })
    await succeedAt(route, { mfa_phone_number: phone })
    await updateOrganization(here, project, organization, { allowed_mfa_methods: ['totp', 'sms_otp'] })
    const second = await memberIn(here, project, organization, { mfa_phone_number: other })
    await callsAbout(here, project, organization, second).succeedAt(route)
  })

  test('takes one token at most, which must live and be the member’s', async () => {
    const { here, project, organization, refuseAt, signIn, sent, succeedAt } = await memberScene(engine, {
      parts: verifiedPhone(),
    })
    const own = await signIn()
    const stranger = await memberIn(here, project, organization, { mfa_enrolled: true })
    const strange = await callsAbout(here, project, organization, stranger).signIn()
    await give(here, project, stranger.member_id, { mfa_enrolled: false })
    const strangeSession = await callsAbout(here, project, organization, stranger).signIn()
    const { session_token, session_jwt } = own
    const tooMany = [400, 'too_many_session_arguments'] as const
    const gone = [404, 'intermediate_session_not_found'] as const
    await refuseAt(route, { session_token, session_jwt }, tooMany)
    await refuseAt(route, { session_token, intermediate_session_token: newToken() }, tooMany)
    await refuseAt(route, { session_jwt, intermediate_session_token: newToken() }, tooMany)
    await refuseAt(route, { session_token: 'x' }, [400, 'invalid_session_token'])
    await refuseAt(route, { session_jwt: 'x' }, [400, 'unable_to_parse_session_jwt'])
    await refuseAt(route, { session_token: newToken() }, [404, 'session_not_found'])
    await refuseAt(route, { intermediate_session_token: newToken() }, gone)
    await refuseAt(route, { intermediate_session_token: 'x' }, gone)
    await refuseAt(route, { session_token: strangeSession.session_token }, mismatch)
    await refuseAt(route, { session_jwt: strangeSession.session_jwt }, mismatch)
    await refuseAt(route, { intermediate_session_token: strange.intermediate_session_token }, mismatch)
    assert.equal((await sent()).length, 0)
    await succeedAt(route, { session_token })
    await succeedAt(route, { session_jwt })
    here.clock.advance(10 * MINUTE)
    await refuseAt(route, { intermediate_session_token: strange.intermediate_session_token }, gone)
  })

  test('a locked member is written to as usual', async () => {
    const { succeedAt, lock } = await memberScene(engine, { parts: verifiedPhone() })
    await lock()
    assert.equal((await succeedAt(route)).member.is_locked, true)
  })

  test('refuses organizations and members that there are not', async () => {
    const { here, project, member, organization, refuseAt } = await memberScene(engine, { parts: verifiedPhone() })
    const notFound = [404, 'member_not_found'] as const
    await refuseAt(route, { member_id: `member-test-${randomUUID()}` }, notFound)
    await refuseAt(route, { member_id: 'nobody' }, notFound)
    await refuseAt(route, { member_id: 'member-test-7' }, [400, 'invalid_id'])
    await refuseAt(route, { organization_id: 'nowhere' }, [404, 'organization_not_found'])
    await refuseAt(route, { organization_id: 'no where' }, [400, 'invalid_organization_id'])
    const elsewhere = await newOrganization(here, project)
    await refuseAt(route, { organization_id: elsewhere.organization_id }, notFound)
    await refuseAt(route, { member_id: undefined }, [400, 'bad_request'])
    await refuseAt(route, { organization_id: undefined }, [400, 'bad_request'])
    const body = { organization_id: organization.organization_id, member_id: member.member_id }
    await refuse(here, await liveCredentials(here, project), route, body, 400, 'test_id_used_in_live_environment')
    await refuse(here, await here.project('B2B'), route, body, 404, 'organization_not_found')
    await refuse(here, await here.project(), route, body, 400, 'invalid_b2b_endpoint')
    await give(here, project, member.member_id, { status: 'deleted' })
    await refuseAt(route, {}, notFound)
  })
})
