/** POST /v1/b2b/sessions/exchange. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { newToken } from '../../../../src/crypto/tokens.ts'
import { takeMemberTurn } from '../../../../src/domain/members/member.ts'
import { deleteMember } from '../../../../src/domain/members/removal.ts'
import type { Member } from '../../../../src/domain/members/row.ts'
import { updateMember } from '../../../../src/domain/members/update.ts'
import { updateOrganization } from '../../../../src/domain/organizations/organization.ts'
import { getOrganization } from '../../../../src/domain/organizations/reference.ts'
import { updateEnvironment } from '../../../../src/domain/projects/environment.ts'
import type { AuthenticationFactor, Proof } from '../../../../src/domain/sessions/factors.ts'
import { revokeSessionsOf } from '../../../../src/domain/sessions/session.ts'
import { HOUR, MINUTE, rfc3339 } from '../../../../src/values/time.ts'
import { refuse, succeed } from '../../../support/call.ts'
import { messagesTo } from '../../../support/inbox.ts'
import { give, magicLink, memberIn, memberSession, stored } from '../../../support/members.ts'
import { environmentOf, newOrganization } from '../../../support/organizations.ts'
import { type Engine, onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/b2b/sessions/exchange'
const imported: Proof = { type: 'imported', delivery_method: 'imported_auth0' }
const password: Proof = { type: 'password', delivery_method: 'knowledge' }
const trusted: Proof = {
  type: 'trusted_auth_token',
  delivery_method: 'trusted_token_exchange',
  trusted_auth_token_factor: { token_id: 'token-1' },
}
const totp: Proof = {
  type: 'totp',
  delivery_method: 'authenticator_app',
  authenticator_app_factor: { totp_id: 'member-totp-test-1' },
}
let lines = 0
const newPhone = () => ({
  phone_id: `member-phone-test-${randomUUID()}`,
  phone_number: `+1415555${String(2000 + (++lines % 8000)).padStart(4, '0')}`,
  verified: true,
})
const sms = ({ phone_id, phone_number }: { phone_id: string; phone_number: string }): Proof => ({
  type: 'otp',
  delivery_method: 'sms',
  phone_number_factor: { phone_id, phone_number },
})

/** One person who is a member of two organizations, and has a session in the first. */
async function scene(
  engine: Engine,
  given: {
    settings?: object
    source?: Partial<Member>
    target?: Partial<Member>
    proofs?: (m: Member) => Proof[]
  } = {},
) {
  const here = await world(engine)
  const project = await here.project('B2B')
  const home = await newOrganization(here, project)
  const away = await newOrganization(here, project, { organization_external_id: 'away|1', ...given.settings })
  const email_address = `${randomUUID()}@example.com`
  const source = await memberIn(here, project, home, { email_address })
  const target = await memberIn(here, project, away, { email_address })
  await give(here, project, target.member_id, given.target ?? {})
  const before = await give(here, project, source.member_id, given.source ?? {})
  const time = rfc3339(here.clock.now() - HOUR)
  const times = { created_at: time, updated_at: time, last_authenticated_at: time }
  const factors = given.proofs?.(before).map((proof) => ({ ...proof, ...times }) as AuthenticationFactor)
  const started = await memberSession(here, project, home, source, given.proofs && magicLink(source))
  // Signing in has proven the address.
  await give(here, project, source.member_id, given.source ?? {})
  const member_session_id = started.member_session?.member_session_id ?? ''
  if (factors) {
    await here.app.store.write
      .updateTable('sessions')
      .set({ authentication_factors: JSON.stringify(factors) })
      .where('session_id', '=', member_session_id)
      .execute()
  }
  const { session_token, session_jwt } = started
  const body = { organization_id: away.organization_id as string, session_token }
  const sessionsOf = async (organization: { organization_id: string }, { member_id }: { member_id: string }) => {
    const query = `organization_id=${organization.organization_id}&member_id=${member_id}`
    return (await succeed(here, project, `GET /v1/b2b/sessions?${query}`)).member_sessions
  }
  return { here, project, home, away, source, target, session_token, session_jwt, body, sessionsOf, time, started }
}

