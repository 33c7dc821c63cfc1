/** POST /v1/b2b/otps/sms/authenticate. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newToken } from '../../../../../src/crypto/tokens.ts'
import { startIntermediateSession } from '../../../../../src/domain/intermediate_sessions/intermediate_session.ts'
import { deleteMfaPhone } from '../../../../../src/domain/members/factors.ts'
import { updateEnvironment } from '../../../../../src/domain/projects/environment.ts'
import { MINUTE, rfc3339, SECOND } from '../../../../../src/values/time.ts'
import { refuse } from '../../../../support/call.ts'
import { give, memberIn, signIn as signInAs } from '../../../../support/members.ts'
import { wrong } from '../../../../support/one_time_codes.ts'
import { environmentOf, newOrganization } from '../../../../support/organizations.ts'
import {
  callsAbout,
  count,
  memberScene,
  phone,
  smsRoute as route,
  sendRoute,
  totpRoute,
  updateOrganization,
  verifiedPhone,
} from '../../../../support/second_factor.ts'
import { liveCredentials } from '../../../../support/users.ts'
import { type Engine, onBothEngines } from '../../../../support/world.ts'

const notFound = [404, 'otp_code_not_found'] as const
const unable = [401, 'unable_to_auth_otp_code'] as const
const locked = [429, 'user_lock_limit_reached'] as const
const gone = [404, 'intermediate_session_not_found'] as const
const primaryFirst = [400, 'action_available_only_once_primary_authentication_is_met'] as const
const barred = [403, 'operation_restricted_by_organization_mfa_methods'] as const
const mismatch = [400, 'member_session_member_id_mismatch'] as const

const required = { settings: { mfa_policy: 'REQUIRED_FOR_ALL' }, parts: verifiedPhone() }

/** A member who waits for the second factor, with the code that was sent. */
async function waiting(engine: Engine, options: Parameters<typeof memberScene>[1] = required) {
  const scene = await memberScene(engine, options)
  const { intermediate_session_token } = await scene.signIn()
  assert.notEqual(intermediate_session_token, '')
  return { ...scene, intermediate_session_token, code: await scene.newCode({ mfa_phone_number: phone }) }
}

