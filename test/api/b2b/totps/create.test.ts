/** POST /v1/b2b/totp. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newToken } from '../../../../src/crypto/tokens.ts'
import { totpCode, totpStep } from '../../../../src/crypto/totp.ts'
import { deleteTotp } from '../../../../src/domain/members/factors.ts'
import { findTotp } from '../../../../src/domain/proofs/totp/totp.ts'
import { MINUTE } from '../../../../src/values/time.ts'
import { refuse } from '../../../support/call.ts'
import { give, memberIn } from '../../../support/members.ts'
import { environmentOf, newOrganization } from '../../../support/organizations.ts'
import {
  callsAbout,
  count,
  memberScene,
  enrolRoute as route,
  smsRoute,
  totpRoute,
  updateOrganization,
  verifiedPhone,
} from '../../../support/second_factor.ts'
import { liveCredentials } from '../../../support/users.ts'
import { onBothEngines } from '../../../support/world.ts'

const inactive = [400, 'action_available_only_for_active_members'] as const
const primaryFirst = [400, 'action_available_only_once_primary_authentication_is_met'] as const
const unproven = [404, 'secondary_factor_not_found'] as const
const mismatch = [400, 'member_session_member_id_mismatch'] as const

onBothEngines('totps.create', (engine) => {
  test('shows secret, QR code and ten recovery codes; the member shows the app once it is verified', async () => {
    const { here, project, member, organization, succeedAt, signIn } = await memberScene(engine)
    const reply = await succeedAt(route)
    assert.deepEqual([reply.member_id, reply.member.totp_registration_id], [member.member_id, ''])
    assert.equal(reply.organization.organization_id, organization.organization_id)
    assert.match(reply.totp_registration_id, /^member-totp-test-[0-9a-f-]{36}$/)
    assert.match(reply.secret, /^[A-Z2-7]{32}$/)
    assert.match(reply.qr_code, /^data:image\/png;base64, ?[A-Za-z0-9+/=]+$/)
    assert.equal(reply.recovery_codes.length, 10)
    for (const code of reply.recovery_codes) assert.match(code, /^[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}$/)
    const code = totpCode(reply.secret, totpStep(here.clock.now()))
    const proven = await succeedAt(totpRoute, { code, session_token: (await signIn()).session_token })
    assert.equal(proven.member.totp_registration_id, reply.totp_registration_id)
    const environment = await environmentOf(here, project)
    const row = await findTotp(here.app, environment, member.member_id)
    assert.ok(
      row && !JSON.stringify(row).includes(reply.secret) && !JSON.stringify(row).includes(reply.recovery_codes[0]),
    )
  })

  test('a new app takes the place of one that waits for its first code', async () => {
    const { succeedAt, refuseAt, enrol, signIn } = await memberScene(engine)
    const [first, second] = [await enrol(), await enrol()]
    assert.notEqual(first.totp_registration_id, second.totp_registration_id)
    const { session_token } = await signIn()
    if (![-1, 0, 1].map(second.code).includes(first.code())) {
      await refuseAt(totpRoute, { code: first.code(), session_token }, [401, 'unable_to_authenticate_totp'])
    }
    const { member } = await succeedAt(totpRoute, { code: second.code(), session_token })
    assert.equal(member.totp_registration_id, second.totp_registration_id)
  })

  test('there is one verified app a member, until it is deleted with everything of it', async () => {
    const { here, project, succeedAt, refuseAt, enrol, signIn, now } = await memberScene(engine)
    const app = await enrol()
    const { session_token } = await signIn()
    await succeedAt(totpRoute, { code: app.code(), session_token })
    await refuseAt(route, {}, [400, 'active_totp_exists'])
    await refuseAt(route, { session_token }, [400, 'active_totp_exists'])
    const environment = await environmentOf(here, project)
    await deleteTotp(here.app, environment, await now())
    assert.equal(await findTotp(here.app, environment, (await now()).member_id), undefined)
    assert.deepEqual([(await now()).totp, (await now()).default_mfa_method], [null, ''])
    here.clock.advance(MINUTE)
    await refuseAt(totpRoute, { code: app.code(), session_token }, [404, 'totp_not_found'])
    await succeedAt(totpRoute, { code: (await enrol()).code(), session_token })
  })

  test('the app waits an hour for its first code, or as long as is asked for: 5 to 1440 minutes', async () => {
    const { here, refuseAt, succeedAt, enrol, signIn, now } = await memberScene(engine)
    for (const expiration_minutes of [4, 1441, 0, -1]) {
      await refuseAt(route, { expiration_minutes }, [400, 'invalid_expiration'])
    }
    await refuseAt(route, { expiration_minutes: 7.5 }, [400, 'bad_request'])
    await refuseAt(route, { expiration_minutes: '7' }, [400, 'bad_request'])
    assert.equal((await now()).totp, null)
    for (const [expiration_minutes, minutes] of [
      [undefined, 60],
      [5, 5],
      [1440, 1440],
    ] as const) {
      const late = await enrol({ expiration_minutes })
      here.clock.advance(minutes * MINUTE)
      const { session_token } = await signIn()
      await refuseAt(totpRoute, { code: late.code(), session_token }, [400, 'expired_totp'])
    }
    const inTime = await enrol({ expiration_minutes: 5 })
    here.clock.advance(5 * MINUTE - 1)
    await succeedAt(totpRoute, { code: inTime.code(), session_token: (await signIn()).session_token })
  })

  test('who has a verified number has to have proven it before an app is attached', async () => {
    const scene = await memberScene(engine, { parts: { ...verifiedPhone(), mfa_enrolled: true } })
    const { here, project, member, succeedAt, refuseAt, signIn, newCode, now } = scene
    const first = await signIn()
    const { intermediate_session_token } = first
    await refuseAt(route, {}, unproven)
    await refuseAt(route, { intermediate_session_token }, unproven)
    assert.equal((await now()).totp, null)
    const { session_token, session_jwt } = await succeedAt(smsRoute, {
      code: await newCode(),
      intermediate_session_token,
    })
    await succeedAt(route, { session_token })
    await succeedAt(route, { session_jwt })
    // The number may be another one by now: what was proven is the one before.
    await give(here, project, member.member_id, verifiedPhone('+12125550199'))
    await refuseAt(route, { session_token }, unproven)
    await give(here, project, member.member_id, {
      mfa_phone: { ...verifiedPhone('+12125550111').mfa_phone, verified: false },
    })
    await succeedAt(route)
  })

  test('an intermediate session proves who enrols, lets somebody in, and is not used up', async () => {
    const { here, project, member, enrol, signIn, succeedAt } = await memberScene(engine, {
      settings: { mfa_policy: 'REQUIRED_FOR_ALL' },
    })
    const { intermediate_session_token } = await signIn()
    await give(here, project, member.member_id, { status: 'invited', email_address_verified: false })
    const app = await enrol({ intermediate_session_token })
    const reply = await succeedAt(totpRoute, { code: app.code(), intermediate_session_token })
    assert.deepEqual([reply.member.status, reply.member.mfa_enrolled], ['active', true])
  })

  test('refuses somebody who is not let in, and attaches nothing', async () => {
    for (const status of ['pending', 'invited'] as const) {
      const { signIn, refuseAt, now } = await memberScene(engine, { given: { status, email_address_verified: false } })
      await refuseAt(route, {}, inactive)
      const { intermediate_session_token } = await signIn({ type: 'password', delivery_method: 'knowledge' })
      await refuseAt(route, { intermediate_session_token }, primaryFirst)
      assert.deepEqual([(await now()).totp, (await now()).status], [null, status])
    }
  })

  test('refuses where the organization does not allow authenticator apps, except to breakglass members', async () => {
    const { here, project, member, organization, refuseAt, succeedAt, now } = await memberScene(engine, {
      settings: { mfa_methods: 'RESTRICTED', allowed_mfa_methods: ['sms_otp'] },
    })
    await refuseAt(route, {}, [403, 'operation_restricted_by_organization_mfa_methods'])
    assert.equal((await now()).totp, null)
    await give(here, project, member.member_id, { is_breakglass: true })
    await succeedAt(route)
    await give(here, project, member.member_id, { is_breakglass: false })
    await updateOrganization(here, project, organization, { allowed_mfa_methods: ['totp'] })
    await succeedAt(route)
  })

  test('takes one token at most, which must live and be the member’s', async () => {
    const { here, project, organization, member, signIn, refuseAt, now } = await memberScene(engine)
    const { session_token, session_jwt } = await signIn()
    const stranger = await memberIn(here, project, organization, { mfa_enrolled: true })
    const strange = await callsAbout(here, project, organization, stranger).signIn()
    const tooMany = [400, 'too_many_session_arguments'] as const
    await refuseAt(route, { session_token, session_jwt }, tooMany)
    await refuseAt(route, { session_token, intermediate_session_token: newToken() }, tooMany)
    await refuseAt(route, { session_token: newToken() }, [404, 'session_not_found'])
    await refuseAt(route, { session_token: 'x' }, [400, 'invalid_session_token'])
    await refuseAt(route, { intermediate_session_token: newToken() }, [404, 'intermediate_session_not_found'])
    await refuseAt(route, { intermediate_session_token: strange.intermediate_session_token }, mismatch)
    await refuseAt(route, { member_id: stranger.member_id, session_token }, mismatch)
    const elsewhere = await newOrganization(here, project)
    await refuseAt(route, { organization_id: elsewhere.organization_id }, [404, 'member_not_found'])
    const named = { organization_id: organization.organization_id, member_id: member.member_id }
    await refuse(here, await liveCredentials(here, project), route, named, 400, 'test_id_used_in_live_environment')
    await refuse(here, await here.project(), route, named, 400, 'invalid_b2b_endpoint')
    assert.equal((await now()).totp, null)
  })

  test('of twenty apps enrolled at once, one stays', async () => {
    const { here, project, ask, member, now } = await memberScene(engine)
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(route, {})))
    assert.equal(
      answers.filter(({ status }) => status === 200).length + count(answers, [503, 'server_unavailable']),
      20,
    )
    const totp = await findTotp(here.app, await environmentOf(here, project), member.member_id)
    assert.equal((await now()).totp?.totp_id, totp?.totp_id)
  })
})
