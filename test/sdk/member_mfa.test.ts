/** The official Node client against a listening server: members prove a second factor. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { B2BClient } from 'stytch'
import { totpCode, totpStep } from '../../src/crypto/totp.ts'
import { lastMessage } from '../support/inbox.ts'
import { memberIn, memberSession } from '../support/members.ts'
import { toPeriodStart } from '../support/one_time_codes.ts'
import { b2bClientOf, expectRefusal, listening } from '../support/sdk.ts'
import { engines, type TestProject, type World, world } from '../support/world.ts'

const phone = '+14155550123'

for (const engine of engines) {
  describe(`second factors of members with the official client (${engine})`, () => {
    let here: World
    let project: TestProject
    let client: B2BClient
    let stop: () => Promise<void>

    before(async () => {
      here = await world(engine)
      toPeriodStart(here, 600)
      project = await here.project('B2B')
      const { url, stop: close } = await listening(here)
      client = b2bClientOf(project, url)
      stop = close
    })
    after(() => stop())

    /** A member of an organization that asks for a second factor, and what the sign-in so far has given. */
    const waiting = async () => {
      const { organization } = await client.organizations.create({
        organization_name: 'Acme',
        mfa_policy: 'REQUIRED_FOR_ALL',
      })
      const { organization_id } = organization
      const { member_id } = await memberIn(here, project, organization)
      const signIn = async () =>
        (await memberSession(here, project, organization, { member_id })).intermediate_session_token
      return { named: { organization_id, member_id }, signIn }
    }
    const codeTo = async (to: string) => (await lastMessage(here, to, project)).code as string

    test('SMS: attach a number, complete the sign-in, step up, delete the number', async () => {
      const { named, signIn } = await waiting()
      const intermediate_session_token = await signIn()
      const sent = await client.otps.sms.send({
        ...named,
        mfa_phone_number: phone,
        intermediate_session_token,
        locale: 'pt-br',
      })
      assert.deepEqual([sent.member_id, sent.member.mfa_phone_number], [named.member_id, phone])
      const code = await codeTo(phone)
      await expectRefusal(client.otps.sms.authenticate({ ...named, code }), 400, 'no_session_arguments')
      const signedIn = await client.otps.sms.authenticate({
        ...named,
        code,
        intermediate_session_token,
        session_duration_minutes: 30,
        session_custom_claims: { plan: 'pro' },
        set_default_mfa: true,
      })
      const { session_token, session_jwt, member } = signedIn
      assert.deepEqual(
        [member.mfa_enrolled, member.mfa_phone_number_verified, member.default_mfa_method],
        [true, true, 'sms_otp'],
      )
      assert.equal(signedIn.member_session?.authentication_factors.length, 2)
      const local = await client.sessions.authenticateJwt({ session_jwt })
      assert.equal(local.member_session.member_session_id, signedIn.member_session?.member_session_id)
      const again = client.otps.sms.authenticate({ ...named, code, intermediate_session_token })
      await expectRefusal(again, 404, 'intermediate_session_not_found')
      await expectRefusal(
        client.otps.sms.authenticate({ ...named, code, session_token }),
        401,
        'unable_to_auth_otp_code',
      )
      await client.otps.sms.send({ ...named, session_token })
      const stepped = await client.otps.sms.authenticate({ ...named, code: await codeTo(phone), session_jwt })
      assert.equal(stepped.session_token, session_token)
      const bare = await client.organizations.members.deleteMFAPhoneNumber(named)
      assert.deepEqual([bare.member.mfa_phone_number, bare.member.default_mfa_method], ['', ''])
    })

    test('TOTP: enrol, complete the sign-in, recover, rotate, delete', async () => {
      const { named, signIn } = await waiting()
      const intermediate_session_token = await signIn()
      const enrolled = await client.totps.create({ ...named, expiration_minutes: 10, intermediate_session_token })
      assert.match(enrolled.qr_code, /^data:image\/png;base64,/)
      assert.match(enrolled.totp_registration_id, /^member-totp-test-/)
      const code = totpCode(enrolled.secret, totpStep(here.clock.now()))
      const signedIn = await client.totps.authenticate({ ...named, code, intermediate_session_token })
      const { session_token, member } = signedIn
      assert.deepEqual(
        [member.totp_registration_id, member.default_mfa_method],
        [enrolled.totp_registration_id, 'totp'],
      )
      const again = client.totps.authenticate({ ...named, code, session_token })
      await expectRefusal(again, 400, 'totp_code_already_authenticated')

      const listed = await client.recoveryCodes.get(named)
      assert.deepEqual(listed.recovery_codes, enrolled.recovery_codes)
      const recovery_code = listed.recovery_codes[0] as string
      const recovered = await client.recoveryCodes.recover({
        ...named,
        recovery_code,
        intermediate_session_token: await signIn(),
      })
      assert.equal(recovered.recovery_codes_remaining, 9)
      assert.equal(recovered.member_session?.authentication_factors[1]?.type, 'recovery_codes')
      await expectRefusal(
        client.recoveryCodes.recover({ ...named, recovery_code, session_token }),
        401,
        'unable_to_authenticate_recovery_code',
      )
      const rotated = await client.recoveryCodes.rotate(named)
      assert.equal(rotated.recovery_codes.length, 10)
      const bare = await client.organizations.members.deleteTOTP(named)
      assert.equal(bare.member.totp_registration_id, '')
      await expectRefusal(client.recoveryCodes.get(named), 404, 'recovery_codes_not_found')
    })

    test('TOTP: import from another system', async () => {
      const { named, signIn } = await waiting()
      const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
      const imported = await client.totps.migrate({ ...named, secret, recovery_codes: ['legacy-code-1'] })
      assert.deepEqual(imported.recovery_codes, ['legacy-code-1'])
      const code = totpCode(secret, totpStep(here.clock.now()))
      const intermediate_session_token = await signIn()
      const { member } = await client.totps.authenticate({ ...named, code, intermediate_session_token })
      assert.equal(member.totp_registration_id, imported.totp_registration_id)
    })
  })
}
