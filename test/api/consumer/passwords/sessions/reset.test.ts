/** POST /v1/passwords/session/reset. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Proof } from '../../../../../src/domain/sessions/factors.ts'
import { startSession as start, tokenOf } from '../../../../../src/domain/sessions/session.ts'
import { MINUTE, SECOND } from '../../../../../src/values/time.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import { lockUser } from '../../../../support/lock.ts'
import { leavingNoTrace, signUp, strong, stronger, weak, whileBreached } from '../../../../support/passwords.ts'
import { newUser, startSession } from '../../../../support/users.ts'
import { onBothEngines, type TestProject, type World, world } from '../../../../support/world.ts'

const route = 'POST /v1/passwords/session/reset'
const authenticate = 'POST /v1/passwords/authenticate'

/** The token of a new session with that proof. */
async function sessionBy(here: World, project: TestProject, user_id: string, proof: Proof): Promise<string> {
  const environment = await here.app.environment(project.id)
  assert.ok(environment)
  const lifetime = { duration_minutes: 60, custom_claims: undefined }
  return tokenOf(here.app, await start(here.app, environment, user_id, proof, lifetime))
}

onBothEngines('passwords.sessions.reset', (engine) => {
  test('replaces the password, keeps this session and ends the others', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, user_id, session, session_token } = await signUp(here, project)
    const other = await startSession(here, project, user_id)
    here.clock.advance(4 * MINUTE)
    const reply = await succeed(here, project, route, { session_token, password: stronger })
    assert.deepEqual([reply.session_token, reply.session.session_id], [session_token, session.session_id])
    assert.equal(reply.session.expires_at, session.expires_at)
    assert.equal(reply.session.authentication_factors.length, 1)
    await refuse(here, project, 'POST /v1/sessions/authenticate', { session_token: other }, 404, 'session_not_found')
    await succeed(here, project, authenticate, { email, password: stronger })
    const { session_jwt } = reply
    const longer = { session_jwt, password: strong, session_duration_minutes: 600 }
    assert.notEqual((await succeed(here, project, route, longer)).session.expires_at, session.expires_at)
  })

  test('a mailed link or code is fresh enough too, and gives a first password', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const type of ['magic_link', 'email_otp'] as const) {
      const { user_id, emails } = await newUser(here, project)
      const email_factor = { email_id: emails[0].email_id, email_address: emails[0].email }
      const session_token = await sessionBy(here, project, user_id, { type, delivery_method: 'email', email_factor })
      const { user } = await succeed(here, project, route, { session_token, password: strong })
      assert.equal(user.password.requires_reset, false)
    }
  })

  test('refuses a session that proves nothing of the kind, or not lately', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id, session_token } = await signUp(here, project)
    const password = stronger
    const kinds: Proof[] = [
      { type: 'imported', delivery_method: 'imported_auth0' },
      { type: 'totp', delivery_method: 'authenticator_app', authenticator_app_factor: { totp_id: 'totp-1' } },
      {
        type: 'otp',
        delivery_method: 'sms',
        phone_number_factor: { phone_id: 'phone-1', phone_number: '+12025550162' },
      },
      { type: 'magic_link', delivery_method: 'embedded', embeddable_magic_link_factor: { embedded_id: 'e-1' } },
    ]
    for (const proof of kinds) {
      const body = { password, session_token: await sessionBy(here, project, user_id, proof) }
      await leavingNoTrace(here, project, () =>
        refuse(here, project, route, body, 400, 'invalid_session_missing_primary_factor'),
      )
    }
    here.clock.advance(5 * MINUTE + SECOND)
    await leavingNoTrace(here, project, () =>
      refuse(here, project, route, { password, session_token }, 400, 'session_too_old_to_reset_password'),
    )
  })

  test('refuses what else is wrong, and changes nothing', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { session_token, session_jwt, user_id } = await signUp(here, project)
    const good = { session_token, password: stronger }
    const cases: [body: object, status: number, error_type: string][] = [
      [{ password: stronger }, 400, 'no_session_arguments'],
      [{ ...good, session_jwt }, 400, 'too_many_session_arguments'],
      [{ ...good, session_token: 'A'.repeat(44) }, 404, 'session_not_found'],
      [{ ...good, session_token: 'x' }, 400, 'invalid_session_token'],
      [{ ...good, session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ ...good, password: weak }, 400, 'weak_password'],
      [{ ...good, password: 'x'.repeat(1025) }, 400, 'bad_request'],
      [{ session_token }, 400, 'bad_request'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [body, status, error_type] of cases) await refuse(here, project, route, body, status, error_type)
      await whileBreached(here, [stronger], () => refuse(here, project, route, good, 400, 'breached_password'))
    })
    await lockUser(here, project, user_id)
    await refuse(here, project, route, good, 429, 'user_lock_limit_reached')
  })
})
