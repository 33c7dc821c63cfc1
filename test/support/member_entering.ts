/** What both ways in by email have to do when they are authenticated. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { newToken } from '../../src/crypto/tokens.ts'
import {
  getIntermediateSession,
  startIntermediateSession,
} from '../../src/domain/intermediate_sessions/intermediate_session.ts'
import { startEmailUpdate } from '../../src/domain/members/email_update.ts'
import { deleteMember } from '../../src/domain/members/removal.ts'
import type { Member } from '../../src/domain/members/row.ts'
import { findPassword, storePassword } from '../../src/domain/passwords/password.ts'
import { MINUTE, rfc3339, SECOND } from '../../src/values/time.ts'
import { call, refuse, succeed } from './call.ts'
import { lastMessage } from './inbox.ts'
import { newAddress, traces } from './links.ts'
import { memberScene, open, proofFor as proofIn, verifiedPhone, type Way, ways } from './member_ways.ts'
import { give, memberIn, memberSession, signIn, stored } from './members.ts'
import { environmentOf, newOrganization } from './organizations.ts'
import { type Credentials, type Engine, onBothEngines, type World } from './world.ts'

const password = { type: 'password', delivery_method: 'knowledge' } as const

/** Tests of the authentication of a way in. */
export function testEntering(way: Way): void {
  onBothEngines(`a member by ${way}`, (engine) => {
    testSessions(way, engine)
    testRequirements(way, engine)
    testSteps(way, engine)
    testEmailUpdates(way, engine)
    testTenants(way, engine)
    testRaces(way, engine)
  })
}

async function scene(engine: Engine, way: Way, settings: object = {}) {
  const base = await memberScene(engine, way, settings)
  const { here, project, organization } = base
  return {
    ...base,
    other: ways[way === 'link' ? 'code' : 'link'],
    /** An intermediate session of a member who has given a password, which is not enough. */
    async withheld(member: Member, context: object = {}) {
      const reply = await memberSession(here, project, organization, member, password, context)
      assert.notEqual(reply.intermediate_session_token, '')
      return reply.intermediate_session_token
    },
    /** A session of the member, whatever the organization asks for. */
    async session(member: Member) {
      const phone = member.mfa_phone
      const proof = phone && {
        type: 'otp' as const,
        delivery_method: 'sms' as const,
        phone_number_factor: { phone_id: phone.phone_id, phone_number: phone.phone_number },
      }
      const first = await memberSession(here, project, organization, member)
      if (first.session_token || !proof) return first
      const environment = await environmentOf(here, project)
      const token = first.intermediate_session_token
      const intermediate = { token, record: await getIntermediateSession(here.app, environment, token) }
      return memberSession(here, project, organization, member, proof, { intermediate })
    },
    liveSessions: async (member_id: string) => {
      const { sessions } = (await traces(here, project)) as { sessions: { owner_id: string; revoked_at: unknown }[] }
      return sessions.filter((one) => one.owner_id === member_id && one.revoked_at === null)
    },
  }
}