onBothEngines('otps.sms.authenticate', (engine) => {
  test('completes a sign-in: the session has both factors and lasts an hour, the number is verified', async () => {
    const scene = await waiting(engine, { settings: { mfa_policy: 'REQUIRED_FOR_ALL' } })
    const { here, member, organization, succeedAt, refuseAt, intermediate_session_token, code } = scene
    const reply = await succeedAt(route, { code, intermediate_session_token })
    assert.equal(reply.member_id, member.member_id)
    assert.equal(reply.organization.organization_id, organization.organization_id)
    const { mfa_phone_number_verified, mfa_enrolled, default_mfa_method } = reply.member
    assert.deepEqual([mfa_phone_number_verified, mfa_enrolled, default_mfa_method], [true, true, 'sms_otp'])
    const { authentication_factors: factors, expires_at } = reply.member_session
    assert.deepEqual(
      factors.map(({ type, sequence_order }: { type: string; sequence_order: string }) => [type, sequence_order]),
      [
        ['magic_link', 'PRIMARY'],
        ['otp', 'SECONDARY'],
      ],
    )
    const { phone_id } = (await scene.now()).mfa_phone as { phone_id: string }
    assert.equal(factors[1].delivery_method, 'sms')
    assert.deepEqual(factors[1].phone_number_factor, { phone_id, phone_number: phone })
    assert.equal(expires_at, rfc3339(here.clock.now() + 60 * MINUTE))
    assert.equal(reply.member_device, null)
    assert.equal(await scene.sessions(), 1)
    await refuseAt(sendRoute, { intermediate_session_token }, gone)
    await refuseAt(route, { code, intermediate_session_token }, gone)
    const { session_token, session_jwt } = reply
    for (const proof of [{ session_token }, { session_jwt }]) await succeedAt(sendRoute, proof)
  })

  test('takes duration and claims for the new session', async () => {
    const { here, succeedAt, intermediate_session_token, code } = await waiting(engine)
    const { member_session } = await succeedAt(route, {
      code,
      intermediate_session_token,
      session_duration_minutes: 5,
      session_custom_claims: { plan: 'pro' },
      telemetry_id: 'telemetry',
    })
    assert.equal(member_session.expires_at, rfc3339(here.clock.now() + 5 * MINUTE))
    assert.deepEqual(member_session.custom_claims, { plan: 'pro' })
  })

  test('steps a session up, by token or JWT: same session, same expiry unless a duration is given', async () => {
    const { here, signIn, newCode, succeedAt, sessions } = await memberScene(engine, { parts: verifiedPhone() })
    const started = await signIn()
    const { session_token } = started
    here.clock.advance(SECOND)
    const first = await succeedAt(route, { code: await newCode(), session_token })
    assert.equal(first.session_token, session_token)
    assert.equal(first.member_session.member_session_id, started.member_session?.member_session_id)
    assert.equal(first.member_session.expires_at, started.member_session?.expires_at)
    here.clock.advance(SECOND)
    const { session_jwt } = first
    const second = await succeedAt(route, {
      code: await newCode(),
      session_jwt,
      session_duration_minutes: 10,
      session_custom_claims: { plan: 'pro' },
    })
    const { authentication_factors: factors, expires_at, custom_claims } = second.member_session
    assert.deepEqual(
      factors.map(({ type }: { type: string }) => type),
      ['magic_link', 'otp'],
    )
    assert.notEqual(factors[1].last_authenticated_at, factors[1].created_at)
    assert.equal(expires_at, rfc3339(here.clock.now() + 10 * MINUTE))
    assert.deepEqual(custom_claims, { plan: 'pro' })
    assert.equal(second.session_token, session_token)
    assert.equal(await sessions(), 1)
  })

  test('a session steps up whatever the organization asks of first factors since', async () => {
    const scene = await memberScene(engine, { parts: verifiedPhone() })
    const { here, project, organization, member, signIn, newCode, succeedAt } = scene
    const { session_token } = await signIn()
    await updateOrganization(here, project, organization, {
      auth_methods: 'RESTRICTED',
      allowed_auth_methods: ['password'],
    })
    await give(here, project, member.member_id, { email_address_verified: false })
    const reply = await succeedAt(route, { code: await newCode(), session_token })
    assert.equal(reply.session_token, session_token)
    assert.equal(reply.member.email_address_verified, false)
  })

  test('enrols and unenrols where the member may choose, and leaves the flag otherwise', async () => {
    const { signIn, newCode, succeedAt, now, refuseAt } = await memberScene(engine, { parts: verifiedPhone() })
    const { session_token } = await signIn()
    for (const [set_mfa_enrollment, mfa_enrolled] of [
      [undefined, false],
      ['enroll', true],
      [undefined, true],
      ['unenroll', false],
      [null, false],
    ]) {
      const reply = await succeedAt(route, { code: await newCode(), session_token, set_mfa_enrollment })
      assert.equal(reply.member.mfa_enrolled, mfa_enrolled)
      assert.equal((await now()).mfa_enrolled, mfa_enrolled)
    }
    const fields = { session_token, code: '123456' }
    await refuseAt(route, { ...fields, set_mfa_enrollment: 'yes' }, [400, 'bad_request'])
    await refuseAt(route, { ...fields, set_mfa_enrollment: true }, [400, 'bad_request'])
    await refuseAt(route, { ...fields, set_default_mfa: 'yes' }, [400, 'bad_request'])
    assert.equal((await now()).mfa_phone?.verified, true)
  })

  test('nobody unenrols where the organization requires a second factor of everybody', async () => {
    const { succeedAt, intermediate_session_token, code } = await waiting(engine)
    const reply = await succeedAt(route, { code, intermediate_session_token, set_mfa_enrollment: 'unenroll' })
    assert.equal(reply.member.mfa_enrolled, true)
  })

  test('the first method becomes the default one; later only when asked for', async () => {
    const parts = { ...verifiedPhone(), default_mfa_method: 'totp' } as const
    const { signIn, newCode, succeedAt, here, project, member } = await memberScene(engine, { parts })
    const { session_token } = await signIn()
    for (const [set_default_mfa, method] of [
      [undefined, 'totp'],
      [false, 'totp'],
      [true, 'sms_otp'],
    ]) {
      const reply = await succeedAt(route, { code: await newCode(), session_token, set_default_mfa })
      assert.equal(reply.member.default_mfa_method, method)
    }
    await give(here, project, member.member_id, { default_mfa_method: '' })
    const reply = await succeedAt(route, { code: await newCode(), session_token })
    assert.equal(reply.member.default_mfa_method, 'sms_otp')
  })

  test('a sign-in that changes nothing about the member does not write it', async () => {
    const { signIn, newCode, succeedAt, now } = await memberScene(engine, { parts: verifiedPhone() })
    const { session_token } = await signIn()
    await succeedAt(route, { code: await newCode(), session_token })
    const before = await now()
    await succeedAt(route, { code: await newCode(), session_token })
    assert.deepEqual(await now(), before)
  })

  test('an intermediate session of discovery signs in to the organization that is named', async () => {
    const { here, project, member, newCode, succeedAt, refuseAt } = await memberScene(engine, {
      ...required,
      given: { status: 'pending', email_address_verified: false },
    })
    const { email_address } = member
    const now = rfc3339(here.clock.now())
    const times = { created_at: now, updated_at: now, last_authenticated_at: now }
    const { token: intermediate_session_token } = await startIntermediateSession(
      here.app,
      await environmentOf(here, project),
      {
        email_address,
        organization_id: null,
        authentication_factors: [
          {
            type: 'magic_link',
            delivery_method: 'email',
            email_factor: { email_id: 'member-email-discovery', email_address },
            ...times,
          },
        ],
        details: { bound: false },
      },
    )
    const code = await newCode({ intermediate_session_token })
    const reply = await succeedAt(route, { code, intermediate_session_token })
    assert.deepEqual([reply.member.status, reply.member.email_address_verified], ['active', true])
    await refuseAt(sendRoute, { intermediate_session_token }, gone)
  })

  test('an intermediate session of another organization’s login signs in to the one that is named', async () => {
    const { here, project, member, newCode, succeedAt } = await memberScene(engine, {
      ...required,
      given: { status: 'invited', email_address_verified: false },
    })
    const elsewhere = await newOrganization(here, project, { mfa_policy: 'REQUIRED_FOR_ALL' })
    const { email_address } = member
    const other = await memberIn(here, project, elsewhere, { email_address })
    const { intermediate_session_token } = await callsAbout(here, project, elsewhere, other).signIn()
    const code = await newCode({ intermediate_session_token })
    const reply = await succeedAt(route, { code, intermediate_session_token })
    assert.deepEqual([reply.member.status, reply.member.email_address_verified], ['active', true])
    assert.equal(reply.member_session.organization_id, member.organization_id)
  })

  test('what counts in one organization only is refused in another', async () => {
    const scene = await waiting(engine)
    const { here, project, member, refuseAt, code } = scene
    const elsewhere = await newOrganization(here, project, { mfa_policy: 'REQUIRED_FOR_ALL' })
    const other = await memberIn(here, project, elsewhere, { email_address: member.email_address })
    const password = { type: 'password', delivery_method: 'knowledge' } as const
    const bound = await callsAbout(here, project, elsewhere, other).signIn(password, { bound: true })
    const { intermediate_session_token } = bound
    const refusal = [400, 'invalid_intermediate_session_token_for_organization'] as const
    await refuseAt(route, { code, intermediate_session_token }, refusal)
    await refuseAt(sendRoute, { intermediate_session_token }, refusal)
    await scene.succeedAt(route, { code, intermediate_session_token: scene.intermediate_session_token })
  })

  test('demands exactly one token, which must live and be the member’s, and burns nothing', async () => {
    const scene = await waiting(engine)
    const { here, project, organization, refuseAt, intermediate_session_token, code } = scene
    const stranger = await memberIn(here, project, organization)
    const strange = await callsAbout(here, project, organization, stranger).signIn()
    const foreign = await memberIn(here, project, await newOrganization(here, project))
    const { session_token, session_jwt } = await callsAbout(here, project, foreign, foreign).signIn()
    const tooMany = [400, 'too_many_session_arguments'] as const
    const none = [400, 'no_session_arguments'] as const
    await refuseAt(route, { code }, none)
    await refuseAt(route, { code, session_token: '', session_jwt: null }, none)
    await refuseAt(route, { code, intermediate_session_token, session_token }, tooMany)
    await refuseAt(route, { code, intermediate_session_token, session_jwt }, tooMany)
    await refuseAt(route, { code, session_token, session_jwt }, tooMany)
    await refuseAt(route, { code, session_token: 'x' }, [400, 'invalid_session_token'])
    await refuseAt(route, { code, session_token: newToken() }, [404, 'session_not_found'])
    await refuseAt(route, { code, session_jwt: 'a.b.c' }, [400, 'unable_to_parse_session_jwt'])
    await refuseAt(route, { code, intermediate_session_token: 'x' }, gone)
    await refuseAt(route, { code, intermediate_session_token: newToken() }, gone)
    await refuseAt(route, { code, session_token }, mismatch)
    await refuseAt(route, { code, session_jwt }, mismatch)
    const strangeToken = strange.intermediate_session_token
    await refuseAt(route, { code, intermediate_session_token: strangeToken }, mismatch)
    await scene.succeedAt(route, { code, intermediate_session_token })
    const own = callsAbout(here, project, organization, stranger)
    const strangeCode = await own.newCode({
      mfa_phone_number: '+12125550199',
      intermediate_session_token: strangeToken,
    })
    await own.succeedAt(route, { code: strangeCode, intermediate_session_token: strangeToken })
  })

  test('an intermediate session ends after ten minutes, to the millisecond', async () => {
    const scene = await memberScene(engine, required)
    const { intermediate_session_token } = await scene.signIn()
    const { intermediate_session_token: second } = await scene.signIn()
    scene.here.clock.advance(10 * MINUTE - 1)
    await scene.succeedAt(route, { code: await scene.newCode(), intermediate_session_token })
    scene.here.clock.advance(1)
    const code = await scene.newCode()
    await scene.refuseAt(route, { code, intermediate_session_token: second }, gone)
  })

  test('a refusal for anything else leaves the code and the intermediate session to be used', async () => {
    const { here, project, organization, member, refuseAt, succeedAt, intermediate_session_token, code } =
      await waiting(engine)
    const fine = { code, intermediate_session_token }
    const refusals: [object, number, string][] = [
      [{ code: '12345' }, 400, 'invalid_code'],
      [{ code: '1234567' }, 400, 'invalid_code'],
      [{ code: '１２３４５６' }, 400, 'invalid_code'],
      [{ code: 123456 }, 400, 'bad_request'],
      [{ code: undefined }, 400, 'bad_request'],
      [{ organization_id: undefined }, 400, 'bad_request'],
      [{ member_id: undefined }, 400, 'bad_request'],
      [{ member_id: 'nobody' }, 404, 'member_not_found'],
      [{ organization_id: 'nowhere' }, 404, 'organization_not_found'],
      [{ session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ session_duration_minutes: 527_041 }, 400, 'invalid_session_duration_minutes'],
      [{ session_custom_claims: { long: 'x'.repeat(5000) } }, 400, 'custom_claims_too_large'],
      [{ session_custom_claims: { 'https://stytch.com/x': 1 } }, 400, 'stytch_claims_in_custom_claims'],
      [{ set_mfa_enrollment: 'maybe' }, 400, 'bad_request'],
      [{ intermediate_session_token: 7 }, 400, 'bad_request'],
    ]
    for (const [fields, status, type] of refusals) await refuseAt(route, { ...fine, ...fields }, [status, type])
    await updateOrganization(here, project, organization, { mfa_methods: 'RESTRICTED', allowed_mfa_methods: ['totp'] })
    await refuseAt(route, fine, barred)
    await updateOrganization(here, project, organization, {
      mfa_methods: 'ALL_ALLOWED',
      auth_methods: 'RESTRICTED',
      allowed_auth_methods: ['password'],
    })
    await refuseAt(route, fine, primaryFirst)
    const named = { organization_id: organization.organization_id, member_id: member.member_id }
    const live = await liveCredentials(here, project)
    await refuse(here, live, route, { ...named, ...fine }, 400, 'test_id_used_in_live_environment')
    await refuse(here, await here.project('B2B'), route, { ...named, ...fine }, 404, 'organization_not_found')
    await refuse(here, await here.project(), route, { ...named, ...fine }, 400, 'invalid_b2b_endpoint')
    await updateOrganization(here, project, organization, { auth_methods: 'ALL_ALLOWED' })
    await succeedAt(route, fine)
  })

  test('what is found out only when the factor joins the session undoes everything', async () => {
    const { here, project, member, signIn, newCode, refuseAt, succeedAt, now } = await memberScene(engine)
    const { session_token, member_session } = await signIn()
    const change = { duration_minutes: undefined, custom_claims: { long: 'x'.repeat(3000) } }
    const full = await signIn(undefined, { carried: [], change, presented: undefined })
    assert.notEqual(full.session_token, session_token)
    const code = await newCode({ mfa_phone_number: phone })
    const tooMuch = { code, session_token: full.session_token, session_custom_claims: { more: 'x'.repeat(3000) } }
    await refuseAt(route, tooMuch, [400, 'custom_claims_too_large'])
    await here.app.store.write
      .updateTable('sessions')
      .set({ authentication_factors: JSON.stringify([{ type: 'impersonated', delivery_method: 'impersonation' }]) })
      .where('project_id', '=', project.id)
      .where('session_id', '=', member_session?.member_session_id)
      .execute()
    await refuseAt(route, { code, session_token }, [400, 'session_not_mutable'])
    const { mfa_phone, default_mfa_method } = await now()
    assert.deepEqual([mfa_phone?.verified, default_mfa_method], [false, ''])
    assert.equal((await succeedAt(route, { code, session_token: full.session_token })).member_id, member.member_id)
  })

  test('refuses a method the organization does not allow, except of breakglass members', async () => {
    const scene = await waiting(engine)
    const { here, project, organization, member, refuseAt, succeedAt, intermediate_session_token, code } = scene
    await updateOrganization(here, project, organization, { mfa_methods: 'RESTRICTED', allowed_mfa_methods: ['totp'] })
    await refuseAt(route, { code, intermediate_session_token }, barred)
    await give(here, project, member.member_id, { is_breakglass: true })
    await succeedAt(route, { code, intermediate_session_token })
  })

  test('a number that somebody attached in advance is no way around the app of the member', async () => {
    const { here, project, member, succeedAt, refuseAt, newCode, enrol, signIn, now } = await memberScene(engine)
    // Nobody has to be signed in for that, as long as there is no second factor.
    await newCode({ mfa_phone_number: phone })
    const app = await enrol()
    const { session_token } = await signIn()
    await succeedAt(totpRoute, { code: app.code(), session_token, set_mfa_enrollment: 'enroll' })
    const { intermediate_session_token } = await signIn()
    const code = await newCode({ intermediate_session_token })
    const unproven = [404, 'secondary_factor_not_found'] as const
    await refuseAt(route, { code, intermediate_session_token }, unproven)
    await refuseAt(route, { code, session_token: await signInAs(here, project, member.member_id) }, unproven)
    assert.equal((await now()).mfa_phone?.verified, false)
    const both = await succeedAt(route, { code, session_token })
    assert.equal(both.member.mfa_phone_number_verified, true)
  })

  test('a code counts once, for two minutes, until the next one is sent', async () => {
    const { here, signIn, newCode, refuseAt, succeedAt } = await memberScene(engine, { parts: verifiedPhone() })
    const { session_token } = await signIn()
    const redeem = (code: string) => succeedAt(route, { code, session_token })
    const refused = (code: string) => refuseAt(route, { code, session_token }, unable)
    const used = await newCode()
    await redeem(used)
    await refused(used)
    const replaced = await newCode()
    const replacing = await newCode()
    if (replaced !== replacing) await refused(replaced)
    await redeem(replacing)
    const inTime = await newCode()
    here.clock.advance(2 * MINUTE - 1)
    await redeem(inTime)
    const late = await newCode()
    here.clock.advance(2 * MINUTE)
    await refused(late)
  })

  test('without a number, or a code sent to it, there is none', async () => {
    const { here, project, member, signIn, refuseAt } = await memberScene(engine)
    const { session_token } = await signIn()
    await refuseAt(route, { code: '123456', session_token }, notFound)
    await give(here, project, member.member_id, verifiedPhone())
    await refuseAt(route, { code: '123456', session_token }, notFound)
  })

  test('deleting the number takes its code along; the same number begins anew', async () => {
    const { here, project, signIn, newCode, refuseAt, succeedAt, now } = await memberScene(engine, {
      parts: verifiedPhone(),
    })
    const { session_token } = await signIn()
    const code = await newCode()
    const before = await now()
    const after = await deleteMfaPhone(here.app, await environmentOf(here, project), before)
    assert.equal(after.mfa_phone, null)
    await refuseAt(route, { code, session_token }, notFound)
    const next = await newCode({ mfa_phone_number: phone })
    assert.notEqual((await now()).mfa_phone?.phone_id, before.mfa_phone?.phone_id)
    if (next !== code) await refuseAt(route, { code, session_token }, notFound)
    await succeedAt(route, { code: next, session_token })
  })

  test('five wrong tries void a code, and a new one works', async () => {
    const { signIn, newCode, refuseAt, succeedAt } = await memberScene(engine, { parts: verifiedPhone() })
    const { session_token } = await signIn()
    const code = await newCode()
    for (let by = 1; by <= 5; by++) await refuseAt(route, { code: wrong(code, by), session_token }, notFound)
    await refuseAt(route, { code, session_token }, unable)
    await succeedAt(route, { code: await newCode(), session_token })
  })

  test('ten wrong codes in a row lock the member, who then is refused with the right one, and not before the arguments', async () => {
    const scene = await waiting(engine)
    const { here, project, refuseAt, succeedAt, newCode, now, intermediate_session_token } = scene
    await updateEnvironment(here.app, project.id, { user_lock_ttl: 300 })
    let { code } = scene
    for (let by = 1; by <= 5; by++)
      await refuseAt(route, { code: wrong(code, by), intermediate_session_token }, notFound)
    code = await newCode()
    for (let by = 1; by <= 5; by++)
      await refuseAt(route, { code: wrong(code, by), intermediate_session_token }, notFound)
    code = await newCode()
    await refuseAt(route, { code, intermediate_session_token }, locked)
    // Whose session it is, and whether it lives, is not told meanwhile.
    await refuseAt(route, { code, session_token: newToken() }, locked)
    await refuseAt(route, { code }, [400, 'no_session_arguments'])
    assert.notEqual((await now()).lock_expires_at, null)
    here.clock.advance(300 * SECOND - 1)
    code = await newCode()
    await refuseAt(route, { code, intermediate_session_token }, locked)
    here.clock.advance(1)
    const reply = await succeedAt(route, { code, intermediate_session_token })
    assert.equal(reply.member.is_locked, false)
  })

  test('a success begins the count of failures anew; codes that were right once do not count', async () => {
    const { here, signIn, newCode, refuseAt, succeedAt } = await memberScene(engine, { parts: verifiedPhone() })
    const { session_token } = await signIn()
    for (let round = 0; round < 4; round++) {
      const code = await newCode()
      for (let by = 1; by <= 4; by++) await refuseAt(route, { code: wrong(code, by), session_token }, notFound)
      await succeedAt(route, { code, session_token })
      for (let n = 0; n < 4; n++) await refuseAt(route, { code, session_token }, unable)
      here.clock.advance(SECOND)
    }
  })

  test('one code and one intermediate session redeemed 100 times at once sign in once', async () => {
    const { ask, sessions, code, intermediate_session_token } = await waiting(engine)
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => ask(route, { code, intermediate_session_token })),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal(count(answers, gone), 99)
    assert.equal(await sessions(), 1)
  })

  test('one code redeemed 100 times at once steps a session up once', async () => {
    const { ask, signIn, newCode, sessions } = await memberScene(engine, { parts: verifiedPhone() })
    const { session_token } = await signIn()
    const code = await newCode()
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(route, { code, session_token })))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal(count(answers, unable), 99)
    assert.equal(await sessions(), 1)
  })

  test('one code with many intermediate sessions at once makes one session', async () => {
    const { ask, signIn, sessions, newCode } = await memberScene(engine, required)
    const tokens = []
    for (let n = 0; n < 30; n++) tokens.push((await signIn()).intermediate_session_token)
    const code = await newCode()
    const answers = await Promise.all(
      tokens.map((intermediate_session_token) => ask(route, { code, intermediate_session_token })),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal(count(answers, unable), 29)
    assert.equal(await sessions(), 1)
  })

  test('one intermediate session used for two members of one address at once makes one session', async () => {
    const first = await waiting(engine)
    const { here, project, member, code, intermediate_session_token } = first
    const elsewhere = await newOrganization(here, project)
    const other = await memberIn(here, project, elsewhere, { email_address: member.email_address })
    const second = callsAbout(here, project, elsewhere, other)
    const secondCode = await second.newCode({ mfa_phone_number: '+12125550199' })
    const answers = await Promise.all([
      ...Array.from({ length: 20 }, () => first.ask(route, { code, intermediate_session_token })),
      ...Array.from({ length: 20 }, () => second.ask(route, { code: secondCode, intermediate_session_token })),
    ])
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal(count(answers, gone), 39)
    assert.equal((await first.sessions()) + (await second.sessions()), 1)
  })

  test('a hundred wrong guesses at once are five tries, and lock the member with the tenth', async () => {
    const { ask, refuseAt, code, intermediate_session_token } = await waiting(engine)
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        ask(route, { code: wrong(code, index + 1), intermediate_session_token }),
      ),
    )
    assert.deepEqual([count(answers, notFound), count(answers, locked)], [10, 90])
    await refuseAt(route, { code, intermediate_session_token }, locked)
  })
})
