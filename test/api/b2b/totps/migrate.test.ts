/** POST /v1/b2b/totp/migrate. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { totpCode, totpStep } from '../../../../src/crypto/totp.ts'
import { refuse } from '../../../support/call.ts'
import { memberScene, recoverRoute, totpRoute } from '../../../support/second_factor.ts'
import { liveCredentials } from '../../../support/users.ts'
import { onBothEngines } from '../../../support/world.ts'

const route = 'POST /v1/b2b/totp/migrate'
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'

onBothEngines('totps.migrate', (engine) => {
  test('the app counts at once, and makes ten recovery codes; the member is enrolled no more than before', async () => {
    const { here, member, succeedAt, signIn } = await memberScene(engine)
    const reply = await succeedAt(route, { secret, recovery_codes: [] })
    assert.match(reply.totp_registration_id, /^member-totp-test-/)
    assert.equal(reply.member_id, member.member_id)
    assert.equal(reply.member.totp_registration_id, reply.totp_registration_id)
    assert.deepEqual([reply.member.mfa_enrolled, reply.member.default_mfa_method], [false, ''])
    assert.equal(reply.recovery_codes.length, 10)
    const { session_token } = await signIn()
    const code = totpCode(secret, totpStep(here.clock.now()))
    const proven = await succeedAt(totpRoute, { code, session_token })
    assert.equal(proven.member.default_mfa_method, 'totp')
    const recovered = await succeedAt(recoverRoute, { recovery_code: reply.recovery_codes[3], session_token })
    assert.equal(recovered.recovery_codes_remaining, 9)
  })

  test('keeps imported recovery codes of any form as they are, and reads them as people type them', async () => {
    const recovery_codes = ['a1b2-c3d4-e5f6', '12345678', 'Deadbeef-0', '7!x?yZ']
    const { named, succeedAt, refuseAt, signIn } = await memberScene(engine)
    const reply = await succeedAt(route, { secret, recovery_codes })
    assert.deepEqual(reply.recovery_codes, recovery_codes)
    const got = await succeedAt(`GET /v1/b2b/recovery_codes/${named.organization_id}/${named.member_id}`)
    assert.deepEqual(got.recovery_codes, recovery_codes)
    const { session_token } = await signIn()
    let left = recovery_codes.length
    for (const recovery_code of ['A1B2C3D4E5F6', ' 12345678 ', 'DEADBEEF-0', '7!X?yZ']) {
      const { recovery_codes_remaining } = await succeedAt(recoverRoute, { recovery_code, session_token })
      assert.equal(recovery_codes_remaining, --left)
    }
    await refuseAt(recoverRoute, { recovery_code: '12345678', session_token }, [404, 'recovery_codes_not_found'])
  })

  test('reads secrets as other systems write them', async () => {
    for (const written of [
      secret.toLowerCase(),
      `${secret}======`,
      'jbsw y3dp ehpk 3pxp-jbsw y3dp ehpk 3pxp',
      'JBSWY3DPEHPK3PXP',
    ]) {
      const { here, succeedAt, signIn } = await memberScene(engine)
      await succeedAt(route, { secret: written, recovery_codes: [] })
      const plain = written.length < 20 ? written : secret
      const code = totpCode(plain, totpStep(here.clock.now()))
      await succeedAt(totpRoute, { code, session_token: (await signIn()).session_token })
    }
  })

  test('refuses what is no secret, or no set of codes, and gives the member nothing', async () => {
    const { refuseAt, now } = await memberScene(engine)
    const bad = [400, 'bad_request'] as const
    for (const wrong of ['', 'JBSWY3DP', '0189', `${secret}!`, 'A'.repeat(300), null, 7]) {
      await refuseAt(route, { secret: wrong, recovery_codes: [] }, bad)
    }
    const many = Array.from({ length: 101 }, (_, index) => `code-${index}`)
    for (const codes of [
      ['short'],
      ['123456'],
      [''],
      ['with space'],
      ['x'.repeat(65)],
      ['cödecode'],
      many,
      [7],
      'x',
      null,
    ]) {
      await refuseAt(route, { secret, recovery_codes: codes }, bad)
    }
    await refuseAt(route, { secret, recovery_codes: ['a1b2-c3d4-e5f6', 'A1B2C3D4E5F6'] }, bad)
    await refuseAt(route, { secret }, bad)
    await refuseAt(route, { recovery_codes: [] }, bad)
    assert.equal((await now()).totp, null)
  })

  test('refuses a member who has a verified app', async () => {
    const { refuseAt, succeedAt, now } = await memberScene(engine)
    await succeedAt(route, { secret, recovery_codes: [] })
    const before = await now()
    await refuseAt(route, { secret, recovery_codes: [] }, [400, 'active_totp_exists'])
    await refuseAt(route, { secret, recovery_codes: ['a1b2-c3d4-e5f6'] }, [400, 'active_totp_exists'])
    assert.deepEqual(await now(), before)
  })

  test('an app that waits for its first code gives way, but not its recovery codes to others', async () => {
    const { refuseAt, succeedAt, enrol, now } = await memberScene(engine)
    const pending = await enrol()
    const importing = { secret, recovery_codes: ['a1b2-c3d4-e5f6'] }
    await refuseAt(route, importing, [400, 'recovery_codes_already_exist'])
    assert.equal((await now()).totp?.totp_id, pending.totp_registration_id)
    await succeedAt(route, { secret, recovery_codes: [] })
    assert.equal((await now()).totp?.verified, true)
    const second = await memberScene(engine)
    await second.enrol({ expiration_minutes: 5 })
    second.here.clock.advance(5 * 60_000)
    await second.succeedAt(route, importing)
  })

  test('imports for members who are not active, too, and whatever the organization allows', async () => {
    for (const status of ['pending', 'invited'] as const) {
      const { succeedAt } = await memberScene(engine, {
        settings: { mfa_methods: 'RESTRICTED', allowed_mfa_methods: ['sms_otp'] },
        given: { status, email_address_verified: false },
      })
      const { member } = await succeedAt(route, { secret, recovery_codes: [] })
      assert.equal(member.status, status)
    }
  })

  test('refuses organizations and members that there are not', async () => {
    const { here, project, named, refuseAt } = await memberScene(engine)
    const body = { secret, recovery_codes: [] }
    await refuseAt(route, { ...body, member_id: 'nobody' }, [404, 'member_not_found'])
    await refuseAt(route, { ...body, organization_id: 'nowhere' }, [404, 'organization_not_found'])
    const live = await liveCredentials(here, project)
    await refuse(here, live, route, { ...named, ...body }, 400, 'test_id_used_in_live_environment')
    await refuse(here, await here.project(), route, { ...named, ...body }, 400, 'invalid_b2b_endpoint')
  })

  test('of twenty imports at once, one succeeds', async () => {
    const { ask } = await memberScene(engine)
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(route, { secret, recovery_codes: [] })))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const { status, body } of answers) if (status !== 200) assert.equal(body.error_type, 'active_totp_exists')
  })
})
