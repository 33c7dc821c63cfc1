/** POST /v1/b2b/discovery/intermediate_sessions/exchange. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { newToken } from '../../../../../src/crypto/tokens.ts'
import { getIntermediateSession } from '../../../../../src/domain/intermediate_sessions/intermediate_session.ts'
import { takeMemberTurn } from '../../../../../src/domain/members/member.ts'
import { deleteMember } from '../../../../../src/domain/members/removal.ts'
import type { Member } from '../../../../../src/domain/members/row.ts'
import { updateMember } from '../../../../../src/domain/members/update.ts'
import { getOrganization } from '../../../../../src/domain/organizations/reference.ts'
import { addProof, type Proof } from '../../../../../src/domain/sessions/factors.ts'
import { MINUTE, rfc3339, SECOND } from '../../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../../support/call.ts'
import {
  assertSignedIn,
  assertWithheld,
  discoveryScene,
  exchangeRoute,
  mailed,
  password,
} from '../../../../support/discovery.ts'
import { lastMessage, messagesTo } from '../../../../support/inbox.ts'
import { newAddress, traces } from '../../../../support/links.ts'
import { proofFor } from '../../../../support/member_ways.ts'
import { give, memberSession, race } from '../../../../support/members.ts'
import { toPeriodStart } from '../../../../support/one_time_codes.ts'
import { environmentOf } from '../../../../support/organizations.ts'
import { smsRoute, verifiedPhone } from '../../../../support/second_factor.ts'
import { type Engine, onBothEngines } from '../../../../support/world.ts'

const unproven = { email_address_verified: false } as const
const letting = { email_jit_provisioning: 'RESTRICTED', email_allowed_domains: ['example.com'] }

async function scene(engine: Engine) {
  const base = await discoveryScene(engine)
  const { here, project } = base
  return {
    ...base,
    /** The living sessions of everybody in the project. */
    async sessions(): Promise<{ owner_id: string }[]> {
      const { sessions } = (await traces(here, project)) as { sessions: { owner_id: string; revoked_at: unknown }[] }
      return sessions.filter(({ revoked_at }) => revoked_at === null)
    },
    async members(): Promise<Member[]> {
      return ((await traces(here, project)) as { members: Member[] }).members
    },
  }
}

