/** POST /v1/passwords/email/reset. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { MINUTE } from '../../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../../support/call.ts'
import { lockUser } from '../../../../support/lock.ts'
import {
  happeningAfter,
  leavingNoTrace,
  mailReset,
  signUp,
  storedPassword,
  strong,
  stronger,
  weak,
  whileBreached,
} from '../../../../support/passwords.ts'
import { newUser, startSession } from '../../../../support/users.ts'
import { onBothEngines, world } from '../../../../support/world.ts'

const route = 'POST /v1/passwords/email/reset'
const authenticate = 'POST /v1/passwords/authenticate'
const dead = [401, 'unable_to_auth_password_reset_token'] as const

onBothEngines('passwords.email.reset', (engine) => {
  test('sets the password, proves the address, ends all sessions and signs in', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, user_id, user, session_token } = await signUp(here, project)
    const { token } = await mailReset(here, project, email)
    const body = { token, password: stronger, session_duration_minutes: 60, session_custom_claims: { seat: 7 } }
    const attributes = { ip_address: '203.0.113.1', user_agent: 'tests' }
    const reply = await succeed(here, project, route, { ...body, attributes })
    assert.equal(reply.user_id, user_id)
    assert.equal(reply.user.emails[0].verified, true)
    assert.deepEqual(reply.user.password, { ...user.password, requires_reset: false })
    assert.deepEqual([reply.session.custom_claims, reply.session.attributes], [{ seat: 7 }, attributes])
    assert.deepEqual(
      reply.session.authentication_factors.map(({ type }: { type: string }) => type),
      ['password'],
    )
    await refuse(here, project, 'POST /v1/sessions/authenticate', { session_token }, 404, 'session_not_found')
    await refuse(here, project, authenticate, { email, password: strong }, 401, 'unauthorized_credentials')
    await succeed(here, project, authenticate, { email, password: stronger })
    await refuse(here, project, route, body, ...dead)
  })

  test('gives a user without a password the first one, and makes a pending one active', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id, emails } = await newUser(here, project, { create_user_as_pending: true })
    const { token } = await mailReset(here, project, emails[0].email)
    const reply = await succeed(here, project, route, { token, password: strong })
    assert.deepEqual([reply.user_id, reply.user.status, reply.session], [user_id, 'active', null])
    assert.match(reply.user.password.password_id, /^password-test-/)
  })

  test('ends the need for a reset', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email } = await signUp(here, project)
    const login = { email, password: strong }
    await whileBreached(here, [strong], () => refuse(here, project, authenticate, login, 400, 'reset_password'))
    const { token } = await mailReset(here, project, email)
    await succeed(here, project, route, { token, password: stronger })
    await succeed(here, project, authenticate, { email, password: stronger })
  })

  test('replaces the session that is presented by a new one with its factors and what was left of it', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const duration of [undefined, 30]) {
      const { email, user_id } = await signUp(here, project)
      const session_token = await startSession(here, project, user_id)
      const before = await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token })
      const { token } = await mailReset(here, project, email)
      const body = { token, password: stronger, session_token, session_duration_minutes: duration }
      const { session, ...reply } = await succeed(here, project, route, body)
      assert.notEqual(reply.session_token, session_token)
      assert.notEqual(session.session_id, before.session.session_id)
      const types = session.authentication_factors.map(({ type }: { type: string }) => type)
      assert.deepEqual(types, ['imported', 'password'])
      if (duration === undefined) assert.equal(session.expires_at, before.session.expires_at)
      else assert.notEqual(session.expires_at, before.session.expires_at)
      await refuse(here, project, 'POST /v1/sessions/authenticate', { session_token }, 404, 'session_not_found')
      const { sessions } = await succeed(here, project, `GET /v1/sessions?user_id=${user_id}`)
      assert.equal(sessions.length, 1)
    }
  })

  test('leaves a session of another user alone', async () => {
    const here = await world(engine)
    const project = await here.project()
    const [{ email }, other] = [await signUp(here, project), await signUp(here, project)]
    const { token } = await mailReset(here, project, email)
    const { session_token } = other
    const reply = await succeed(here, project, route, { token, password: stronger, session_token })
    assert.equal(reply.session, null)
    await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token })
  })

  test('a success voids the older reset links of the user, and nobody else’s', async () => {
    const here = await world(engine)
    const project = await here.project()
    const [{ email }, other] = [await signUp(here, project), await signUp(here, project)]
    const [first, second] = [await mailReset(here, project, email), await mailReset(here, project, email)]
    const foreign = await mailReset(here, project, other.email)
    await succeed(here, project, route, { token: second.token, password: stronger })
    await refuse(here, project, route, { token: first.token, password: strong }, ...dead)
    await succeed(here, project, route, { token: foreign.token, password: stronger })
  })

  test('refuses unknown, foreign and expired tokens alike', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const { email } = await signUp(here, project)
    const { token, login } = await mailReset(here, project, email, { reset_password_expiration_minutes: 5 })
    const password = stronger
    for (const unknown of ['', 'x', 'A'.repeat(44), login]) {
      await refuse(here, project, route, { token: unknown, password }, ...dead)
    }
    await refuse(here, other, route, { token, password }, ...dead)
    here.clock.advance(5 * MINUTE)
    await refuse(here, project, route, { token, password }, ...dead)
  })

  test('a link to an address that is not the user’s any more is void', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, email_id } = await signUp(here, project)
    const { token } = await mailReset(here, project, email)
    await succeed(here, project, `DELETE /v1/users/emails/${email_id}`)
    await refuse(here, project, route, { token, password: stronger }, ...dead)
  })

  test('does not set the password of a user from whom the address is being taken', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (let round = 0; round < 20; round++) {
      const { email, user } = await signUp(here, project)
      const { token } = await mailReset(here, project, email)
      const [{ email_id }] = user.emails
      let taking: Promise<unknown> = Promise.resolve()
      const take = () => {
        taking = call(here, project, `DELETE /v1/users/emails/${email_id}`)
      }
      const reset = await happeningAfter(here, 'hash', take, () =>
        call(here, project, route, { token, password: stronger }),
      )
      await taking
      if (reset.status === 200) assert.equal(reset.body.user.emails.length, 1)
      else assert.deepEqual([reset.status, reset.body.error_type], dead)
      assert.equal(await storedPassword(here, project, user.user_id), undefined)
    }
  })

  test('no refusal burns the token', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, session_token, session_jwt } = await signUp(here, project)
    const verifier = 'v'.repeat(43)
    const attributes = { ip_address: '203.0.113.1', user_agent: 'tests' }
    const { token } = await mailReset(here, project, email, {
      code_challenge: hash('sha256', verifier, 'base64url'),
      attributes,
    })
    const options = { ip_match_required: true, user_agent_match_required: true }
    const good = { token, password: stronger, code_verifier: verifier, attributes, options }
    const cases: [change: object, status: number, error_type: string][] = [
      [{ code_verifier: undefined }, 400, 'pkce_expected_code_verifier'],
      [{ code_verifier: 'x' }, 400, 'invalid_pkce_code_verifier'],
      [{ code_verifier: 'w'.repeat(43) }, 400, 'pkce_mismatch'],
      [{ attributes: undefined }, 401, 'attribute_mismatch'],
      [{ attributes: { ...attributes, ip_address: '203.0.113.2' } }, 401, 'attribute_mismatch'],
      [{ password: weak }, 400, 'weak_password'],
      [{ password: 'x'.repeat(1025) }, 400, 'bad_request'],
      [{ session_token, session_jwt }, 400, 'too_many_session_arguments'],
      [{ session_token: 'x' }, 400, 'invalid_session_token'],
      [{ session_token: 'A'.repeat(44) }, 404, 'session_not_found'],
      [{ session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [change, status, error_type] of cases) {
        await refuse(here, project, route, { ...good, ...change }, status, error_type)
      }
      await whileBreached(here, [stronger], () => refuse(here, project, route, good, 400, 'breached_password'))
    })
    await succeed(here, project, route, good)
  })

  test('waits for the end of a lock', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, user_id } = await signUp(here, project)
    const { token } = await mailReset(here, project, email, { reset_password_expiration_minutes: 120 })
    await lockUser(here, project, user_id)
    await refuse(here, project, route, { token, password: stronger }, 429, 'user_lock_limit_reached')
    here.clock.advance(61 * MINUTE)
    await succeed(here, project, route, { token, password: stronger })
  })

  test('of a hundred calls at once with one token, one succeeds', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, user_id } = await signUp(here, project)
    const { token } = await mailReset(here, project, email)
    const bodies = Array.from({ length: 100 }, (_, n) => ({
      token,
      password: `${stronger}${n}`,
      session_duration_minutes: 5,
    }))
    const answers = await Promise.all(bodies.map((body) => call(here, project, route, body)))
    const winners = bodies.filter((_, n) => answers[n]?.status === 200)
    assert.equal(winners.length, 1)
    const refused = answers.filter(({ status }) => status !== 200)
    assert.deepEqual(
      new Set(refused.map(({ status, body }) => `${status} ${body.error_type}`)),
      new Set([dead.join(' ')]),
    )
    await succeed(here, project, authenticate, { email, password: winners[0]?.password })
    const { sessions } = await succeed(here, project, `GET /v1/sessions?user_id=${user_id}`)
    assert.equal(sessions.length, 1)
  })
})