function testSessions(way: Way, engine: Engine): void {
  const begin = (settings: object = {}) => scene(engine, way, settings)

  test('an active member has a session of an hour, with the factor, the roles and the claims', async () => {
    const { here, organization, member, proofFor, enter, method } = await begin()
    const known = await member({ roles: ['stytch_admin'], email_address_verified: false })
    const proof = await proofFor(known.email_address)
    const claims = { session_custom_claims: { plan: 'pro', nothing: null } }
    const reply = await enter({ ...proof, ...claims, telemetry_id: 'x', locale: 'fr' })
    assert.deepEqual(
      [reply.member_authenticated, reply.intermediate_session_token, reply.intermediate_session_token_expires_at],
      [true, '', null],
    )
    assert.deepEqual([reply.mfa_required, reply.primary_required, reply.member_device], [null, null, null])
    assert.deepEqual([reply.member_id, reply.method_id], [known.member_id, known.email_id])
    assert.deepEqual(reply.organization, organization)
    assert.equal(reply.organization_id, organization.organization_id)
    assert.equal(reply.member.email_address_verified, true)
    const now = here.clock.now()
    const { authentication_factors, ...session } = reply.member_session
    assert.deepEqual(session, {
      member_session_id: session.member_session_id,
      member_id: known.member_id,
      organization_id: organization.organization_id,
      organization_slug: organization.organization_slug,
      roles: ['stytch_member', 'stytch_admin'],
      started_at: rfc3339(now),
      last_accessed_at: rfc3339(now),
      expires_at: rfc3339(now + 60 * MINUTE),
      custom_claims: { plan: 'pro' },
    })
    const [{ created_at, updated_at, last_authenticated_at, ...factor }] = authentication_factors
    const { email_id, email_address } = known
    const email_factor = { email_id, email_address }
    assert.deepEqual(factor, { type: method, delivery_method: 'email', email_factor, sequence_order: 'PRIMARY' })
    assert.deepEqual([created_at, updated_at, last_authenticated_at], Array(3).fill(rfc3339(now)))
    const claimed = JSON.parse(Buffer.from(reply.session_jwt.split('.')[1], 'base64url').toString())
    assert.equal(claimed['https://stytch.com/organization'].slug, organization.organization_slug)
    assert.equal(claimed.plan, 'pro')
  })

  test('a duration is kept to', async () => {
    const { here, member, proofFor, enter } = await begin()
    const { email_address } = await member()
    const proof = await proofFor(email_address)
    const { member_session } = await enter({ ...proof, session_duration_minutes: 5 })
    assert.equal(member_session.expires_at, rfc3339(here.clock.now() + 5 * MINUTE))
  })

  test('who was pending or invited, or just let in, is active and verified', async () => {
    const { member, proofFor, enter } = await begin(open)
    const unproven = { email_address_verified: false }
    const pending = await member({ status: 'pending', ...unproven })
    const invited = await member({ status: 'invited', ...unproven })
    for (const address of [pending.email_address, invited.email_address, newAddress()]) {
      const reply = await enter(await proofFor(address))
      const { status, email_address_verified } = reply.member
      assert.deepEqual([reply.member_authenticated, status, email_address_verified], [true, 'active', true])
    }
  })

  test('the first proof of an address ends what somebody else may have prepared, and later ones nothing', async () => {
    const { here, project, member, proofFor, enter, liveSessions } = await begin()
    const known = await member({ email_address_verified: false })
    const { member_id, email_address } = known
    const mustReset = await withPassword(here, project, member_id)
    const [session_token] = [await signIn(here, project, member_id), await signIn(here, project, member_id)]
    const first = await enter({ ...(await proofFor(email_address)), session_token })
    assert.equal(first.session_token, session_token)
    assert.equal((await liveSessions(member_id)).length, 1)
    assert.equal(await mustReset(), true)
    await withPassword(here, project, member_id)
    await enter(await proofFor(email_address))
    assert.equal((await liveSessions(member_id)).length, 2)
    assert.equal(await mustReset(), false)
  })

  test('who proves an address after the password keeps the password', async () => {
    const { here, project, member, proofFor, enter, liveSessions, withheld } = await begin()
    const known = await member({ email_address_verified: false })
    const { member_id, email_address } = known
    const mustReset = await withPassword(here, project, member_id)
    await signIn(here, project, member_id)
    const intermediate_session_token = await withheld(known)
    await enter({ ...(await proofFor(email_address)), intermediate_session_token })
    assert.equal((await liveSessions(member_id)).length, 1)
    assert.equal(await mustReset(), false)
  })

  test('a session of the member gains the factor, and keeps or changes its expiry', async () => {
    const { here, member, proofFor, enter, session, method } = await begin()
    const known = await member()
    const first = await session(known)
    const { session_token } = first
    const proof = await proofFor(known.email_address)
    here.clock.advance(MINUTE)
    const more = await enter({ ...proof, session_token, session_custom_claims: { a: 1 } })
    assert.deepEqual(
      [more.session_token, more.member_session.member_session_id, more.member_session.expires_at],
      [session_token, first.member_session?.member_session_id, first.member_session?.expires_at],
    )
    const types = more.member_session.authentication_factors.map(({ type }: { type: string }) => type)
    assert.deepEqual([...new Set(types)], [...new Set(['magic_link', method])])
    assert.deepEqual(more.member_session.custom_claims, { a: 1 })
    const again = await proofFor(known.email_address)
    const { session_jwt } = more
    const last = await enter({ ...again, session_jwt, session_duration_minutes: 5 })
    assert.equal(last.session_token, session_token)
    assert.equal(last.member_session.expires_at, rfc3339(here.clock.now() + 5 * MINUTE))
  })

  test('a session of another member is ignored and stays as it is', async () => {
    const { here, project, member, proofFor, enter, session } = await begin()
    const [known, stranger] = [await member(), await member()]
    const { session_token } = await session(stranger)
    const theirs = (await traces(here, project)) as { sessions: { owner_id: string }[] }
    const proof = await proofFor(known.email_address)
    const reply = await enter({ ...proof, session_token })
    assert.notEqual(reply.session_token, session_token)
    assert.equal(reply.member_id, known.member_id)
    const after = (await traces(here, project)) as typeof theirs
    const of = ({ sessions }: typeof theirs) => sessions.filter(({ owner_id }) => owner_id === stranger.member_id)
    assert.deepEqual(of(after), of(theirs))
  })

  test('bad session arguments, dead sessions and malformed requests use nothing up', async () => {
    const { here, project, member, proofFor, refuseEnter, enter, session, withheld, change } = await begin()
    const known = await member()
    await change({ mfa_policy: 'REQUIRED_FOR_ALL' })
    const intermediate_session_token = await withheld(known)
    await change({ mfa_policy: 'OPTIONAL' })
    const { session_token, session_jwt } = await session(known)
    const proof = await proofFor(known.email_address)
    const before = await traces(here, project)
    const cases: [object, number, string][] = [
      [{ session_token, session_jwt }, 400, 'too_many_session_arguments'],
      [{ session_token, intermediate_session_token }, 400, 'too_many_session_arguments'],
      [{ session_jwt, intermediate_session_token }, 400, 'too_many_session_arguments'],
      [{ session_token, session_jwt, intermediate_session_token }, 400, 'too_many_session_arguments'],
      [{ session_token: 'short' }, 400, 'invalid_session_token'],
      [{ session_token: newToken() }, 404, 'session_not_found'],
      [{ session_jwt: 'a.b.c' }, 400, 'unable_to_parse_session_jwt'],
      [{ intermediate_session_token: 'short' }, 404, 'intermediate_session_not_found'],
      [{ intermediate_session_token: newToken() }, 404, 'intermediate_session_not_found'],
      [{ session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ session_duration_minutes: 527_041 }, 400, 'invalid_session_duration_minutes'],
      [{ session_custom_claims: { a: 'x'.repeat(5000) } }, 400, 'custom_claims_too_large'],
      [{ session_custom_claims: { 'https://stytch.com/x': 1 } }, 400, 'stytch_claims_in_custom_claims'],
      [{ locale: 'xx' }, 400, 'invalid_locale'],
      [{ [Object.keys(proof)[0] as string]: undefined }, 400, 'bad_request'],
    ]
    for (const [fields, status, type] of cases) await refuseEnter({ ...proof, ...fields }, status, type)
    assert.deepEqual(await traces(here, project), before)
    await refuse(here, await here.project(), ways[way].authenticate, proof, 400, 'invalid_b2b_endpoint')
    const blank = { session_token: '', session_jwt: '', intermediate_session_token: '' }
    assert.equal((await enter({ ...proof, ...blank })).member_authenticated, true)
  })

  test('a locked member is refused until the lock ends, and nothing is used up', async () => {
    const { here, project, member, proofFor, refuseEnter, enter } = await begin()
    const { member_id, email_address } = await member()
    const proof = await proofFor(email_address, { login_expiration_minutes: 15 })
    const now = here.clock.now()
    await give(here, project, member_id, { lock_created_at: now, lock_expires_at: now + 5 * MINUTE })
    const before = await traces(here, project)
    await refuseEnter(proof, 429, 'user_lock_limit_reached')
    assert.deepEqual(await traces(here, project), before)
    here.clock.advance(5 * MINUTE)
    await enter(proof)
  })
}