onBothEngines('discovery.intermediateSessions.exchange', (engine) => {
  test('a member has a session of an hour, and the intermediate session is used up', async () => {
    const { here, organization, member, proven, exchange, refuseExchange } = await scene(engine)
    const acme = await organization({ organization_external_id: `own-${randomUUID()}` })
    const known = await member(acme, { roles: ['stytch_admin'] })
    for (const organization_id of [acme.organization_id, acme.organization_slug, acme.organization_external_id]) {
      const token = await proven(known.email_address)
      const fields = { session_custom_claims: { plan: 'pro', nothing: null }, telemetry_id: 'x' }
      const reply = await exchange(token, { organization_id }, fields)
      assertSignedIn(reply)
      assert.deepEqual([reply.member_id, reply.organization_id], [known.member_id, acme.organization_id])
      assert.deepEqual([reply.organization, reply.member_device], [acme, null])
      const { member_session } = reply
      assert.deepEqual(member_session.roles, ['stytch_member', 'stytch_admin'])
      assert.deepEqual(member_session.custom_claims, { plan: 'pro' })
      assert.equal(member_session.expires_at, rfc3339(here.clock.now() + 60 * MINUTE))
      const again = { intermediate_session_token: token, organization_id }
      await refuseExchange(again, 404, 'intermediate_session_not_found')
    }
    const { member_session } = await exchange(await proven(known.email_address), acme, { session_duration_minutes: 5 })
    assert.equal(member_session.expires_at, rfc3339(here.clock.now() + 5 * MINUTE))
  })

  test('factors keep the times they were made at, and become those of the member’s address', async () => {
    const { here, organization, member, proven, exchange } = await scene(engine)
    const acme = await organization()
    const { email_id, email_address } = await member(acme)
    const token = await proven(email_address)
    const made = rfc3339(here.clock.now())
    here.clock.advance(MINUTE)
    const { member_session } = await exchange(token, acme)
    const [{ created_at, email_factor }] = member_session.authentication_factors
    assert.deepEqual([created_at, email_factor], [made, { email_id, email_address }])
    assert.equal(member_session.started_at, rfc3339(here.clock.now()))
  })

  test('who is invited or pending is let in by it, and active and verified then', async () => {
    const { organization, member, proven, exchange } = await scene(engine)
    const acme = await organization()
    for (const status of ['invited', 'pending'] as const) {
      const known = await member(acme, { status, ...unproven })
      const reply = await exchange(await proven(known.email_address), acme)
      assertSignedIn(reply)
      assert.equal(reply.member_id, known.member_id)
      assert.deepEqual([reply.member.status, reply.member.email_address_verified], ['active', true])
    }
  })

  test('who may join by the domain becomes a member, also where nobody in the domain is one yet', async () => {
    const { organization, proven, exchange, refuseExchange } = await scene(engine)
    const acme = await organization(letting)
    const email_address = newAddress()
    const token = await proven(email_address)
    const reply = await exchange(token, acme)
    assertSignedIn(reply)
    const { member } = reply
    assert.deepEqual(
      [member.email_address, member.status, member.email_address_verified],
      [email_address, 'active', true],
    )
    assert.deepEqual([member.is_admin, reply.member_session.roles], [false, ['stytch_member']])
    const { organization_id } = acme
    await refuseExchange({ intermediate_session_token: token, organization_id }, 404, 'intermediate_session_not_found')
    assert.equal((await exchange(await proven(email_address), acme)).member_id, reply.member_id)
  })

  test('who was deleted comes back as somebody new', async () => {
    const { here, project, organization, member, proven, exchange } = await scene(engine)
    const acme = await organization(letting)
    const known = await member(acme)
    await deleteMember(here.app, await environmentOf(here, project), known)
    const reply = await exchange(await proven(known.email_address), acme)
    assertSignedIn(reply)
    assert.notEqual(reply.member_id, known.member_id)
  })

  test('who may not join is refused, leaves nobody behind, and can go elsewhere', async () => {
    const { here, project, organization, member, proven, exchange, refuseExchange } = await scene(engine)
    const closed = await organization()
    const others = await organization({ ...letting, email_allowed_domains: ['sub.example.com', 'example.org'] })
    const retired = await organization(letting)
    const email_address = newAddress()
    const environment = await environmentOf(here, project)
    const former = await member(retired, { email_address })
    const there = await getOrganization(here.app, environment, retired.organization_id)
    await updateMember(here.app, environment, there, former, { email_address: newAddress() })
    const intermediate_session_token = await proven(email_address)
    const before = await traces(here, project)
    const cases = [
      [closed, 'email_jit_provisioning_not_allowed'],
      [others, 'invalid_email_for_jit_provisioning'],
      [retired, 'retired_member_email'],
    ] as const
    for (const [{ organization_id }, type] of cases) {
      await refuseExchange({ intermediate_session_token, organization_id }, 400, type)
    }
    assert.deepEqual(await traces(here, project), before)
    const home = await organization()
    await member(home, { email_address })
    assertSignedIn(await exchange(intermediate_session_token, home))
  })

  test('a domain that another organization has claimed is its own; members there already come in', async () => {
    const { here, project, organization, member, proven, exchange, refuseExchange } = await scene(engine)
    const acme = await organization(letting)
    const known = await member(acme)
    const invited = await member(acme, { status: 'invited', ...unproven })
    const claimer = await organization({ ...letting, claimed_email_domains: ['example.com'] })
    const intermediate_session_token = await proven(newAddress())
    const before = await traces(here, project)
    const { organization_id } = acme
    const refused = { intermediate_session_token, organization_id }
    await refuseExchange(refused, 400, 'action_not_allowed_email_domain_is_claimed')
    assert.deepEqual(await traces(here, project), before)
    for (const { email_address } of [known, invited]) assertSignedIn(await exchange(await proven(email_address), acme))
    assertSignedIn(await exchange(intermediate_session_token, claimer))
  })

  test('while something is required the same intermediate session goes on, until it is met', async () => {
    const { here, project, organization, member, proven, exchange, sessions } = await scene(engine)
    toPeriodStart(here, 600)
    const strict = await organization({ mfa_policy: 'REQUIRED_FOR_ALL' })
    const invited = await member(strict, { status: 'invited', ...unproven })
    const token = await proven(invited.email_address)
    const first = await exchange(token, strict)
    assertWithheld(first, token)
    assert.equal(first.intermediate_session_token_expires_at, rfc3339(here.clock.now() + 10 * MINUTE))
    assert.deepEqual(first.mfa_required, { member_options: null, secondary_auth_initiated: null })
    assert.equal(first.primary_required, null)
    assert.deepEqual([first.member.status, first.member.email_address_verified], ['active', true])
    await give(here, project, invited.member_id, verifiedPhone())
    here.clock.advance(SECOND)
    const second = await exchange(token, strict, { locale: 'fr' })
    assertWithheld(second, token)
    assert.deepEqual(second.mfa_required, {
      member_options: { mfa_phone_number: 'XXXXXXX0123', totp_registration_id: '' },
      secondary_auth_initiated: 'sms_otp',
    })
    const message = await lastMessage(here, '+14155550123', project)
    assert.deepEqual([message.template, message.locale], ['otp_mfa', 'fr'])
    assert.deepEqual(await sessions(), [])
    const { organization_id } = strict
    const { member_id } = invited
    const given = { organization_id, member_id, code: message.code, intermediate_session_token: token }
    const done = await succeed(here, project, smsRoute, given)
    const kinds = done.member_session.authentication_factors.map(({ type }: { type: string }) => type)
    assert.deepEqual(kinds, ['magic_link', 'otp'])
    await refuse(here, project, exchangeRoute, given, 404, 'intermediate_session_not_found')
  })

  test('a code in a language without a text is English; no code is sent while the first factor is missing', async () => {
    const { here, project, organization, member, proven, exchange } = await scene(engine)
    toPeriodStart(here, 600)
    const strict = await organization({ mfa_policy: 'REQUIRED_FOR_ALL' })
    const { member_id, email_address } = await member(strict)
    await give(here, project, member_id, verifiedPhone())
    await exchange(await proven(email_address), strict, { locale: 'zh-Hans' })
    assert.equal((await lastMessage(here, '+14155550123', project)).locale, 'en')
    const more = { mfa_policy: 'REQUIRED_FOR_ALL', auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso'] }
    const barred = await organization(more)
    const other = await member(barred, { email_address })
    await give(here, project, other.member_id, verifiedPhone('+14155550124'))
    const reply = await exchange(await proven(email_address), barred)
    assert.deepEqual(reply.primary_required, { allowed_auth_methods: ['sso'] })
    assert.equal(reply.mfa_required.secondary_auth_initiated, null)
    assert.deepEqual(await messagesTo(here, '+14155550124', project), [])
  })

  test('a method that the organization forbids is not enough: the allowed ones are told, and may complete it', async () => {
    const { here, project, organization, member, proven, exchange, members } = await scene(engine)
    const only = { auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso', 'email_otp'] }
    const barred = await organization({ ...only, ...letting })
    const known = await member(barred, { status: 'invited', ...unproven })
    const exempt = await member(barred, { is_breakglass: true })
    assertSignedIn(await exchange(await proven(exempt.email_address), barred))
    const token = await proven(known.email_address)
    const reply = await exchange(token, barred)
    assertWithheld(reply, token)
    assert.deepEqual(reply.primary_required, { allowed_auth_methods: ['sso', 'email_otp'] })
    assert.deepEqual([reply.member.status, reply.mfa_required], ['invited', null])
    const stranger = await exchange(await proven(newAddress()), barred)
    assert.equal(stranger.member.status, 'pending')
    assert.equal((await members()).length, 3)

    here.clock.advance(SECOND)
    const { organization_id } = barred
    const named = { organization_id, email_address: known.email_address }
    await succeed(here, project, 'POST /v1/b2b/otps/email/login_or_signup', named)
    const { code } = await lastMessage(here, known.email_address, project)
    const given = { ...named, code, intermediate_session_token: token }
    const done = await succeed(here, project, 'POST /v1/b2b/otps/email/authenticate', given)
    assertSignedIn(done)
    const factors = done.member_session.authentication_factors.map(({ type }: { type: string }) => type)
    assert.deepEqual(factors, ['magic_link', 'email_otp'])
  })

  test('a password of all organizations proves no address, unless it was set through a mailed link in this flow', async () => {
    const { organization, member, proven, exchange } = await scene(engine)
    const acme = await organization(letting)
    const known = await member(acme)
    assertSignedIn(await exchange(await proven(known.email_address, password), acme))
    const proving = ['sso', 'magic_link', 'password', 'google_oauth', 'microsoft_oauth', 'email_otp']
    const invited = await member(acme, { status: 'invited', ...unproven })
    const unverified = await member(acme, unproven)
    for (const [email_address, status] of [
      [invited.email_address, 'invited'],
      [unverified.email_address, 'active'],
      [newAddress(), 'pending'],
    ] as const) {
      const token = await proven(email_address, password)
      const reply = await exchange(token, acme)
      assertWithheld(reply, token)
      assert.deepEqual(reply.primary_required, { allowed_auth_methods: proving })
      assert.deepEqual([reply.member.status, reply.member.email_address_verified], [status, false])
      const proved = await exchange(await proven(email_address, password, true), acme)
      assertSignedIn(proved)
      assert.deepEqual([proved.member.status, proved.member.email_address_verified], ['active', true])
    }
  })

  test('a link of discovery and one of the organization are one factor, with the time of the first and of the last', async () => {
    const { here, project, organization, member, discover, exchange } = await scene(engine)
    const strict = await organization({ mfa_policy: 'REQUIRED_FOR_ALL' })
    const { organization_id } = strict
    const { email_address } = await member(strict)
    const { intermediate_session_token } = await discover(email_address)
    const first = rfc3339(here.clock.now())
    const proof = await proofFor(here, project, 'link', organization_id, email_address)
    const both = { ...proof, intermediate_session_token }
    const waiting = await succeed(here, project, 'POST /v1/b2b/magic_links/authenticate', both)
    assertWithheld(waiting, intermediate_session_token)
    const last = rfc3339(here.clock.now())
    assert.notEqual(first, last)
    await succeed(here, project, `PUT /v1/b2b/organizations/${organization_id}`, { mfa_policy: 'OPTIONAL' })
    const { member_session } = await exchange(intermediate_session_token, strict)
    const times = member_session.authentication_factors.map((one: Record<string, string>) => [
      one.type,
      one.created_at,
      one.last_authenticated_at,
    ])
    assert.deepEqual(times, [['magic_link', first, last]])
  })

  test('that an address was proven holds for this address only, and through the second factor', async () => {
    const { here, project, organization, member, proven, exchange } = await scene(engine)
    toPeriodStart(here, 600)
    const strict = await organization({ mfa_policy: 'REQUIRED_FOR_ALL' })
    const invited = await member(strict, { status: 'invited', ...unproven })
    const other = await member(strict, { status: 'invited', ...unproven })
    const { organization_id } = strict
    const intermediate_session_token = await proven(invited.email_address, password, true)
    const phone = { mfa_phone_number: '+14155550177', intermediate_session_token, organization_id }
    const send = 'POST /v1/b2b/otps/sms/send'
    const theirs = { ...phone, member_id: other.member_id }
    await refuse(here, project, send, theirs, 400, 'member_session_member_id_mismatch')
    const { member_id } = invited
    const sent = await succeed(here, project, send, { ...phone, member_id })
    assert.deepEqual([sent.member.status, sent.member.email_address_verified], ['active', true])
    const { code } = await lastMessage(here, '+14155550177', project)
    const given = { organization_id, member_id, code, intermediate_session_token }
    await succeed(here, project, smsRoute, given)

    // In a login of another address it is ignored, whatever was proven.
    const open = await organization()
    const stranger = await member(open, { status: 'invited', ...unproven })
    const token = await proven(newAddress(), password, true)
    const environment = await environmentOf(here, project)
    const intermediate = { token, record: await getIntermediateSession(here.app, environment, token) }
    const login = await memberSession(here, project, open, stranger, password, { intermediate })
    assert.equal(login.member_authenticated, false)
    assert.notEqual(login.intermediate_session_token, token)
    assert.equal((await exchange(await proven(stranger.email_address), open)).member_id, stranger.member_id)
  })

  test('second factors of another organization count only for the same verified number', async () => {
    const { here, project, organization, member, proven, exchange } = await scene(engine)
    toPeriodStart(here, 600)
    const strict = await organization({ mfa_policy: 'REQUIRED_FOR_ALL' })
    const { email_address, member_id } = await member(strict)
    await give(here, project, member_id, verifiedPhone())
    const environment = await environmentOf(here, project)
    const withPhone = async (phone_number: string) => {
      const token = await proven(email_address)
      const record = await getIntermediateSession(here.app, environment, token)
      const phone_number_factor = { phone_id: 'member-phone-test-elsewhere', phone_number }
      const proof: Proof = { type: 'otp', delivery_method: 'sms', phone_number_factor }
      const factors = addProof(record.authentication_factors, proof, here.clock.now())
      await here.app.store.write
        .updateTable('intermediate_sessions')
        .set({ authentication_factors: JSON.stringify(factors) })
        .where('token_hash', '=', record.token_hash)
        .execute()
      return exchange(token, strict)
    }
    assert.notEqual((await withPhone('+14155550199')).mfa_required, null)
    assertSignedIn(await withPhone('+14155550123'))
  })

  test('what counts in one organization only leads to no other, and by its own login to its own', async () => {
    const { here, project, organization, member, boundTo, exchange, refuseExchange, list } = await scene(engine)
    const home = await organization()
    const { email_address } = await member(home)
    const away = await organization(letting)
    const intermediate_session_token = await boundTo(home, email_address, true)
    const before = await traces(here, project)
    const { organization_id } = away
    const fields = { intermediate_session_token, organization_id }
    await refuseExchange(fields, 400, 'invalid_intermediate_session_token_for_organization')
    assert.deepEqual(await traces(here, project), before)
    assertSignedIn(await exchange(intermediate_session_token, home))
    const free = await boundTo(home, email_address, false)
    assert.equal((await list({ intermediate_session_token: free })).discovered_organizations.length, 1)
    assertSignedIn(await exchange(free, away))
  })

  test('a discovery that gains a password of one organization counts in that one only from then on', async () => {
    const { here, project, organization, member, proven, exchange, refuseExchange } = await scene(engine)
    const only = { auth_methods: 'RESTRICTED', allowed_auth_methods: ['password'] }
    const strict = await organization({ ...only, mfa_policy: 'REQUIRED_FOR_ALL' })
    const known = await member(strict)
    const other = await organization(only)
    await member(other, { email_address: known.email_address })
    const token = await proven(known.email_address)
    assertWithheld(await exchange(token, other), token)
    const environment = await environmentOf(here, project)
    const intermediate = { token, record: await getIntermediateSession(here.app, environment, token) }
    const login = await memberSession(here, project, strict, known, password, { intermediate, bound: true })
    assert.deepEqual([login.intermediate_session_token, login.primary_required], [token, null])
    const fields = { intermediate_session_token: token, organization_id: other.organization_id }
    await refuseExchange(fields, 400, 'invalid_intermediate_session_token_for_organization')
    assertWithheld(await exchange(token, strict), token)
  })

  test('a locked member is refused, and nothing is used up', async () => {
    const { here, project, organization, member, proven, exchange, refuseExchange } = await scene(engine)
    const acme = await organization()
    const { member_id, email_address } = await member(acme)
    const now = here.clock.now()
    await give(here, project, member_id, { lock_created_at: now, lock_expires_at: now + 5 * MINUTE })
    const token = await proven(email_address)
    const before = await traces(here, project)
    const { organization_id } = acme
    await refuseExchange({ intermediate_session_token: token, organization_id }, 429, 'user_lock_limit_reached')
    assert.deepEqual(await traces(here, project), before)
    here.clock.advance(5 * MINUTE)
    assertSignedIn(await exchange(token, acme))
  })

  test('malformed requests, dead tokens and unknown organizations use nothing up', async () => {
    const { here, project, organization, member, proven, exchange, refuseExchange } = await scene(engine)
    const acme = await organization()
    const { email_address } = await member(acme)
    const good = { intermediate_session_token: await proven(email_address), organization_id: acme.organization_id }
    const other = await scene(engine)
    const there = await other.organization()
    await other.member(there, { email_address })
    const before = await traces(here, project)
    const cases: [object, number, string][] = [
      [{ intermediate_session_token: undefined }, 400, 'bad_request'],
      [{ organization_id: undefined }, 400, 'bad_request'],
      [{ intermediate_session_token: '' }, 404, 'intermediate_session_not_found'],
      [{ intermediate_session_token: 'short' }, 404, 'intermediate_session_not_found'],
      [{ intermediate_session_token: newToken() }, 404, 'intermediate_session_not_found'],
      [{ intermediate_session_token: await other.proven(email_address) }, 404, 'intermediate_session_not_found'],
      [{ organization_id: 'nowhere' }, 404, 'organization_not_found'],
      [{ organization_id: there.organization_id }, 404, 'organization_not_found'],
      [{ organization_id: 'a b' }, 400, 'invalid_organization_id'],
      [{ organization_id: `organization-live-${randomUUID()}` }, 400, 'live_id_used_in_test_environment'],
      [{ session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ session_duration_minutes: 527_041 }, 400, 'invalid_session_duration_minutes'],
      [{ session_custom_claims: { a: 'x'.repeat(5000) } }, 400, 'custom_claims_too_large'],
      [{ session_custom_claims: { 'https://stytch.com/x': 1 } }, 400, 'stytch_claims_in_custom_claims'],
      [{ locale: 'xx' }, 400, 'invalid_locale'],
    ]
    for (const [fields, status, type] of cases) await refuseExchange({ ...good, ...fields }, status, type)
    await refuse(here, other.project, exchangeRoute, good, 404, 'intermediate_session_not_found')
    await refuse(here, await here.project(), exchangeRoute, good, 400, 'invalid_b2b_endpoint')
    assert.deepEqual(await traces(here, project), before)
    assertSignedIn(await exchange(good.intermediate_session_token, acme))
  })

  test('of many calls at once with one intermediate session exactly one makes a session, wherever they lead', async () => {
    const { here, project, organization, member, proven, sessions, members } = await scene(engine)
    const [home, away, open] = [await organization(), await organization(), await organization(letting)]
    const email_address = newAddress()
    await member(home, { email_address })
    await member(away, { email_address, status: 'invited', ...unproven })
    const intermediate_session_token = await proven(email_address)
    const places = [home, away, open]
    const counts = await race(
      here,
      project,
      () => exchangeRoute,
      (index) => ({ intermediate_session_token, organization_id: places[index % 3]?.organization_id }),
      30,
    )
    assert.deepEqual(counts, { 200: 1, intermediate_session_not_found: 29 })
    const [session] = await sessions()
    assert.equal((await sessions()).length, 1)
    // Whoever lost has let nobody in, and made nobody a member.
    const known = await members()
    const joined = known.filter(({ organization_id }) => organization_id === open.organization_id)
    assert.ok(joined.every(({ member_id }) => member_id === session?.owner_id))
    const active = known.filter(
      ({ status, organization_id }) => status === 'active' && organization_id === away.organization_id,
    )
    assert.ok(active.every(({ member_id }) => member_id === session?.owner_id))
  })

  test('many intermediate sessions of one new address at once make one member', async () => {
    const { here, project, organization, proven, members, sessions } = await scene(engine)
    const open = await organization(letting)
    const email_address = newAddress()
    const tokens = await Promise.all(Array.from({ length: 20 }, () => proven(email_address)))
    const answers = await Promise.all(
      tokens.map((intermediate_session_token) =>
        call(here, project, exchangeRoute, { intermediate_session_token, organization_id: open.organization_id }),
      ),
    )
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    assert.equal(new Set(answers.map(({ body }) => body.member_id)).size, 1)
    assert.deepEqual([(await members()).length, (await sessions()).length], [1, 20])
  })

  test('many calls at once while something is required all go on with the same intermediate session', async () => {
    const { here, project, organization, proven, members } = await scene(engine)
    const open = await organization({ ...letting, mfa_policy: 'REQUIRED_FOR_ALL' })
    const token = await proven(newAddress())
    const body = { intermediate_session_token: token, organization_id: open.organization_id }
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(here, project, exchangeRoute, body)))
    for (const answer of answers) assertWithheld(answer.body, token)
    assert.equal((await members()).length, 1)
  })

  test('an organization that is deleted meanwhile leaves nobody behind', async () => {
    const { here, project, organization, proven, members, sessions } = await scene(engine)
    const open = await organization(letting)
    const body = { intermediate_session_token: await proven(newAddress()), organization_id: open.organization_id }
    const [answer] = await Promise.all([
      call(here, project, exchangeRoute, body),
      succeed(here, project, `DELETE /v1/b2b/organizations/${open.organization_id}`),
    ])
    assert.ok([200, 404].includes(answer.status), JSON.stringify(answer.body))
    assert.deepEqual([await members(), await sessions()], [[], []])
  })

  test('the address of the intermediate session decides, not that of a factor in it', async () => {
    const { organization, member, proven, exchange } = await scene(engine)
    const acme = await organization()
    const [known, victim] = [await member(acme), await member(acme, { status: 'invited', ...unproven })]
    const token = await proven(victim.email_address, mailed(known.email_address))
    assertWithheld(await exchange(token, acme), token)
  })

  test('a member who gets another address while the exchange waits is not meant', async () => {
    const { here, project, organization, member, proven } = await scene(engine)
    const acme = await organization()
    const known = await member(acme)
    const body = {
      intermediate_session_token: await proven(known.email_address),
      organization_id: acme.organization_id,
    }
    const environment = await environmentOf(here, project)
    const place = await getOrganization(here.app, environment, acme.organization_id)
    const { exchanging } = await here.app.transaction(async (app) => {
      await takeMemberTurn(app, known)
      const exchanging = refuse(here, project, exchangeRoute, body, 400, 'email_jit_provisioning_not_allowed')
      await pause(50)
      await updateMember(app, environment, place, known, { email_address: newAddress() })
      return { exchanging }
    })
    await exchanging
  })
})
