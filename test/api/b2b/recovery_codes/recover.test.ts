/** POST /v1/b2b/recovery_codes/recover. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newToken } from '../../../../src/crypto/tokens.ts'
import { MINUTE, rfc3339 } from '../../../../src/values/time.ts'
import { refuse } from '../../../support/call.ts'
import { memberIn } from '../../../support/members.ts'
import {
  callsAbout,
  count,
  memberScene,
  recoverRoute as route,
  totpRoute,
  updateOrganization,
} from '../../../support/second_factor.ts'
import { withoutTotpLimit } from '../../../support/totp.ts'
import { liveCredentials } from '../../../support/users.ts'
import { type Engine, onBothEngines } from '../../../support/world.ts'

const unable = [401, 'unable_to_authenticate_recovery_code'] as const
const gone = [404, 'intermediate_session_not_found'] as const
const locked = [429, 'user_lock_limit_reached'] as const
const barred = [403, 'operation_restricted_by_organization_mfa_methods'] as const
const primaryFirst = [400, 'action_available_only_once_primary_authentication_is_met'] as const

/** A member whose app is verified, and who has signed in anew up to the second factor. */
async function waiting(engine: Engine, around?: typeof withoutTotpLimit) {
  const scene = await memberScene(engine, { settings: { mfa_policy: 'REQUIRED_FOR_ALL' } }, around)
  const app = await scene.enrol()
  const { intermediate_session_token: first } = await scene.signIn()
  const { session_token } = await scene.succeedAt(totpRoute, { code: app.code(), intermediate_session_token: first })
  const { intermediate_session_token } = await scene.signIn()
  const recovery_code = app.recovery_codes[0] as string
  return { ...scene, app, session_token, intermediate_session_token, recovery_code }
}

