/** The official Node client against a listening server: what a backend engineer does with passwords. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Client } from 'stytch'
import { mailReset, newEmail, strong, stronger, weak } from '../support/passwords.ts'
import { clientOf, expectRefusal, listening } from '../support/sdk.ts'
import { engines, type TestProject, type World, world } from '../support/world.ts'

for (const engine of engines) {
  describe(`passwords with the official client (${engine})`, () => {
    let here: World
    let project: TestProject
    let client: Client
    let stop: () => Promise<void>

    before(async () => {
      here = await world(engine)
      project = await here.project()
      const server = await listening(here)
      stop = server.stop
      client = clientOf(project, server.url)
    })
    after(() => stop())

    test('a person signs up, logs in, forgets the password, and changes it', async () => {
      const email = newEmail()
      const strength = await client.passwords.strengthCheck({ email, password: weak })
      assert.deepEqual([strength.valid_password, strength.strength_policy], [false, 'zxcvbn'])
      await expectRefusal(client.passwords.create({ email, password: weak }), 400, 'weak_password')

      const created = await client.passwords.create({ email, password: strong, session_duration_minutes: 60 })
      assert.equal(created.user.password?.requires_reset, false)
      const login = await client.passwords.authenticate({ email, password: strong, session_duration_minutes: 60 })
      assert.equal(login.session?.authentication_factors[0]?.type, 'password')
      await expectRefusal(client.passwords.authenticate({ email, password: stronger }), 401, 'unauthorized_credentials')

      const { token } = await mailReset(here, project, email)
      const reset = await client.passwords.email.reset({ token, password: stronger, session_duration_minutes: 60 })
      assert.equal(reset.user.emails[0]?.verified, true)
      const { session_token } = login
      await expectRefusal(client.sessions.authenticate({ session_token }), 404, 'session_not_found')
      await expectRefusal(
        client.passwords.email.reset({ token, password: stronger }),
        401,
        'unable_to_auth_password_reset_token',
      )

      const bySession = await client.passwords.sessions.reset({ session_token: reset.session_token, password: strong })
      assert.equal(bySession.session_token, reset.session_token)
      const existing = { email, existing_password: strong, new_password: stronger, session_duration_minutes: 5 }
      const changed = await client.passwords.existingPassword.reset(existing)
      assert.equal(changed.user_id, created.user_id)

      const password_id = changed.user.password?.password_id ?? ''
      const deleted = await client.users.deletePassword({ password_id })
      assert.equal(deleted.user.password, null)
    })

    test('a reset mail goes out, and users are taken over with their hashes', async () => {
      const email = newEmail()
      const migrated = await client.passwords.migrate({
        email,
        hash: '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
        hash_type: 'bcrypt',
        set_email_verified: true,
      })
      assert.equal(migrated.user_created, true)
      // The password is "U*U", which no policy accepts.
      await expectRefusal(client.passwords.authenticate({ email, password: 'U*U' }), 400, 'reset_password')
      const started = await client.passwords.email.resetStart({ email, locale: 'es' })
      assert.deepEqual([started.user_id, started.email_id], [migrated.user_id, migrated.email_id])
    })
  })
}
