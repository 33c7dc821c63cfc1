/** The official Node client against a listening server: an authenticator app as a second factor. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Client } from 'stytch'
import { totpCode, totpStep } from '../../src/crypto/totp.ts'
import { clientOf, expectRefusal, listening } from '../support/sdk.ts'
import { startSession } from '../support/users.ts'
import { engines, type TestProject, type World, world } from '../support/world.ts'

for (const engine of engines) {
  describe(`authenticator apps with the official client (${engine})`, () => {
    let here: World
    let project: TestProject
    let client: Client
    let stop: () => Promise<void>

    before(async () => {
      here = await world(engine)
      project = await here.project()
      const { url, stop: close } = await listening(here)
      client = clientOf(project, url)
      stop = close
    })
    after(() => stop())

    test('enrol, prove with the code, be refused with it again, recover, take away', async () => {
      const { user_id } = await client.users.create({ email: 'totp@example.com' })
      const session_token = await startSession(here, project, user_id)
      const enrolled = await client.totps.create({ user_id, expiration_minutes: 10 })
      assert.match(enrolled.qr_code, /^data:image\/png;base64, /)
      const totp_code = totpCode(enrolled.secret, totpStep(here.clock.now()))
      const proven = await client.totps.authenticate({ user_id, totp_code, session_token })
      assert.equal(proven.session_token, session_token)
      const factors = proven.session?.authentication_factors
      assert.deepEqual(
        factors?.map(({ delivery_method }) => delivery_method),
        ['imported_auth0', 'authenticator_app'],
      )
      assert.equal(factors?.[1]?.authenticator_app_factor?.totp_id, enrolled.totp_id)
      assert.deepEqual(proven.user.totps, [{ totp_id: enrolled.totp_id, verified: true }])
      const again = client.totps.authenticate({ user_id, totp_code, session_token })
      await expectRefusal(again, 400, 'totp_code_already_authenticated')
      await expectRefusal(client.totps.create({ user_id }), 400, 'active_totp_exists')

      const [recovery_code = '', ...left] = enrolled.recovery_codes
      const recovered = await client.totps.recover({ user_id, recovery_code, session_duration_minutes: 30 })
      assert.notEqual(recovered.session_token, session_token)
      assert.equal(recovered.session?.authentication_factors[0]?.type, 'recovery_codes')
      const { totps } = await client.totps.recoveryCodes({ user_id })
      assert.deepEqual(totps, [{ totp_id: enrolled.totp_id, verified: true, recovery_codes: left }])

      const { user } = await client.users.deleteTOTP({ totp_id: enrolled.totp_id })
      assert.deepEqual(user.totps, [])
      await expectRefusal(client.totps.recoveryCodes({ user_id }), 404, 'totps_not_found_for_user')
    })

    test('exchange the only address of a user for a number', async () => {
      const { user_id } = await client.users.create({ email: 'exchange@example.com' })
      const { user } = await client.users.exchangePrimaryFactor({ user_id, phone_number: '+14155550123' })
      assert.deepEqual(user.emails, [])
      assert.equal(user.phone_numbers[0]?.phone_number, '+14155550123')
    })
  })
}