function testRequirements(way: Way, engine: Engine): void {
  const begin = (settings: object = {}) => scene(engine, way, settings)

  test('with a second factor to come there is an intermediate session, and the member is active all the same', async () => {
    const { here, member, proofFor, enter, liveSessions } = await begin({ mfa_policy: 'REQUIRED_FOR_ALL' })
    const known = await member({ status: 'invited', email_address_verified: false })
    const proof = await proofFor(known.email_address)
    const reply = await enter({ ...proof, session_duration_minutes: 30 })
    assert.deepEqual(
      [reply.member_authenticated, reply.member_session, reply.session_token, reply.session_jwt],
      [false, null, '', ''],
    )
    assert.deepEqual(reply.mfa_required, { member_options: null, secondary_auth_initiated: null })
    assert.equal(reply.primary_required, null)
    assert.match(reply.intermediate_session_token, /^[A-Za-z0-9_-]{44}$/)
    assert.equal(reply.intermediate_session_token_expires_at, rfc3339(here.clock.now() + 10 * MINUTE))
    assert.deepEqual([reply.member.status, reply.member.email_address_verified], ['active', true])
    assert.deepEqual(await liveSessions(known.member_id), [])
  })

  test('a verified number is shown by its last digits, and gets a code in the language asked for', async () => {
    const { here, project, member, proofFor, enter } = await begin()
    const known = await member({ mfa_enrolled: true })
    const totp = { totp_id: `member-totp-test-${randomUUID()}`, verified: true }
    await give(here, project, known.member_id, { ...verifiedPhone(), totp })
    const reply = await enter({ ...(await proofFor(known.email_address)), locale: 'es' })
    assert.deepEqual(reply.mfa_required, {
      member_options: { mfa_phone_number: 'XXXXXXX0123', totp_registration_id: totp.totp_id },
      secondary_auth_initiated: 'sms_otp',
    })
    const message = await lastMessage(here, '+14155550123', project)
    assert.deepEqual([message.channel, message.locale, message.code?.length], ['sms', 'es', 6])
    await give(here, project, known.member_id, { default_mfa_method: 'totp' })
    const quiet = await enter(await proofFor(known.email_address))
    assert.equal(quiet.mfa_required.secondary_auth_initiated, null)
  })

  test('a session of the member meets the second requirement', async () => {
    const { member, proofFor, enter, session, change } = await begin()
    const known = await member()
    const { session_token } = await session(known)
    await change({ mfa_policy: 'REQUIRED_FOR_ALL' })
    const reply = await enter({ ...(await proofFor(known.email_address)), session_token })
    assert.deepEqual([reply.member_authenticated, reply.session_token], [true, session_token])
    const stranger = await member()
    const without = await enter({ ...(await proofFor(stranger.email_address)), session_token })
    assert.deepEqual([without.member_authenticated, without.session_token], [false, ''])
  })

  test('a method that the organization has forbidden since is refused, and nothing is used up', async () => {
    const { here, project, member, proofFor, refuseEnter, enter, change, session, method } = await begin()
    const known = await member()
    const { session_token } = await session(known)
    const proof = await proofFor(known.email_address)
    await change({ auth_methods: 'RESTRICTED', allowed_auth_methods: ['password'] })
    const before = await traces(here, project)
    for (const fields of [{}, { session_token }]) {
      await refuseEnter({ ...proof, ...fields }, 403, 'operation_restricted_by_organization_auth_methods')
    }
    assert.deepEqual(await traces(here, project), before)
    await give(here, project, known.member_id, { is_breakglass: true })
    await enter(proof)
    await give(here, project, known.member_id, { is_breakglass: false })
    await change({ allowed_auth_methods: ['password', method] })
    await enter(await proofFor(known.email_address))
  })
}

