/** POST /v1/b2b/totp/authenticate. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newToken } from '../../../../src/crypto/tokens.ts'
import { MINUTE, rfc3339 } from '../../../../src/values/time.ts'
import { call, refuse } from '../../../support/call.ts'
import { give, memberIn, signIn as signInAs } from '../../../support/members.ts'
import { newOrganization } from '../../../support/organizations.ts'
import {
  callsAbout,
  count,
  memberScene,
  phone,
  recoverRoute,
  totpRoute as route,
  smsRoute,
  updateOrganization,
  verifiedPhone,
} from '../../../support/second_factor.ts'
import { withoutTotpLimit, wrongCode } from '../../../support/totp.ts'
import { liveCredentials } from '../../../support/users.ts'
import { type Engine, onBothEngines } from '../../../support/world.ts'

const step = 30_000
const gone = [404, 'intermediate_session_not_found'] as const
const wrong = [401, 'unable_to_authenticate_totp'] as const
const used = [400, 'totp_code_already_authenticated'] as const
const locked = [429, 'user_lock_limit_reached'] as const
const primaryFirst = [400, 'action_available_only_once_primary_authentication_is_met'] as const
const barred = [403, 'operation_restricted_by_organization_mfa_methods'] as const

/** A member with an app that waits for its first code, and an intermediate session. */
async function waiting(engine: Engine, around?: typeof withoutTotpLimit) {
  const scene = await memberScene(engine, { settings: { mfa_policy: 'REQUIRED_FOR_ALL' } }, around)
  const { intermediate_session_token } = await scene.signIn()
  return { ...scene, intermediate_session_token, app: await scene.enrol() }
}

