/** POST /v1/passwords/existing_password/reset. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../../support/call.ts'
import { mailedLink } from '../../../../support/links.ts'
import { lockUser } from '../../../../support/lock.ts'
import {
  happeningAfter,
  leavingNoTrace,
  mailReset,
  newEmail,
  signUp,
  strong,
  stronger,
  weak,
  whileBreached,
} from '../../../../support/passwords.ts'
import { newUser } from '../../../../support/users.ts'
import { onBothEngines, world } from '../../../../support/world.ts'

const route = 'POST /v1/passwords/existing_password/reset'
const authenticate = 'POST /v1/passwords/authenticate'

onBothEngines('passwords.existingPassword.reset', (engine) => {
  test('replaces the password, ends all sessions and open reset links, and signs in', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, user_id, user, session_token } = await signUp(here, project)
    const { token } = await mailReset(here, project, email)
    const body = { email, existing_password: strong, new_password: stronger, session_duration_minutes: 60 }
    const reply = await succeed(here, project, route, body)
    assert.deepEqual([reply.user_id, reply.user.password], [user_id, user.password])
    assert.equal(reply.user.emails[0].verified, false)
    assert.equal(reply.session.authentication_factors[0].type, 'password')
    await refuse(here, project, 'POST /v1/sessions/authenticate', { session_token }, 404, 'session_not_found')
    const used = { token, password: strong }
    await refuse(here, project, 'POST /v1/passwords/email/reset', used, 401, 'unable_to_auth_password_reset_token')
    await succeed(here, project, authenticate, { email, password: stronger })
    await refuse(here, project, authenticate, { email, password: strong }, 401, 'unauthorized_credentials')
  })

  test('replaces the session that is presented by a new one', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, session_token, session } = await signUp(here, project)
    const body = { email, existing_password: strong, new_password: stronger, session_token }
    const reply = await succeed(here, project, route, body)
    assert.notEqual(reply.session.session_id, session.session_id)
    assert.equal(reply.session.expires_at, session.expires_at)
    await refuse(here, project, 'POST /v1/sessions/authenticate', { session_token }, 404, 'session_not_found')
  })

  test('counts a wrong existing password towards the lock', async () => {
    const here = await world(engine)
    const project = await here.project()
    await succeed(here, here.workspace, `PATCH ${project.path}`, { user_lock_threshold: 2 })
    const { email } = await signUp(here, project)
    const body = { email, existing_password: stronger, new_password: stronger }
    await refuse(here, project, route, body, 401, 'unauthorized_credentials')
    await refuse(here, project, authenticate, { email, password: stronger }, 401, 'unauthorized_credentials')
    await refuse(here, project, route, { ...body, existing_password: strong }, 429, 'user_lock_limit_reached')
  })

  test('does not accept a password that must be reset by email', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email } = await signUp(here, project)
    await whileBreached(here, [strong], () =>
      refuse(here, project, authenticate, { email, password: strong }, 400, 'reset_password'),
    )
    const body = { email, existing_password: strong, new_password: stronger }
    await leavingNoTrace(here, project, () =>
      refuse(here, project, route, body, 400, 'cannot_reset_password_with_existing_password'),
    )
  })

  test('does not say that a guess was right once the user is locked, whatever is wrong with the new password', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, user_id } = await signUp(here, project)
    const lock = () => lockUser(here, project, user_id)
    const body = { email, existing_password: strong, new_password: weak }
    await happeningAfter(here, 'verify', lock, () => refuse(here, project, route, body, 429, 'user_lock_limit_reached'))
  })

  test('does not take an account over that the owner of the address claims at this very moment', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email } = await signUp(here, project)
    const { token } = await mailedLink(here, project, email)
    const claim = async () => {
      const link = { token, session_duration_minutes: 60 }
      const { reset_sessions, session_token } = await succeed(here, project, 'POST /v1/magic_links/authenticate', link)
      assert.equal(reset_sessions, true)
      owner = session_token
    }
    let owner = ''
    const body = { email, existing_password: strong, new_password: stronger, session_duration_minutes: 60 }
    await happeningAfter(here, 'isBreached', claim, () =>
      refuse(here, project, route, body, 400, 'cannot_reset_password_with_existing_password'),
    )
    await refuse(here, project, authenticate, { email, password: strong }, 400, 'reset_password')
    await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token: owner })
  })

  test('refuses what else is wrong, and changes nothing', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email } = await signUp(here, project)
    const bare = await newUser(here, project)
    const good = { email, existing_password: strong, new_password: stronger }
    const cases: [change: object, status: number, error_type: string][] = [
      [{ email: newEmail() }, 404, 'email_not_found'],
      [{ email: 'nobody' }, 400, 'invalid_email'],
      [{ email: bare.emails[0].email }, 400, 'no_user_password'],
      [{ new_password: weak }, 400, 'weak_password'],
      [{ new_password: 'x'.repeat(1025) }, 400, 'bad_request'],
      [{ existing_password: 'x'.repeat(1025) }, 400, 'bad_request'],
      [{ existing_password: undefined }, 400, 'bad_request'],
      [{ session_token: 'A'.repeat(44) }, 404, 'session_not_found'],
      [{ session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [change, status, error_type] of cases) {
        await refuse(here, project, route, { ...good, ...change }, status, error_type)
      }
      await whileBreached(here, [stronger], () => refuse(here, project, route, good, 400, 'breached_password'))
    })
  })

  test('of twenty calls at once that all know the password, one replaces it', async () => {
    const here = await world(engine)
    const project = await here.project()
    await succeed(here, here.workspace, `PATCH ${project.path}`, { user_lock_threshold: 100 })
    const { email } = await signUp(here, project)
    const bodies = Array.from({ length: 20 }, (_, n) => ({
      email,
      existing_password: strong,
      new_password: `${stronger}${n}`,
    }))
    const answers = await Promise.all(bodies.map((body) => call(here, project, route, body)))
    const winners = bodies.filter((_, n) => answers[n]?.status === 200)
    assert.equal(winners.length, 1)
    await succeed(here, project, authenticate, { email, password: winners[0]?.new_password })
  })
})
