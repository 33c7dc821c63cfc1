/** POST /v1/totps/authenticate. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../support/call.ts'
import { enrol, withoutTotpLimit, wrongCode } from '../../../support/totp.ts'
import { liveCredentials, newUser, startSession } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/totps/authenticate'
const step = 30_000

onBothEngines('totps.authenticate', (engine) => {
  test('the first code verifies the app, activates the user and starts a session', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project, { create_user_as_pending: true, external_id: 'ext-1' })
    const app = await enrol(here, project, user_id)
    const claims = { session_duration_minutes: 60, session_custom_claims: { plan: 'pro' } }
    const reply = await succeed(here, project, route, { user_id: 'ext-1', totp_code: app.code(), ...claims })
    assert.deepEqual([reply.user_id, reply.totp_id], [user_id, app.totp_id])
    assert.deepEqual(reply.user.totps, [{ totp_id: app.totp_id, verified: true }])
    assert.equal(reply.user.status, 'active')
    const [factor, ...others] = reply.session.authentication_factors
    const { created_at: _, updated_at: __, last_authenticated_at: ___, ...proof } = factor
    assert.deepEqual(others, [])
    assert.deepEqual(proof, {
      type: 'totp',
      delivery_method: 'authenticator_app',
      authenticator_app_factor: { totp_id: app.totp_id },
    })
    assert.deepEqual(reply.session.custom_claims, { plan: 'pro' })
    const { session_token } = reply
    const { session } = await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token })
    assert.equal(session.session_id, reply.session.session_id)
  })

  test('adds a factor to the session that is presented, and renews it there the next time', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const app = await enrol(here, project, user_id)
    const session_token = await startSession(here, project, user_id)
    const first = await succeed(here, project, route, { user_id, totp_code: app.code(), session_token })
    assert.equal(first.session_token, session_token)
    const types = (reply: typeof first) =>
      reply.session.authentication_factors.map(({ type }: { type: string }) => type)
    assert.deepEqual(types(first), ['imported', 'totp'])
    here.clock.advance(step)
    const session_jwt = first.session_jwt
    const second = await succeed(here, project, route, { user_id, totp_code: app.code(), session_jwt })
    assert.deepEqual(types(second), ['imported', 'totp'])
    const [before, after] = [first, second].map(({ session }) => session.authentication_factors[1])
    assert.equal(after.created_at, before.created_at)
    assert.notEqual(after.last_authenticated_at, before.last_authenticated_at)
    assert.equal(second.session.expires_at, first.session.expires_at)
  })

  test('without session arguments there is no session; one of another user is ignored', async () => {
    const here = await world(engine)
    const project = await here.project()
    const [{ user_id }, other] = [await newUser(here, project), await newUser(here, project)]
    const app = await enrol(here, project, user_id)
    const alone = await succeed(here, project, route, { user_id, totp_code: app.code() })
    assert.deepEqual([alone.session, alone.session_token, alone.session_jwt], [null, '', ''])
    here.clock.advance(step)
    const session_token = await startSession(here, project, other.user_id)
    const reply = await succeed(here, project, route, { user_id, totp_code: app.code(), session_token })
    assert.equal(reply.session, null)
    const { session } = await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token })
    assert.equal(session.authentication_factors.length, 1)
  })

  test('the codes of the 30 seconds before and after count, those further away do not', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const steps of [-1, 1]) {
      const { user_id } = await newUser(here, project)
      const app = await enrol(here, project, user_id)
      const far = app.code(2 * steps)
      if (![-1, 0, 1].map(app.code).includes(far)) {
        await refuse(here, project, route, { user_id, totp_code: far }, 401, 'unable_to_authenticate_totp')
      }
      await succeed(here, project, route, { user_id, totp_code: app.code(steps) })
    }
  })

  test('no code counts twice, nor one that is older than the last used', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const app = await enrol(here, project, user_id)
    const used = 'totp_code_already_authenticated'
    await succeed(here, project, route, { user_id, totp_code: app.code() })
    for (const steps of [0, -1]) await refuse(here, project, route, { user_id, totp_code: app.code(steps) }, 400, used)
    await succeed(here, project, route, { user_id, totp_code: app.code(1) })
    here.clock.advance(step)
    for (const steps of [0, -1]) await refuse(here, project, route, { user_id, totp_code: app.code(steps) }, 400, used)
    here.clock.advance(step)
    await succeed(here, project, route, { user_id, totp_code: app.code() })
    const { is_locked } = await succeed(here, project, `GET /v1/users/${user_id}`)
    assert.equal(is_locked, false)
  })

  test('refuses what is no code, and says when it is a recovery code', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const { recovery_codes, code } = await enrol(here, project, user_id)
    for (const totp_code of ['', '12345', '1234567', 'abcdef', ' 12345', '１２３４５６']) {
      await refuse(here, project, route, { user_id, totp_code }, 400, 'invalid_totp_code')
    }
    const [totp_code] = recovery_codes
    await refuse(here, project, route, { user_id, totp_code }, 400, 'recovery_code_used_as_totp_code')
    await refuse(here, project, route, { user_id, totp_code: 123456 }, 400, 'bad_request')
    await refuse(here, project, route, { user_id }, 400, 'bad_request')
    await succeed(here, project, route, { user_id, totp_code: code() })
    const recovered = { user_id, recovery_code: recovery_codes[0] }
    await succeed(here, project, 'POST /v1/totps/recover', recovered)
  })

  test('refuses users that are none, have no app, or whose app was not verified in time', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const { user_id } = await newUser(here, project)
    const totp_code = '123456'
    await refuse(here, project, route, { user_id, totp_code }, 404, 'totp_not_found')
    await refuse(here, project, route, { user_id: 'user-test-7', totp_code }, 400, 'invalid_user_id')
    await refuse(here, project, route, { user_id: `user-test-${randomUUID()}`, totp_code }, 404, 'user_not_found')
    await refuse(here, other, route, { user_id, totp_code }, 404, 'user_not_found')
    const live = await liveCredentials(here, project)
    await refuse(here, live, route, { user_id, totp_code }, 400, 'test_id_used_in_live_environment')
    const app = await enrol(here, project, user_id)
    here.clock.advance(1440 * 60_000)
    await refuse(here, project, route, { user_id, totp_code: app.code() }, 400, 'expired_totp')
    const { totps } = await succeed(here, project, `GET /v1/users/${user_id}`)
    assert.deepEqual(totps, [{ totp_id: app.totp_id, verified: false }])
  })

  test('a refusal for what the session fields say burns no code and verifies nothing', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const app = await enrol(here, project, user_id)
    const session_token = await startSession(here, project, user_id)
    const ended = await startSession(here, project, user_id)
    await succeed(here, project, 'POST /v1/sessions/revoke', { session_token: ended })
    const refused = [
      [{ session_token, session_jwt: 'x' }, 400, 'too_many_session_arguments'],
      [{ session_token: 'x' }, 400, 'invalid_session_token'],
      [{ session_jwt: 'x' }, 400, 'unable_to_parse_session_jwt'],
      [{ session_token: ended }, 404, 'session_not_found'],
      [{ session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [
        { session_duration_minutes: 60, session_custom_claims: { a: 'x'.repeat(5000) } },
        400,
        'custom_claims_too_large',
      ],
    ] as const
    for (const [fields, status, type] of refused) {
      await refuse(here, project, route, { user_id, totp_code: app.code(), ...fields }, status, type)
    }
    const { totps } = await succeed(here, project, `GET /v1/users/${user_id}`)
    assert.deepEqual(totps, [{ totp_id: app.totp_id, verified: false }])
    await succeed(here, project, route, { user_id, totp_code: app.code(), session_token })
  })

  test('ten wrong codes in a row lock the user, who then is refused with the right one, too', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const app = await enrol(here, project, user_id)
    const wrong = { user_id, totp_code: wrongCode(app) }
    for (let n = 0; n < 10; n++) await refuse(here, project, route, wrong, 401, 'unable_to_authenticate_totp')
    const right = () => ({ user_id, totp_code: app.code() })
    await refuse(here, project, route, right(), 429, 'user_lock_limit_reached')
    const { is_locked, totps } = await succeed(here, project, `GET /v1/users/${user_id}`)
    assert.deepEqual([is_locked, totps[0].verified], [true, false])
    here.clock.advance(3600_000)
    await succeed(here, project, route, right())
  })

  test('a user has ten tries a minute, whatever becomes of them', async () => {
    const here = await world(engine)
    const project = await here.project()
    // The beginning of a minute, so that none begins on the way.
    here.clock.advance(60_000 - (here.clock.now() % 60_000))
    const { user_id } = await newUser(here, project)
    const app = await enrol(here, project, user_id)
    const totp_code = app.code()
    await succeed(here, project, route, { user_id, totp_code })
    for (let n = 0; n < 9; n++) {
      await refuse(here, project, route, { user_id, totp_code }, 400, 'totp_code_already_authenticated')
    }
    const { status, body, headers } = await call(here, project, route, { user_id, totp_code: app.code(1) })
    assert.deepEqual([status, body.error_type], [429, 'too_many_requests'])
    assert.equal(headers['retry-after'], '60')
    const [recovery_code] = app.recovery_codes
    await refuse(here, project, 'POST /v1/totps/recover', { user_id, recovery_code }, 429, 'too_many_requests')
    here.clock.advance(60_000)
    await succeed(here, project, route, { user_id, totp_code: app.code() })
    await succeed(here, project, 'POST /v1/totps/recover', { user_id, recovery_code })
  })

  test('of a hundred calls with one code at once, one succeeds', async () => {
    const here = withoutTotpLimit(await world(engine))
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const app = await enrol(here, project, user_id)
    const body = { user_id, totp_code: app.code(), session_duration_minutes: 60 }
    const answers = await Promise.all(Array.from({ length: 100 }, () => call(here, project, route, body)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const { status, body } of answers) {
      if (status !== 200) assert.equal(body.error_type, 'totp_code_already_authenticated')
    }
    const { sessions } = await succeed(here, project, `GET /v1/sessions?user_id=${user_id}`)
    assert.equal(sessions.length, 1)
  })

  test('a hundred guesses at once are ten guesses: the others find the user locked', async () => {
    const here = withoutTotpLimit(await world(engine))
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const app = await enrol(here, project, user_id)
    const body = { user_id, totp_code: wrongCode(app) }
    const answers = await Promise.all(Array.from({ length: 100 }, () => call(here, project, route, body)))
    const count = (type: string) => answers.filter(({ body }) => body.error_type === type).length
    assert.deepEqual([count('unable_to_authenticate_totp'), count('user_lock_limit_reached')], [10, 90])
  })
})