onBothEngines('B2B totps.authenticate', (engine) => {
  test('completes a sign-in: the first code verifies the app, which becomes the default method', async () => {
    const { here, member, succeedAt, refuseAt, sessions, intermediate_session_token, app } = await waiting(engine)
    const reply = await succeedAt(route, { code: app.code(), intermediate_session_token })
    assert.equal(reply.member_id, member.member_id)
    const { totp_registration_id, mfa_enrolled, default_mfa_method } = reply.member
    assert.deepEqual([totp_registration_id, mfa_enrolled, default_mfa_method], [app.totp_registration_id, true, 'totp'])
    const { authentication_factors: factors, expires_at } = reply.member_session
    assert.deepEqual(
      factors.map(({ type, sequence_order }: { type: string; sequence_order: string }) => [type, sequence_order]),
      [
        ['magic_link', 'PRIMARY'],
        ['totp', 'SECONDARY'],
      ],
    )
    assert.equal(factors[1].delivery_method, 'authenticator_app')
    assert.deepEqual(factors[1].authenticator_app_factor, { totp_id: app.totp_registration_id })
    assert.equal(expires_at, rfc3339(here.clock.now() + 60 * MINUTE))
    assert.equal(await sessions(), 1)
    await refuseAt(route, { code: app.code(1), intermediate_session_token }, gone)
  })

  test('steps a session up, by token or JWT, and keeps its expiry unless a duration is given', async () => {
    const { here, succeedAt, signIn, enrol } = await memberScene(engine)
    const { session_token, member_session } = await signIn()
    const app = await enrol()
    const first = await succeedAt(route, { code: app.code(), session_token })
    assert.equal(first.member_session.expires_at, member_session?.expires_at)
    here.clock.advance(step)
    const { session_jwt } = first
    const fields = { session_duration_minutes: 5, session_custom_claims: { plan: 'pro' } }
    const second = await succeedAt(route, { code: app.code(), session_jwt, ...fields })
    assert.equal(second.session_token, session_token)
    assert.equal(second.member_session.authentication_factors.length, 2)
    assert.equal(second.member_session.expires_at, rfc3339(here.clock.now() + 5 * MINUTE))
    assert.deepEqual(second.member_session.custom_claims, { plan: 'pro' })
  })

  test('enrols, unenrols and sets the default method as it is asked to', async () => {
    const { here, succeedAt, refuseAt, signIn, enrol, newCode } = await memberScene(engine)
    const { session_token } = await signIn()
    const { member } = await succeedAt(smsRoute, {
      code: await newCode({ mfa_phone_number: '+14155550123' }),
      session_token,
    })
    assert.equal(member.default_mfa_method, 'sms_otp')
    const app = await enrol({ session_token })
    for (const [fields, enrolled, method] of [
      [{}, false, 'sms_otp'],
      [{ set_mfa_enrollment: 'enroll', set_default_mfa: false }, true, 'sms_otp'],
      [{ set_default_mfa: true }, true, 'totp'],
      [{ set_mfa_enrollment: 'unenroll' }, false, 'totp'],
    ] as const) {
      const reply = await succeedAt(route, { code: app.code(), session_token, ...fields })
      assert.deepEqual([reply.member.mfa_enrolled, reply.member.default_mfa_method], [enrolled, method])
      here.clock.advance(step)
    }
    await refuseAt(route, { code: app.code(), session_token, set_mfa_enrollment: 'ENROLL' }, [400, 'bad_request'])
  })

  test('the codes of the 30 seconds before and after count; none counts twice, nor after a later one', async () => {
    const { here, succeedAt, refuseAt, signIn, enrol, now } = await memberScene(engine)
    const { session_token } = await signIn()
    const app = await enrol()
    await succeedAt(route, { code: app.code(-1), session_token })
    await succeedAt(route, { code: app.code(), session_token })
    for (const steps of [0, -1]) await refuseAt(route, { code: app.code(steps), session_token }, used)
    await succeedAt(route, { code: app.code(1), session_token })
    here.clock.advance(step)
    await refuseAt(route, { code: app.code(), session_token }, used)
    assert.equal((await now()).lock_expires_at, null)
  })

  test('refuses what is no code, and says when it is a recovery code', async () => {
    const { refuseAt, succeedAt, intermediate_session_token, app } = await waiting(engine)
    for (const code of ['', '12345', '1234567', 'abcdef', ' 12345', '１２３４５６']) {
      await refuseAt(route, { code, intermediate_session_token }, [400, 'invalid_totp_code'])
    }
    const code = app.recovery_codes[0]
    await refuseAt(route, { code, intermediate_session_token }, [400, 'recovery_code_used_as_totp_code'])
    await refuseAt(route, { code: 123456, intermediate_session_token }, [400, 'bad_request'])
    await refuseAt(route, { intermediate_session_token }, [400, 'bad_request'])
    await succeedAt(route, { code: app.code(), intermediate_session_token })
  })

  test('refuses a member without an app', async () => {
    const { refuseAt, signIn } = await memberScene(engine)
    const { session_token } = await signIn()
    await refuseAt(route, { code: '123456', session_token }, [404, 'totp_not_found'])
  })

  test('a refusal for anything else burns neither code nor intermediate session, and verifies nothing', async () => {
    const { here, project, organization, member, refuseAt, succeedAt, now, intermediate_session_token, app } =
      await waiting(engine)
    const stranger = await memberIn(here, project, organization, { mfa_enrolled: true })
    const strange = await callsAbout(here, project, organization, stranger).signIn()
    const code = app.code()
    const tokens = { intermediate_session_token, session_token: newToken() }
    const refusals: [object, number, string][] = [
      [{}, 400, 'no_session_arguments'],
      [tokens, 400, 'too_many_session_arguments'],
      [{ session_token: 'x' }, 400, 'invalid_session_token'],
      [{ session_token: newToken() }, 404, 'session_not_found'],
      [{ intermediate_session_token: newToken() }, ...gone],
      [{ intermediate_session_token: strange.intermediate_session_token }, 400, 'member_session_member_id_mismatch'],
      [{ intermediate_session_token, session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ intermediate_session_token, session_custom_claims: { a: 'x'.repeat(5000) } }, 400, 'custom_claims_too_large'],
      [{ intermediate_session_token, member_id: 'nobody' }, 404, 'member_not_found'],
      [{ intermediate_session_token, organization_id: 'nowhere' }, 404, 'organization_not_found'],
    ]
    for (const [fields, status, type] of refusals) await refuseAt(route, { code, ...fields }, [status, type])
    const elsewhere = await newOrganization(here, project, { mfa_policy: 'REQUIRED_FOR_ALL' })
    const namesake = await memberIn(here, project, elsewhere, { email_address: member.email_address })
    const password = { type: 'password', delivery_method: 'knowledge' } as const
    const bound = await callsAbout(here, project, elsewhere, namesake).signIn(password, { bound: true })
    const foreign = { code, intermediate_session_token: bound.intermediate_session_token }
    await refuseAt(route, foreign, [400, 'invalid_intermediate_session_token_for_organization'])
    const fine = { code, intermediate_session_token }
    await updateOrganization(here, project, organization, {
      mfa_methods: 'RESTRICTED',
      allowed_mfa_methods: ['sms_otp'],
    })
    await refuseAt(route, fine, barred)
    const settings = { mfa_methods: 'ALL_ALLOWED', auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso'] }
    await updateOrganization(here, project, organization, settings)
    await refuseAt(route, fine, primaryFirst)
    await updateOrganization(here, project, organization, { auth_methods: 'ALL_ALLOWED' })
    const live = await liveCredentials(here, project)
    const named = { organization_id: organization.organization_id, member_id: member.member_id }
    await refuse(here, live, route, { ...named, ...fine }, 400, 'test_id_used_in_live_environment')
    await refuse(here, await here.project(), route, { ...named, ...fine }, 400, 'invalid_b2b_endpoint')
    assert.equal((await now()).totp?.verified, false)
    await succeedAt(route, fine)
  })

  test('an app that somebody enrolled in advance is no way around the number of the member', async () => {
    const { here, project, member, succeedAt, refuseAt, newCode, enrol, signIn, now } = await memberScene(engine)
    // Nobody has to be signed in for that, as long as there is no second factor.
    const app = await enrol({ expiration_minutes: 1440 })
    const { session_token } = await signIn()
    const first = await newCode({ mfa_phone_number: phone })
    await succeedAt(smsRoute, { code: first, session_token, set_mfa_enrollment: 'enroll' })
    const { intermediate_session_token } = await signIn()
    const unproven = [404, 'secondary_factor_not_found'] as const
    await refuseAt(route, { code: app.code(), intermediate_session_token }, unproven)
    const weak = await signInAs(here, project, member.member_id)
    await refuseAt(route, { code: app.code(), session_token: weak }, unproven)
    assert.equal((await now()).totp?.verified, false)
    const both = await succeedAt(route, { code: app.code(), session_token })
    assert.equal(both.member.totp_registration_id, app.totp_registration_id)
  })

  test('ten wrong codes in a row lock the member, who then is refused with the right one, too', async () => {
    const { here, refuseAt, succeedAt, now, signIn, intermediate_session_token, app } = await waiting(engine)
    const code = wrongCode(app)
    for (let n = 0; n < 10; n++) await refuseAt(route, { code, intermediate_session_token }, wrong)
    await refuseAt(route, { code: app.code(), intermediate_session_token }, locked)
    const [recovery_code] = app.recovery_codes
    await refuseAt(recoverRoute, { recovery_code, intermediate_session_token }, locked)
    assert.equal((await now()).totp?.verified, false)
    here.clock.advance(60 * MINUTE - 1)
    await refuseAt(route, { code: app.code(), intermediate_session_token }, locked)
    assert.deepEqual((await now()).lock_expires_at, here.clock.now() + 1)
    here.clock.advance(1)
    const fresh = await signIn()
    const { intermediate_session_token: next } = fresh
    // The app waited for an hour, too.
    await refuseAt(route, { code: app.code(), intermediate_session_token: next }, [400, 'expired_totp'])
    await succeedAt('POST /v1/b2b/totp', { intermediate_session_token: next })
  })

  test('a member has ten tries a minute, of codes of both kinds', async () => {
    const { here, refuseAt, succeedAt, ask, signIn, enrol } = await memberScene(engine)
    const { session_token } = await signIn()
    const app = await enrol()
    const code = app.code()
    await succeedAt(route, { code, session_token })
    for (let n = 0; n < 9; n++) await refuseAt(route, { code, session_token }, used)
    const { status, body, headers } = await ask(route, { code: app.code(1), session_token })
    assert.deepEqual([status, body.error_type, headers['retry-after']], [429, 'too_many_requests', '60'])
    const [recovery_code] = app.recovery_codes
    await refuseAt(recoverRoute, { recovery_code, session_token }, [429, 'too_many_requests'])
    here.clock.advance(MINUTE)
    await succeedAt(route, { code: app.code(), session_token })
    await succeedAt(recoverRoute, { recovery_code, session_token })
  })

  test('of a hundred calls with one code at once, one succeeds', async () => {
    const { ask, sessions, signIn, enrol } = await memberScene(engine, {}, withoutTotpLimit)
    const app = await enrol()
    const { session_token } = await signIn()
    const code = app.code()
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(route, { code, session_token })))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal(count(answers, used), 99)
    assert.equal(await sessions(), 1)
  })

  test('one intermediate session with two different codes at once makes one session, and burns one code', async () => {
    const { here, project, member, ask, sessions, newCode, succeedAt, signIn, intermediate_session_token, app } =
      await waiting(engine, withoutTotpLimit)
    const before = await signInAs(here, project, member.member_id)
    await succeedAt(route, { code: app.code(-1), session_token: before })
    await give(here, project, member.member_id, verifiedPhone())
    const [sms, totp] = [await newCode(), app.code()]
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        index % 2
          ? ask(smsRoute, { code: sms, intermediate_session_token })
          : ask(route, { code: totp, intermediate_session_token }),
      ),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal(count(answers, gone), 99)
    assert.equal(await sessions(), 2)
    const next = (await signIn()).intermediate_session_token
    const bySms = answers.findIndex(({ status }) => status === 200) % 2 === 1
    await succeedAt(bySms ? route : smsRoute, { code: bySms ? totp : sms, intermediate_session_token: next })
  })

  test('a hundred guesses at once are ten guesses: the others find the member locked', async () => {
    const { ask, intermediate_session_token, app } = await waiting(engine, withoutTotpLimit)
    const code = wrongCode(app)
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => ask(route, { code, intermediate_session_token })),
    )
    assert.deepEqual([count(answers, wrong), count(answers, locked)], [10, 90])
  })

  test('codes of one member do not stand in the way of another', async () => {
    const { here, project, organization, signIn, enrol, ask } = await memberScene(engine)
    const other = await memberIn(here, project, organization)
    const about = callsAbout(here, project, organization, other)
    const [mine, theirs] = [await enrol(), await about.enrol()]
    const [one, two] = [await signIn(), await about.signIn()]
    const answers = await Promise.all([
      ask(route, { code: mine.code(), session_token: one.session_token }),
      call(here, project, route, { ...about.named, code: theirs.code(), session_token: two.session_token }),
    ])
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    )
  })
})