function testSteps(way: Way, engine: Engine): void {
  const begin = (settings: object = {}) => scene(engine, way, settings)

  test('an intermediate session gains the factor, and is used up by the session that comes of it', async () => {
    const { member, proofFor, enter, refuseEnter, withheld, change, method } = await begin()
    const known = await member({ email_address_verified: false })
    const intermediate_session_token = await withheld(known)
    await change({ auth_methods: 'RESTRICTED', allowed_auth_methods: ['password', method] })
    const reply = await enter({ ...(await proofFor(known.email_address)), intermediate_session_token })
    assert.equal(reply.member_authenticated, true)
    const types = reply.member_session.authentication_factors.map(({ type }: { type: string }) => type)
    assert.deepEqual(types, ['password', method])
    const next = await proofFor(known.email_address)
    await refuseEnter({ ...next, intermediate_session_token }, 404, 'intermediate_session_not_found')
    await enter(next)
  })

  test('with an intermediate session a forbidden method is a step that asks for another one', async () => {
    const { here, member, proofFor, enter, withheld, change, other } = await begin()
    const known = await member({ email_address_verified: false })
    const intermediate_session_token = await withheld(known)
    const expires_at = rfc3339(here.clock.now() + 10 * MINUTE)
    const proof = await proofFor(known.email_address)
    await change({ auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso', other.method] })
    const reply = await enter({ ...proof, intermediate_session_token })
    assert.deepEqual(
      [reply.member_authenticated, reply.primary_required, reply.mfa_required],
      [false, { allowed_auth_methods: ['sso', other.method] }, null],
    )
    assert.deepEqual(
      [reply.intermediate_session_token, reply.intermediate_session_token_expires_at],
      [intermediate_session_token, expires_at],
    )
    assert.equal(reply.member.email_address_verified, false)
  })

  test('the methods that are asked for: all, but only those that prove an address while that is open', async () => {
    const { here, project, organization, organization_id, change } = await begin()
    const known = await memberIn(here, project, { organization_id }, { email_address_verified: false })
    const all = ['sso', 'magic_link', 'password', 'google_oauth', 'microsoft_oauth', 'email_otp']
    const open = await memberSession(here, project, organization, known, password)
    assert.deepEqual(open.primary_required, { allowed_auth_methods: all })
    await change({ auth_methods: 'RESTRICTED', allowed_auth_methods: ['github_oauth', 'email_otp', 'password'] })
    const restricted = await memberSession(here, project, organization, known, password)
    assert.deepEqual(restricted.primary_required, { allowed_auth_methods: ['email_otp', 'password'] })
  })

  test('an intermediate session of another address is ignored', async () => {
    const { here, project, member, proofFor, enter, withheld, refuseEnter, change } = await begin()
    const [known, stranger] = [await member(), await member({ email_address_verified: false })]
    const intermediate_session_token = await withheld(stranger)
    const before = (await traces(here, project)) as { intermediate: unknown }
    const reply = await enter({ ...(await proofFor(known.email_address)), intermediate_session_token })
    assert.deepEqual([reply.member_authenticated, reply.member_id], [true, known.member_id])
    assert.deepEqual(((await traces(here, project)) as typeof before).intermediate, before.intermediate)
    const proof = await proofFor(known.email_address)
    await change({ auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso'] })
    const barred = 'operation_restricted_by_organization_auth_methods'
    await refuseEnter({ ...proof, intermediate_session_token }, 403, barred)
  })

  test('what was proven in another organization counts here as far as it is the member’s own', async () => {
    const { here, project, organization, member, proofFor, enter, refuseEnter, method } = await begin()
    const known = await member({ mfa_enrolled: true })
    const { mfa_phone } = await give(here, project, known.member_id, verifiedPhone())
    const environment = await environmentOf(here, project)
    const { organization_id } = await newOrganization(here, project)
    const at = rfc3339(here.clock.now())
    const times = { created_at: at, updated_at: at, last_authenticated_at: at }
    const { email_address } = known
    const brought = async (phone_number: string, bound = false) => {
      const { token } = await startIntermediateSession(here.app, environment, {
        email_address,
        organization_id,
        authentication_factors: [
          {
            type: 'magic_link',
            delivery_method: 'email',
            email_factor: { email_id: 'member-email-test-elsewhere', email_address },
            ...times,
          },
          {
            type: 'otp',
            delivery_method: 'sms',
            phone_number_factor: { phone_id: 'member-phone-test-elsewhere', phone_number },
            ...times,
          },
          { ...password, ...times },
        ],
        details: { bound },
      })
      return { intermediate_session_token: token }
    }
    const foreign = await enter({ ...(await proofFor(email_address)), ...(await brought('+14155550199')) })
    assert.deepEqual([foreign.member_authenticated, foreign.mfa_required !== null], [false, true])
    const same = await enter({ ...(await proofFor(email_address)), ...(await brought('+14155550123')) })
    assert.equal(same.member_authenticated, true)
    const { authentication_factors } = same.member_session
    assert.deepEqual(
      new Set(authentication_factors.map(({ type }: { type: string }) => type)),
      new Set(['magic_link', 'otp', 'password', method]),
    )
    const text = JSON.stringify(authentication_factors)
    assert.ok(!text.includes('elsewhere') && text.includes(known.email_id) && text.includes(mfa_phone?.phone_id ?? '-'))
    assert.equal(same.organization.organization_id, organization.organization_id)
    const proof = await proofFor(email_address)
    const bound = { ...proof, ...(await brought('+14155550123', true)) }
    const before = await traces(here, project)
    await refuseEnter(bound, 400, 'invalid_intermediate_session_token_for_organization')
    assert.deepEqual(await traces(here, project), before)
    await enter(proof)
  })

  test('an intermediate session that has expired, or is of another project, is not found, and nothing is used up', async () => {
    const { here, member, proofFor, enter, refuseEnter, withheld } = await begin()
    const known = await member({ email_address_verified: false })
    const intermediate_session_token = await withheld(known)
    here.clock.advance(10 * MINUTE)
    const proof = await proofFor(known.email_address)
    await refuseEnter({ ...proof, intermediate_session_token }, 404, 'intermediate_session_not_found')
    const there = await scene(engine, way)
    const theirs = await there.withheld(
      await there.member({ email_address: known.email_address, email_address_verified: false }),
    )
    await refuseEnter({ ...proof, intermediate_session_token: theirs }, 404, 'intermediate_session_not_found')
    await enter(proof)
  })
}

function testEmailUpdates(way: Way, engine: Engine): void {
  async function begun() {
    const base = await scene(engine, way)
    const { here, project, organization_id, member, proof } = base
    const known = await member()
    const email_address = newAddress()
    const delivery_method = way === 'link' ? ('EMAIL_MAGIC_LINK' as const) : ('EMAIL_OTP' as const)
    const start = async (to = email_address) => {
      here.clock.advance(SECOND)
      const request = { email_address: to, delivery_method }
      await startEmailUpdate(here.app, await environmentOf(here, project), known, request)
      return proof(await lastMessage(here, to, project), organization_id)
    }
    return { ...base, known, email_address, start }
  }

  test('proving the new address makes it the primary one, and signs the member in', async () => {
    const { known, email_address, start, enter, refuseEnter, session, spent } = await begun()
    const { session_token } = await session(known)
    const proof = await start()
    const reply = await enter({ ...proof, session_token })
    assert.deepEqual([reply.member_authenticated, reply.session_token], [true, session_token])
    assert.deepEqual([reply.member.email_address, reply.member.email_address_verified], [email_address, true])
    assert.deepEqual(reply.member.retired_email_addresses, [
      { email_id: known.email_id, email_address: known.email_address },
    ])
    const factor = reply.member_session.authentication_factors.at(-1)
    assert.deepEqual(factor.email_factor, { email_id: reply.method_id, email_address })
    await refuseEnter(proof, 401, spent)
  })

  test('a change that was replaced, has expired or was taken meanwhile is not completed', async () => {
    const { here, project, known, email_address, start, refuseEnter, member } = await begun()
    const replaced = await start()
    const late = await start(newAddress())
    const voided = way === 'link' ? 'magic_link_not_found' : 'otp_code_not_found'
    await refuseEnter(replaced, 404, voided)
    here.clock.advance(5 * MINUTE)
    await refuseEnter(late, 401, ways[way].spent)
    const taken = await start()
    await member({ email_address })
    const answer = await call(here, project, ways[way].authenticate, taken)
    assert.ok(answer.status >= 400)
    assert.equal((await stored(here, project, known.member_id)).email_address, known.email_address)
  })

  test('it is completed where the method is forbidden for logins, but lets nobody in then', async () => {
    const { here, project, known, email_address, start, enter, change, liveSessions } = await begun()
    const proof = await start()
    await change({ auth_methods: 'RESTRICTED', allowed_auth_methods: ['password'] })
    const reply = await enter(proof)
    assert.deepEqual(
      [reply.member_authenticated, reply.primary_required],
      [false, { allowed_auth_methods: ['password'] }],
    )
    assert.equal((await stored(here, project, known.member_id)).email_address, email_address)
    assert.deepEqual(await liveSessions(known.member_id), [])
  })

  test('a refusal leaves the change as it was', async () => {
    const { here, project, start, refuseEnter, enter, email_address } = await begun()
    const proof = await start()
    const before = await traces(here, project)
    const dead = { intermediate_session_token: newToken() }
    await refuseEnter({ ...proof, ...dead }, 404, 'intermediate_session_not_found')
    assert.deepEqual(await traces(here, project), before)
    assert.equal((await enter(proof)).member.email_address, email_address)
  })
}

function testTenants(way: Way, engine: Engine): void {
  test('nothing of one project, environment or organization opens another', async () => {
    const { here, project, organization_id, member, authenticate, send, enter } = await scene(engine, way)
    const known = await member()
    const { email_address } = known
    const sibling = await newOrganization(here, project)
    const twin = await memberIn(here, project, sibling, { email_address })
    const other = await here.project('B2B')
    const far = await newOrganization(here, other)
    await memberIn(here, other, far, { email_address })
    const proof = await proofIn(here, project, way, organization_id, email_address)
    const before = [await traces(here, project), await traces(here, other)]
    const refused = async (project_: typeof project, fields: object, status: number, type: string) =>
      refuse(here, project_, authenticate, { ...proof, ...fields }, status, type)
    if (way === 'link') await refused(other, {}, 404, 'magic_link_not_found')
    else {
      await refused(other, {}, 404, 'organization_not_found')
      await refused(project, { organization_id: far.organization_id }, 404, 'organization_not_found')
    }
    assert.deepEqual([await traces(here, project), await traces(here, other)], before)
    if (way === 'code') {
      // A code for one organization is a wrong one in the next, and counts as such for the member there.
      await refused(project, { organization_id: sibling.organization_id }, 404, 'otp_code_not_found')
      await refused(other, { organization_id: far.organization_id }, 404, 'otp_code_not_found')
      const { failures } = (await traces(here, project)) as { failures: { owner_id: string }[] }
      assert.deepEqual(
        failures.map(({ owner_id }) => owner_id),
        [twin.member_id],
      )
    }
    await refuse(here, other, send, { organization_id, email_address }, 404, 'organization_not_found')
    const reply = await enter(proof)
    assert.deepEqual([reply.member_id, reply.organization_id], [known.member_id, organization_id])
  })

  test('a session of another organization is ignored', async () => {
    const { here, project, member, proofFor, enter } = await scene(engine, way)
    const known = await member()
    const sibling = await newOrganization(here, project)
    const twin = await memberIn(here, project, sibling, { email_address: known.email_address })
    const { session_token } = await memberSession(here, project, sibling, twin)
    const reply = await enter({ ...(await proofFor(known.email_address)), session_token })
    assert.notEqual(reply.session_token, session_token)
    assert.equal(reply.member_session.organization_id, known.organization_id)
  })
}

function testRaces(way: Way, engine: Engine): void {
  test('a hundred calls at once redeem it exactly once', async () => {
    const { here, project, member, proofFor, authenticate, liveSessions, spent } = await scene(engine, way, open)
    const { member_id, email_address } = await member({ status: 'pending', email_address_verified: false })
    const proof = await proofFor(email_address)
    const answers = await Promise.all(Array.from({ length: 100 }, () => call(here, project, authenticate, proof)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    const types = new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.error_type))
    assert.deepEqual([...types], [spent])
    assert.equal((await liveSessions(member_id)).length, 1)
  })

  test('a hundred calls at once make of an intermediate session exactly one session', async () => {
    const { here, project, member, withheld, proofFor, authenticate, liveSessions } = await scene(engine, way)
    const known = await member({ email_address_verified: false })
    const intermediate_session_token = await withheld(known)
    const proofs = [await proofFor(known.email_address), await proofFor(known.email_address)]
    const usable = way === 'code' ? proofs.slice(1) : proofs
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        call(here, project, authenticate, { ...usable[index % usable.length], intermediate_session_token }),
      ),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal((await liveSessions(known.member_id)).length, 1)
  })

  test('a member who is deleted meanwhile is signed in before or not at all', async () => {
    const { here, project, member, proofFor, authenticate, liveSessions } = await scene(engine, way)
    for (let round = 0; round < 5; round++) {
      const known = await member()
      const proof = await proofFor(known.email_address)
      const environment = await environmentOf(here, project)
      const [answer] = await Promise.all([
        call(here, project, authenticate, proof),
        deleteMember(here.app, environment, known),
      ])
      const gone = ['magic_link_not_found', 'otp_code_not_found']
      assert.ok(answer.status === 200 || gone.includes(answer.body.error_type), JSON.stringify(answer.body))
      assert.deepEqual(await liveSessions(known.member_id), [])
      assert.equal((await call(here, project, authenticate, proof)).status, 404)
    }
  })

  test('an organization that is deleted meanwhile leaves no session behind', async () => {
    const { here, project, organization_id, member, proofFor, authenticate } = await scene(engine, way)
    const { email_address } = await member()
    const proof = await proofFor(email_address)
    await Promise.all([
      call(here, project, authenticate, proof),
      succeed(here, project, `DELETE /v1/b2b/organizations/${organization_id}`),
    ])
    const { sessions, members } = (await traces(here, project)) as Record<string, unknown[]>
    assert.deepEqual([sessions, members], [[], []])
  })
}

/** Gives a member a password; returns what tells whether it has to be reset. */
async function withPassword(here: World, project: Credentials, member_id: string): Promise<() => Promise<boolean>> {
  const password_id = `member-password-test-${randomUUID()}`
  await give(here, project, member_id, { password: { password_id, inherited: false } })
  const owner = { project_id: project.id, owner_id: member_id }
  await storePassword(here.app, { ...owner, password_id, scheme: 'argon_2id', hash: randomUUID(), accepted_by: '' })
  const environment = await environmentOf(here, project)
  return async () => (await findPassword(here.app, environment, member_id))?.requires_reset === true
}