onBothEngines('recoveryCodes.recover', (engine) => {
  test('completes a sign-in, and says how many codes are left', async () => {
    const scene = await waiting(engine)
    const { here, member, succeedAt, refuseAt, signIn, sessions, intermediate_session_token, recovery_code } = scene
    const before = await scene.now()
    const reply = await succeedAt(route, { recovery_code, intermediate_session_token })
    assert.deepEqual([reply.member_id, reply.recovery_codes_remaining], [member.member_id, 9])
    const { authentication_factors: factors, expires_at } = reply.member_session
    assert.deepEqual(
      factors.map(({ type, sequence_order }: { type: string; sequence_order: string }) => [type, sequence_order]),
      [
        ['magic_link', 'PRIMARY'],
        ['recovery_codes', 'SECONDARY'],
      ],
    )
    assert.equal(factors[1].delivery_method, 'recovery_code')
    assert.match(factors[1].recovery_code_factor.totp_recovery_code_id, /^totp-recovery-code-test-/)
    assert.equal(expires_at, rfc3339(here.clock.now() + 60 * MINUTE))
    assert.equal(await sessions(), 2)
    assert.deepEqual(await scene.now(), before)
    await refuseAt(route, { recovery_code: scene.app.recovery_codes[1], intermediate_session_token }, gone)
    const { intermediate_session_token: next } = await signIn()
    await refuseAt(route, { recovery_code, intermediate_session_token: next }, unable)
    const fields = { session_duration_minutes: 5, session_custom_claims: { plan: 'pro' } }
    const second = { recovery_code: scene.app.recovery_codes[1], intermediate_session_token: next, ...fields }
    const { member_session, recovery_codes_remaining } = await succeedAt(route, second)
    assert.equal(recovery_codes_remaining, 8)
    assert.equal(member_session.expires_at, rfc3339(here.clock.now() + 5 * MINUTE))
    assert.deepEqual(member_session.custom_claims, { plan: 'pro' })
  })

  test('steps a session up', async () => {
    const { succeedAt, session_token, recovery_code } = await waiting(engine)
    const reply = await succeedAt(route, {
      recovery_code: ` ${recovery_code.toUpperCase().replaceAll('-', '')}`,
      session_token,
    })
    assert.equal(reply.session_token, session_token)
    assert.deepEqual(
      reply.member_session.authentication_factors.map(({ type }: { type: string }) => type),
      ['magic_link', 'totp', 'recovery_codes'],
    )
  })

  test('the codes of an app that waits for its first code do not count yet', async () => {
    const { enrol, signIn, refuseAt, succeedAt } = await memberScene(engine)
    const { session_token } = await signIn()
    await refuseAt(route, { recovery_code: 'a1b2-c3d4-e5f6', session_token }, [404, 'totp_not_found'])
    const app = await enrol()
    const [recovery_code] = app.recovery_codes
    await refuseAt(route, { recovery_code, session_token }, [404, 'totp_not_found'])
    await succeedAt(totpRoute, { code: app.code(), session_token })
    await succeedAt(route, { recovery_code, session_token })
  })

  test('refuses what is no recovery code, and says when it is a code of the app', async () => {
    const { refuseAt, succeedAt, intermediate_session_token, recovery_code, app } = await waiting(engine)
    for (const bad of ['', '12345', 'a1b2 c3d4 e5f6 g7h8', 'x'.repeat(65), 'ä'.repeat(12)]) {
      await refuseAt(route, { recovery_code: bad, intermediate_session_token }, [400, 'invalid_recovery_code'])
    }
    const code = app.code()
    await refuseAt(route, { recovery_code: code, intermediate_session_token }, [400, 'totp_code_used_as_recovery_code'])
    await refuseAt(route, { recovery_code: 7, intermediate_session_token }, [400, 'bad_request'])
    await refuseAt(route, { intermediate_session_token }, [400, 'bad_request'])
    await succeedAt(route, { recovery_code, intermediate_session_token })
  })

  test('when all have been used, there is none', async () => {
    const { here, refuseAt, succeedAt, session_token, app, named } = await waiting(engine, withoutTotpLimit)
    for (const recovery_code of app.recovery_codes) await succeedAt(route, { recovery_code, session_token })
    const none = [404, 'recovery_codes_not_found'] as const
    await refuseAt(route, { recovery_code: app.recovery_codes[0], session_token }, none)
    await refuseAt(`GET /v1/b2b/recovery_codes/${named.organization_id}/${named.member_id}`, {}, none)
    assert.ok(here)
  })

  test('a refusal for anything else burns neither code nor intermediate session', async () => {
    const scene = await waiting(engine)
    const { here, project, organization, refuseAt, succeedAt, named, intermediate_session_token, recovery_code } = scene
    const stranger = await memberIn(here, project, organization)
    const strange = await callsAbout(here, project, organization, stranger).signIn()
    const refusals: [object, number, string][] = [
      [{}, 400, 'no_session_arguments'],
      [{ intermediate_session_token, session_token: newToken() }, 400, 'too_many_session_arguments'],
      [{ session_token: newToken() }, 404, 'session_not_found'],
      [{ intermediate_session_token: newToken() }, ...gone],
      [{ intermediate_session_token: strange.intermediate_session_token }, 400, 'member_session_member_id_mismatch'],
      [{ intermediate_session_token, session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ intermediate_session_token, session_custom_claims: { a: 'x'.repeat(5000) } }, 400, 'custom_claims_too_large'],
      [{ intermediate_session_token, member_id: 'nobody' }, 404, 'member_not_found'],
      [{ intermediate_session_token, organization_id: 'nowhere' }, 404, 'organization_not_found'],
    ]
    for (const [fields, status, type] of refusals) await refuseAt(route, { recovery_code, ...fields }, [status, type])
    const fine = { recovery_code, intermediate_session_token }
    await updateOrganization(here, project, organization, {
      mfa_methods: 'RESTRICTED',
      allowed_mfa_methods: ['sms_otp'],
    })
    await refuseAt(route, fine, barred)
    // A recovery code stands for the app.
    const settings = { allowed_mfa_methods: ['totp'], auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso'] }
    await updateOrganization(here, project, organization, settings)
    await refuseAt(route, fine, primaryFirst)
    await updateOrganization(here, project, organization, { auth_methods: 'ALL_ALLOWED' })
    const live = await liveCredentials(here, project)
    await refuse(here, live, route, { ...named, ...fine }, 400, 'test_id_used_in_live_environment')
    await refuse(here, await here.project(), route, { ...named, ...fine }, 400, 'invalid_b2b_endpoint')
    assert.equal((await succeedAt(route, fine)).recovery_codes_remaining, 9)
  })

  test('ten wrong codes in a row lock the member', async () => {
    const { refuseAt, intermediate_session_token, recovery_code } = await waiting(engine, withoutTotpLimit)
    const wrong = { recovery_code: 'zzzz-zzzz-zzzz', intermediate_session_token }
    for (let n = 0; n < 10; n++) await refuseAt(route, wrong, unable)
    await refuseAt(route, { recovery_code, intermediate_session_token }, locked)
  })

  test('of a hundred calls with one code at once, one succeeds', async () => {
    const { ask, sessions, session_token, recovery_code, named, succeedAt } = await waiting(engine, withoutTotpLimit)
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(route, { recovery_code, session_token })))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    // A code that is gone is a wrong code: ten of them lock.
    assert.equal(count(answers, unable) + count(answers, locked), 99)
    assert.equal(await sessions(), 1)
    const { recovery_codes } = await succeedAt(`GET /v1/b2b/recovery_codes/${named.organization_id}/${named.member_id}`)
    assert.equal(recovery_codes.length, 9)
  })

  test('one intermediate session with ten codes at once makes one session, and burns one code', async () => {
    const { ask, sessions, app, intermediate_session_token, named, succeedAt } = await waiting(engine, withoutTotpLimit)
    const answers = await Promise.all(
      app.recovery_codes.map((recovery_code) => ask(route, { recovery_code, intermediate_session_token })),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal(count(answers, gone), 9)
    assert.equal(await sessions(), 2)
    const { recovery_codes } = await succeedAt(`GET /v1/b2b/recovery_codes/${named.organization_id}/${named.member_id}`)
    assert.equal(recovery_codes.length, 9)
  })
})