/** The factors of an intermediate session, which no operation shows. */
async function intermediateFactors({ here, project, target }: Awaited<ReturnType<typeof scene>>) {
  const rows = await here.app.store.read
    .selectFrom('intermediate_sessions')
    .selectAll()
    .where('project_id', '=', project.id)
    .where('email_address', '=', target.email_address)
    .execute()
  return rows.map(({ organization_id, authentication_factors }) => ({
    organization_id: organization_id as string,
    factors: JSON.parse(authentication_factors) as AuthenticationFactor[],
  }))
}

onBothEngines('sessions.exchange', (engine) => {
  test('a new session in the other organization; the one before stays as it was', async () => {
    const { here, project, home, away, source, target, body, session_token, sessionsOf } = await scene(engine)
    await succeed(here, project, 'POST /v1/b2b/sessions/authenticate', {
      session_token,
      session_custom_claims: { from: 'home' },
    })
    const [before] = await sessionsOf(home, source)
    here.clock.advance(MINUTE)
    for (const organization_id of [away.organization_id, away.organization_slug, 'away|1']) {
      const fields = { organization_id, session_token, telemetry_id: 'x' }
      const reply = await succeed(here, project, route, fields)
      assert.equal(reply.member_authenticated, true)
      assert.equal(reply.member_id, target.member_id)
      assert.equal(reply.member.member_id, target.member_id)
      assert.equal(reply.organization.organization_id, away.organization_id)
      assert.equal(reply.member_session.organization_id, away.organization_id)
      assert.notEqual(reply.member_session.member_session_id, before.member_session_id)
      assert.equal(Date.parse(reply.member_session.started_at), Math.floor(here.clock.now() / 1000) * 1000)
      const lasts = Date.parse(reply.member_session.expires_at) - Date.parse(reply.member_session.started_at)
      assert.equal(lasts, HOUR)
      assert.equal(reply.member_session.custom_claims, null)
      assert.deepEqual([reply.intermediate_session_token, reply.intermediate_session_token_expires_at], ['', null])
      assert.deepEqual([reply.mfa_required, reply.primary_required, reply.member_device], [null, null, null])
      const check = { session_token: reply.session_token }
      await succeed(here, project, 'POST /v1/b2b/sessions/authenticate', check)
    }
    assert.deepEqual(await sessionsOf(home, source), [before])
    const asked = { ...body, session_duration_minutes: 5, session_custom_claims: { to: 'away' } }
    const { member_session } = await succeed(here, project, route, asked)
    assert.deepEqual(member_session.custom_claims, { to: 'away' })
    assert.equal(Date.parse(member_session.expires_at) - Date.parse(member_session.started_at), 5 * MINUTE)
  })

  test('by a JWT that has expired while the session lives', async () => {
    const { here, project, body, session_jwt } = await scene(engine)
    here.clock.advance(10 * MINUTE)
    const { organization_id } = body
    const reply = await succeed(here, project, route, { organization_id, session_jwt })
    assert.equal(reply.member_authenticated, true)
  })

  test('factors keep their times and become those of the other member’s address; the rest stays behind', async () => {
    const one = await scene(engine, {
      proofs: ({ email_id, email_address }) => [
        password,
        { type: 'magic_link', delivery_method: 'email', email_factor: { email_id, email_address } },
        { type: 'email_otp', delivery_method: 'email', email_factor: { email_id, email_address } },
        totp,
        {
          type: 'recovery_codes',
          delivery_method: 'recovery_code',
          recovery_code_factor: { totp_recovery_code_id: 'x' },
        },
        trusted,
        imported,
      ],
    })
    const { here, project, body, source, target, time } = one
    const { member_session } = await succeed(here, project, route, body)
    const email_factor = { email_id: target.email_id, email_address: target.email_address }
    assert.notEqual(target.email_id, source.email_id)
    const times = { created_at: time, updated_at: time, last_authenticated_at: time, sequence_order: 'PRIMARY' }
    assert.deepEqual(member_session.authentication_factors, [
      { type: 'magic_link', delivery_method: 'email', email_factor, ...times },
      { type: 'email_otp', delivery_method: 'email', email_factor, ...times },
    ])
  })

  test('a proof of an address that is not the member’s any more does not count', async () => {
    const old = magicLink({ email_id: 'member-email-test-old', email_address: 'old@example.com' })
    const { here, project, body } = await scene(engine, { proofs: () => [old, password] })
    const reply = await succeed(here, project, route, body)
    assert.equal(reply.member_authenticated, false)
    assert.ok(reply.primary_required.allowed_auth_methods.includes('magic_link'))
  })

  test('with nothing but a proof of an address the member had, nobody goes on in the name of the next one', async () => {
    const old = magicLink({ email_id: 'member-email-test-old', email_address: 'old@example.com' })
    const one = await scene(engine, { proofs: () => [old] })
    await refuse(one.here, one.project, route, one.body, 400, 'insufficient_factors_for_session_exchange')
    assert.deepEqual(await intermediateFactors(one), [])
  })

  test('a password alone: the first factor is required, and the intermediate session holds nothing but the address', async () => {
    const one = await scene(engine, { proofs: () => [password] })
    const { here, project, away, target, body, sessionsOf } = one
    const asked = { ...body, session_duration_minutes: 600, session_custom_claims: { a: 1 } }
    const reply = await succeed(here, project, route, asked)
    assert.equal(reply.member_authenticated, false)
    assert.deepEqual([reply.member_session, reply.session_token, reply.session_jwt], [null, '', ''])
    assert.match(reply.intermediate_session_token, /^[A-Za-z0-9_-]{44}$/)
    const lasts = Date.parse(reply.intermediate_session_token_expires_at) - here.clock.now()
    assert.ok(lasts <= 10 * MINUTE && lasts > 9 * MINUTE)
    assert.equal(reply.mfa_required, null)
    assert.ok(reply.primary_required.allowed_auth_methods.includes('password'))
    const [intermediate] = await intermediateFactors(one)
    assert.deepEqual(intermediate?.factors, [])
    assert.equal(intermediate?.organization_id, away.organization_id)
    assert.deepEqual(await sessionsOf(away, target), [])
  })

  test('a password goes along where passwords hold for all organizations', async () => {
    const { here, project, body } = await scene(engine, { proofs: () => [password] })
    await updateEnvironment(here.app, project.id, { cross_org_passwords_enabled: true })
    const { member_session } = await succeed(here, project, route, body)
    assert.deepEqual(
      member_session.authentication_factors.map(({ type }: { type: string }) => type),
      ['password'],
    )
  })

  test('a method that the other organization does not allow: the first factor is required, by its methods', async () => {
    const one = await scene(engine, {
      settings: { auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso', 'password'] },
    })
    const { here, project, body, target } = one
    const reply = await succeed(here, project, route, body)
    assert.equal(reply.member_authenticated, false)
    assert.deepEqual(reply.primary_required, { allowed_auth_methods: ['sso', 'password'] })
    const [intermediate] = await intermediateFactors(one)
    assert.deepEqual(
      intermediate?.factors.map(({ type }) => type),
      ['magic_link'],
      'another organization may allow it',
    )
    await give(here, project, target.member_id, { is_breakglass: true })
    assert.equal((await succeed(here, project, route, body)).member_authenticated, true)
  })

  test('a second factor is required: the number is masked, and a code is sent in the language asked for', async () => {
    const mfa_phone = newPhone()
    const one = await scene(engine, { target: { mfa_enrolled: true, mfa_phone } })
    const { here, project, body } = one
    const reply = await succeed(here, project, route, { ...body, locale: 'es' })
    assert.equal(reply.member_authenticated, false)
    assert.equal(reply.primary_required, null)
    const mfa_phone_number = `XXXXXXX${mfa_phone.phone_number.slice(-4)}`
    assert.deepEqual(reply.mfa_required, {
      member_options: { mfa_phone_number, totp_registration_id: '' },
      secondary_auth_initiated: 'sms_otp',
    })
    const messages = await messagesTo(here, mfa_phone.phone_number, project)
    assert.deepEqual(
      messages.map(({ locale, channel }) => [locale, channel]),
      [['es', 'sms']],
    )
    assert.match(messages[0]?.code ?? '', /^\d{6}$/)
    const [intermediate] = await intermediateFactors(one)
    assert.deepEqual(
      intermediate?.factors.map(({ type }) => type),
      ['magic_link'],
    )
  })

  test('languages without a text are accepted and written in English; unknown ones are refused', async () => {
    for (const locale of [undefined, null, 'it', 'de-DE', 'zh-Hans', 'ca-ES']) {
      const mfa_phone = newPhone()
      const { here, project, body } = await scene(engine, { target: { mfa_enrolled: true, mfa_phone } })
      await succeed(here, project, route, { ...body, locale })
      const [message] = await messagesTo(here, mfa_phone.phone_number, project)
      assert.equal(message?.locale, 'en')
    }
    const { here, project, body } = await scene(engine)
    for (const locale of ['xx', '', 7]) await refuse(here, project, route, { ...body, locale }, 400, 'invalid_locale')
  })

  test('no code is sent where SMS is not allowed, the app is preferred, the number is unproven, or too many were sent', async () => {
    const cases: [object, Partial<Member>][] = [
      [{ mfa_methods: 'RESTRICTED', allowed_mfa_methods: ['totp'] }, { mfa_phone: newPhone() }],
      [
        {},
        {
          mfa_phone: newPhone(),
          totp: { totp_id: `member-totp-test-${randomUUID()}`, verified: true },
          default_mfa_method: 'totp',
        },
      ],
      [{}, { mfa_phone: { ...newPhone(), verified: false } }],
    ]
    for (const [settings, parts] of cases) {
      const target = { mfa_enrolled: true, ...parts }
      const { here, project, body } = await scene(engine, { settings, target })
      const { mfa_required } = await succeed(here, project, route, body)
      assert.equal(mfa_required.secondary_auth_initiated, null)
      assert.deepEqual(await messagesTo(here, parts.mfa_phone?.phone_number ?? '', project), [])
    }
    const mfa_phone = newPhone()
    const { here, project, body } = await scene(engine, { target: { mfa_enrolled: true, mfa_phone } })
    const sent: unknown[] = []
    for (let count = 0; count < 12; count++) {
      sent.push((await succeed(here, project, route, body)).mfa_required.secondary_auth_initiated)
    }
    assert.equal(sent.at(0), 'sms_otp')
    assert.equal(sent.at(-1), null)
  })

  test('without a second factor on file there are no options; both factors can be missing at once', async () => {
    const settings = {
      mfa_policy: 'REQUIRED_FOR_ALL',
      auth_methods: 'RESTRICTED',
      allowed_auth_methods: ['sso'],
    }
    const mfa_phone = newPhone()
    const one = await scene(engine, { settings, target: { mfa_phone } })
    const { here, project, body, target } = one
    const both = await succeed(here, project, route, body)
    assert.deepEqual(both.primary_required, { allowed_auth_methods: ['sso'] })
    assert.equal(both.mfa_required.secondary_auth_initiated, null, 'the first factor comes first')
    assert.deepEqual(await messagesTo(here, mfa_phone.phone_number, project), [])
    await give(here, project, target.member_id, { mfa_phone: null })
    const none = await succeed(here, project, route, body)
    assert.equal(none.mfa_required.member_options, null)
  })

  test('a code to the same number, verified on both sides, is the second factor there, too', async () => {
    const phone = newPhone()
    const there = { ...phone, phone_id: `member-phone-test-${randomUUID()}` }
    const proofs = (member: Member) => [magicLink(member), sms(phone)]
    const target = { mfa_enrolled: true, mfa_phone: there }
    const { here, project, body } = await scene(engine, { source: { mfa_phone: phone }, target, proofs })
    const { member_session } = await succeed(here, project, route, body)
    const [, second] = member_session.authentication_factors
    assert.deepEqual(second.phone_number_factor, { phone_id: there.phone_id, phone_number: phone.phone_number })
    assert.equal(second.sequence_order, 'SECONDARY')

    const other = newPhone()
    const notTheSame: [Partial<Member>, Partial<Member>][] = [
      [{ mfa_phone: { ...phone, verified: false } }, { mfa_phone: there }],
      [{ mfa_phone: phone }, { mfa_phone: { ...there, verified: false } }],
      [{ mfa_phone: phone }, { mfa_phone: { ...there, phone_number: other.phone_number } }],
      [{ mfa_phone: { ...phone, phone_number: other.phone_number } }, { mfa_phone: there }],
      [{ mfa_phone: phone }, { mfa_phone: null }],
      [{ mfa_phone: null }, { mfa_phone: there }],
    ]
    for (const [source, parts] of notTheSame) {
      const one = await scene(engine, { source, target: { mfa_enrolled: true, ...parts }, proofs })
      const reply = await succeed(one.here, one.project, route, one.body)
      assert.equal(reply.member_authenticated, false, JSON.stringify([source, parts]))
      assert.ok(reply.mfa_required)
      assert.equal(reply.primary_required, null)
    }
  })

  test('an authenticator app never goes along', async () => {
    const registered = { totp_id: `member-totp-test-${randomUUID()}`, verified: true }
    const proofs = (member: Member) => [magicLink(member), totp]
    const { here, project, body } = await scene(engine, {
      target: { mfa_enrolled: true, totp: registered },
      proofs,
    })
    const { mfa_required } = await succeed(here, project, route, body)
    assert.deepEqual(mfa_required.member_options, { mfa_phone_number: '', totp_registration_id: registered.totp_id })
  })

  test('accepts an invitation with a proof of the address, and not without one', async () => {
    for (const status of ['invited', 'pending'] as const) {
      const { here, project, body, target } = await scene(engine, { target: { status, email_address_verified: false } })
      const reply = await succeed(here, project, route, body)
      assert.equal(reply.member_authenticated, true)
      assert.deepEqual([reply.member.status, reply.member.email_address_verified], ['active', true])
      assert.equal((await stored(here, project, target.member_id)).status, 'active')
    }
    const { here, project, body, target } = await scene(engine, {
      target: { status: 'invited', email_address_verified: false },
      proofs: () => [password],
    })
    const reply = await succeed(here, project, route, body)
    assert.equal(reply.member_authenticated, false)
    assert.equal((await stored(here, project, target.member_id)).status, 'invited')
  })

  test('an invitation is accepted although the second factor is still required', async () => {
    const { here, project, body } = await scene(engine, {
      target: { status: 'invited', email_address_verified: false, mfa_enrolled: true },
    })
    const reply = await succeed(here, project, route, body)
    assert.deepEqual([reply.member_authenticated, reply.member.status], [false, 'active'])
    assert.equal(reply.primary_required, null)
  })

  test('what others have only vouched for does not open another organization', async () => {
    const proofs: Proof[][] = [[trusted], [imported], [trusted, imported, totp]]
    for (const given of proofs) {
      const { here, project, away, target, body, sessionsOf } = await scene(engine, { proofs: () => given })
      await refuse(here, project, route, body, 400, 'insufficient_factors_for_session_exchange')
      assert.deepEqual(await sessionsOf(away, target), [])
    }
    const unproven = await scene(engine, { source: { email_address_verified: false }, proofs: () => [password] })
    const { here, project, body } = unproven
    await refuse(here, project, route, body, 400, 'insufficient_factors_for_session_exchange')
    assert.deepEqual(await intermediateFactors(unproven), [])
  })

  test('an impersonation goes nowhere', async () => {
    const impersonated = { type: 'impersonated', delivery_method: 'impersonation' } as unknown as Proof
    const { here, project, home, body } = await scene(engine, { proofs: (member) => [magicLink(member), impersonated] })
    for (const organization_id of [body.organization_id, home.organization_id]) {
      const asked = { ...body, organization_id }
      await refuse(here, project, route, asked, 400, 'insufficient_factors_for_session_exchange')
    }
  })

  test('to the same organization: a new session with all factors and the same standing', async () => {
    const restricted = { auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso'], mfa_policy: 'REQUIRED_FOR_ALL' }
    for (const given of [[trusted], [imported], [password, totp]] as Proof[][]) {
      const one = await scene(engine, { proofs: () => given })
      const { here, project, home, source, session_token, sessionsOf } = one
      const environment = await environmentOf(here, project)
      await updateOrganization(here.app, environment, home.organization_id, restricted as object)
      const [before] = await sessionsOf(home, source)
      const body = { organization_id: home.organization_slug, session_token, session_custom_claims: { a: 1 } }
      const { member_session, member_authenticated } = await succeed(here, project, route, body)
      assert.equal(member_authenticated, true)
      assert.notEqual(member_session.member_session_id, before.member_session_id)
      assert.deepEqual(member_session.authentication_factors, before.authentication_factors)
      assert.deepEqual(member_session.custom_claims, { a: 1 })
      assert.equal((await sessionsOf(home, source)).length, 2)
    }
  })

  test('who is no member there by the same primary address is not let in', async () => {
    const { here, project, target, body, session_token } = await scene(engine)
    const environment = await environmentOf(here, project)
    await give(here, project, target.member_id, {
      email_address: 'new@example.com',
      retired_email_addresses: [{ email_id: target.email_id, email_address: target.email_address }],
    })
    await refuse(here, project, route, body, 404, 'member_not_found')
    await give(here, project, target.member_id, { email_address: target.email_address, retired_email_addresses: [] })
    await succeed(here, project, route, body)
    await deleteMember(here.app, environment, target)
    await refuse(here, project, route, body, 404, 'member_not_found')
    const third = await newOrganization(here, project, {
      email_jit_provisioning: 'RESTRICTED',
      email_allowed_domains: ['example.com'],
    })
    const { organization_id } = third
    await refuse(here, project, route, { organization_id, session_token }, 404, 'member_not_found')
  })

  test('exactly one living session, an organization of the project, and good fields', async () => {
    const { here, project, away, target, body, session_token, session_jwt, sessionsOf } = await scene(engine)
    const { organization_id } = body
    const stranger = await here.project('B2B')
    const foreign = await newOrganization(here, stranger)
    const cases: [object, number, string][] = [
      [{ organization_id }, 400, 'no_session_arguments'],
      [{ ...body, session_jwt }, 400, 'too_many_session_arguments'],
      [{ organization_id, session_token: 'short' }, 400, 'invalid_session_token'],
      [{ organization_id, session_token: newToken() }, 404, 'session_not_found'],
      [{ organization_id, session_jwt: 'a.b.c' }, 400, 'unable_to_parse_session_jwt'],
      [{ session_token }, 400, 'bad_request'],
      [{ session_token, organization_id: 'nobody' }, 404, 'organization_not_found'],
      [{ session_token, organization_id: 'a b' }, 400, 'invalid_organization_id'],
      [{ session_token, organization_id: foreign.organization_id }, 404, 'organization_not_found'],
      [{ ...body, session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ ...body, session_custom_claims: { a: 'x'.repeat(5000) } }, 400, 'custom_claims_too_large'],
    ]
    for (const [fields, status, error_type] of cases) await refuse(here, project, route, fields, status, error_type)
    await refuse(here, stranger, route, { ...body, organization_id: foreign.organization_id }, 404, 'session_not_found')
    assert.deepEqual(await sessionsOf(away, target), [])
    await succeed(here, project, 'POST /v1/b2b/sessions/revoke', { session_token })
    await refuse(here, project, route, body, 404, 'session_not_found')
  })

  test('a member who is locked there is refused, and one who is locked here is not', async () => {
    const { here, project, home, source, target, body } = await scene(engine)
    const now = here.clock.now()
    const lock = { lock_created_at: now, lock_expires_at: now + HOUR }
    await give(here, project, source.member_id, lock)
    await succeed(here, project, route, body)
    const back = { ...body, organization_id: home.organization_id }
    await refuse(here, project, route, back, 429, 'user_lock_limit_reached')
    await give(here, project, target.member_id, { ...lock, status: 'invited' })
    await refuse(here, project, route, body, 429, 'user_lock_limit_reached')
    assert.equal((await stored(here, project, target.member_id)).status, 'invited')
  })

  test('many exchanges at once are many sessions, and accept an invitation once', async () => {
    const { here, project, away, target, body, sessionsOf } = await scene(engine, {
      target: { status: 'invited', email_address_verified: false },
    })
    const replies = await Promise.all(Array.from({ length: 20 }, () => succeed(here, project, route, body)))
    assert.ok(replies.every(({ member_authenticated }) => member_authenticated))
    assert.equal((await sessionsOf(away, target)).length, 20)
  })

  test('what ends the session while the exchange waits for the member there is seen', async () => {
    const { here, project, away, source, target, body, sessionsOf } = await scene(engine)
    const environment = await environmentOf(here, project)
    const { exchanging } = await here.app.transaction(async (app) => {
      await takeMemberTurn(app, target)
      const exchanging = refuse(here, project, route, body, 404, 'session_not_found')
      await pause(50)
      await revokeSessionsOf(app, environment, source.member_id)
      return { exchanging }
    })
    await exchanging
    assert.deepEqual(await sessionsOf(away, target), [])
  })

  test('a member there who gets another address while the exchange waits is not meant', async () => {
    const { here, project, away, target, body } = await scene(engine)
    const environment = await environmentOf(here, project)
    const organization = await getOrganization(here.app, environment, away.organization_id)
    const email_address = `${randomUUID()}@example.com`
    const { exchanging } = await here.app.transaction(async (app) => {
      await takeMemberTurn(app, target)
      const exchanging = refuse(here, project, route, body, 404, 'member_not_found')
      await pause(50)
      await updateMember(app, environment, organization, target, { email_address })
      return { exchanging }
    })
    await exchanging
    assert.equal((await stored(here, project, target.member_id)).email_address_verified, false)
  })
})
