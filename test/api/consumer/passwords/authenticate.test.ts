/** POST /v1/passwords/authenticate. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOUR } from '../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../support/call.ts'
import { lockUser } from '../../../support/lock.ts'
import {
  configure,
  happeningAfter,
  leavingNoTrace,
  mailReset,
  newEmail,
  signUp,
  storedPassword,
  strong,
  stronger,
  weak,
  whileBreached,
  whileHashing,
} from '../../../support/passwords.ts'
import { newUser, startSession } from '../../../support/users.ts'
import { onBothEngines, type TestProject, type World, world } from '../../../support/world.ts'

const route = 'POST /v1/passwords/authenticate'
const settings = (here: World, { path }: TestProject, body: object) =>
  succeed(here, here.workspace, `PATCH ${path}`, body)
const typesOf = ({ session }: { session: { authentication_factors: { type: string }[] } }) =>
  session.authentication_factors.map(({ type }) => type)
/** "abc", a password no policy accepts, as MD5; `password` is accepted by LUDS and is stored as bcrypt of cost 4. */
const md5OfAbc = { hash: '900150983cd24fb0d6963f7d28e17f72', hash_type: 'md_5' }

onBothEngines('passwords.authenticate', (engine) => {
  test('signs in by address, in any spelling, and password', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, user_id } = await signUp(here, project)
    const claims = { session_duration_minutes: 60, session_custom_claims: { seat: 7 } }
    const reply = await succeed(here, project, route, {
      email: ` ${email.toUpperCase()} `,
      password: strong,
      ...claims,
    })
    assert.equal(reply.user_id, user_id)
    assert.deepEqual(typesOf(reply), ['password'])
    assert.deepEqual(reply.session.custom_claims, { seat: 7 })
    assert.equal(reply.user.emails[0].verified, false)
    const alone = await succeed(here, project, route, { email, password: strong })
    assert.deepEqual([alone.session, alone.session_token, alone.session_jwt], [null, '', ''])
  })

  test('adds the factor to the session that is presented; one of another user is left alone', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, user_id } = await signUp(here, project)
    const session_token = await startSession(here, project, user_id)
    const reply = await succeed(here, project, route, { email, password: strong, session_token })
    assert.equal(reply.session_token, session_token)
    assert.deepEqual(typesOf(reply), ['imported', 'password'])
    const other = await newUser(here, project)
    const foreign = await startSession(here, project, other.user_id)
    const ignored = await succeed(here, project, route, { email, password: strong, session_token: foreign })
    assert.equal(ignored.session, null)
    const { session } = await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token: foreign })
    assert.equal(session.authentication_factors.length, 1)
  })

  test('refuses an unknown address, a user without a password, and a wrong password', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email } = await signUp(here, project)
    const bare = await newUser(here, project)
    await leavingNoTrace(here, project, async () => {
      await refuse(here, project, route, { email: newEmail(), password: strong }, 404, 'email_not_found')
      await refuse(here, project, route, { email: 'nobody', password: strong }, 400, 'invalid_email')
      await refuse(here, project, route, { email: bare.emails[0].email, password: strong }, 400, 'no_user_password')
      await refuse(here, project, route, { email, password: 'x'.repeat(1025) }, 400, 'bad_request')
    })
    for (const password of ['', stronger, `${strong} `, strong.toLowerCase()]) {
      await refuse(here, project, route, { email, password }, 401, 'unauthorized_credentials')
    }
  })

  test('refuses bad session arguments before the password is looked at, and counts nothing', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, session_token, session_jwt } = await signUp(here, project)
    const wrong = { email, password: stronger }
    const cases: [change: object, status: number, error_type: string][] = [
      [{ session_token, session_jwt }, 400, 'too_many_session_arguments'],
      [{ session_token: 'x' }, 400, 'invalid_session_token'],
      [{ session_token: 'A'.repeat(44) }, 404, 'session_not_found'],
      [{ session_jwt: 'x' }, 400, 'unable_to_parse_session_jwt'],
      [{ session_duration_minutes: 527_041 }, 400, 'invalid_session_duration_minutes'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [change, status, error_type] of cases) {
        await refuse(here, project, route, { ...wrong, ...change }, status, error_type)
      }
    })
  })

  test('locks the user after too many wrong passwords, for the right one too, until the lock ends', async () => {
    const here = await world(engine)
    const project = await here.project()
    await settings(here, project, { user_lock_threshold: 3 })
    const { email } = await signUp(here, project)
    for (let attempt = 0; attempt < 3; attempt++) {
      await refuse(here, project, route, { email, password: stronger }, 401, 'unauthorized_credentials')
    }
    await refuse(here, project, route, { email, password: strong }, 429, 'user_lock_limit_reached')
    here.clock.advance(HOUR)
    const { user } = await succeed(here, project, route, { email, password: strong })
    assert.equal(user.is_locked, false)
  })

  test('a success forgets the failures before it', async () => {
    const here = await world(engine)
    const project = await here.project()
    await settings(here, project, { user_lock_threshold: 2 })
    const { email } = await signUp(here, project)
    for (let round = 0; round < 3; round++) {
      await refuse(here, project, route, { email, password: stronger }, 401, 'unauthorized_credentials')
      await succeed(here, project, route, { email, password: strong })
    }
  })

  test('of forty wrong guesses at once no more than the threshold are judged', async () => {
    const here = await world(engine)
    const project = await here.project()
    await settings(here, project, { user_lock_threshold: 5 })
    const { email } = await signUp(here, project)
    const guesses = Array.from({ length: 40 }, (_, index) => ({ email, password: `guess ${index}` }))
    const answers = await Promise.all(guesses.map((body) => call(here, project, route, body)))
    const judged = answers.filter(({ status }) => status === 401)
    assert.equal(judged.length, 5)
    assert.deepEqual(
      new Set(answers.filter(({ status }) => status !== 401).map(({ body }) => body.error_type)),
      new Set(['user_lock_limit_reached']),
    )
  })

  test('does not say that a guess was right once the user is locked, although the password must be reset', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, user_id } = await signUp(here, project)
    const lock = () => lockUser(here, project, user_id)
    const guess = () => refuse(here, project, route, { email, password: strong }, 429, 'user_lock_limit_reached')
    await whileBreached(here, [strong], () => happeningAfter(here, 'verify', lock, guess))
    here.clock.advance(HOUR)
    await succeed(here, project, route, { email, password: strong })
    await whileBreached(here, [strong], () =>
      refuse(here, project, route, { email, password: strong }, 400, 'reset_password'),
    )
    await happeningAfter(here, 'verify', lock, guess)
  })

  test('finding an old password in a breach does not spoil the one that has just replaced it', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email } = await signUp(here, project)
    const { token } = await mailReset(here, project, email)
    let done = false
    const replace = async () => {
      if (done) return
      done = true
      await succeed(here, project, 'POST /v1/passwords/email/reset', { token, password: stronger })
    }
    await whileBreached(here, [strong], () =>
      happeningAfter(here, 'isBreached', replace, () =>
        refuse(here, project, route, { email, password: strong }, 401, 'unauthorized_credentials'),
      ),
    )
    await succeed(here, project, route, { email, password: stronger })
  })

  test('a password known from a breach must be reset, from then on and by nothing but a reset', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, user_id } = await signUp(here, project)
    await whileBreached(here, [strong], () =>
      refuse(here, project, route, { email, password: strong, session_duration_minutes: 5 }, 400, 'reset_password'),
    )
    await refuse(here, project, route, { email, password: strong }, 400, 'reset_password')
    await refuse(here, project, route, { email, password: stronger }, 401, 'unauthorized_credentials')
    const user = await succeed(here, project, `GET /v1/users/${user_id}`)
    assert.equal(user.password.requires_reset, true)
  })

  test('a wrong password is never compared with breaches', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, user_id } = await signUp(here, project)
    await whileBreached(here, [stronger], () =>
      refuse(here, project, route, { email, password: stronger }, 401, 'unauthorized_credentials'),
    )
    const user = await succeed(here, project, `GET /v1/users/${user_id}`)
    assert.equal(user.password.requires_reset, false)
  })

  test('checks neither breaches nor strength where the environment does not want it', async () => {
    const here = await world(engine)
    const project = await here.project()
    await configure(here, project, { check_breach_on_authentication: false, validate_on_authentication: false })
    const email = newEmail()
    await succeed(here, project, 'POST /v1/passwords/migrate', { email, ...md5OfAbc })
    await whileBreached(here, ['abc'], () => succeed(here, project, route, { email, password: 'abc' }))
  })

  test('a password that no longer meets the policy must be reset', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email } = await signUp(here, project)
    await succeed(here, project, route, { email, password: strong })
    const luds = { validation_policy: 'LUDS', luds_min_password_length: 32, luds_min_password_complexity: 4 }
    await configure(here, project, luds)
    await refuse(here, project, route, { email, password: strong }, 400, 'reset_password')
    await configure(here, project, { validation_policy: 'ZXCVBN' })
    const { user } = await succeed(here, project, route, { email, password: strong })
    assert.equal(user.password.requires_reset, false)
    const imported = newEmail()
    await succeed(here, project, 'POST /v1/passwords/migrate', { email: imported, ...md5OfAbc })
    await refuse(here, project, route, { email: imported, password: 'abc' }, 400, 'reset_password')
  })

  test('replaces an imported hash by one of its own, the first time it fits', async () => {
    const here = await world(engine)
    const project = await here.project()
    const luds = { validation_policy: 'LUDS', luds_min_password_length: 8, luds_min_password_complexity: 1 }
    await configure(here, project, luds)
    const email = newEmail()
    // MD5 of "password".
    const body = { email, hash: '5f4dcc3b5aa765d61d8327deb882cf99', hash_type: 'md_5' }
    const { user_id, user } = await succeed(here, project, 'POST /v1/passwords/migrate', body)
    await refuse(here, project, route, { email, password: weak }, 401, 'unauthorized_credentials')
    assert.equal((await storedPassword(here, project, user_id))?.scheme, 'md_5')
    // All at once: whichever is first replaces the hash, and the others still succeed.
    const login = { email, password: 'password' }
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(here, project, route, login)))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    const stored = await storedPassword(here, project, user_id)
    assert.equal(stored?.scheme, 'argon_2id')
    assert.equal(stored?.password_id, user.password.password_id)
    await succeed(here, project, route, login)
    assert.equal((await storedPassword(here, project, user_id))?.hash, stored?.hash)
  })

  test('an old password that was being verified while it was replaced signs nobody in', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, session_token } = await signUp(here, project)
    const reset = { password: stronger, session_token }
    const login = { email, password: strong, session_duration_minutes: 60 }
    const [first, changed] = await Promise.all([
      call(here, project, route, login),
      call(here, project, 'POST /v1/passwords/session/reset', reset),
    ])
    assert.equal(changed.status, 200)
    const { sessions } = await succeed(here, project, `GET /v1/sessions?user_id=${changed.body.user_id}`)
    // Either it was refused, or it came first and its session has ended with the reset.
    assert.ok(first.status === 401 || first.status === 200)
    assert.equal(sessions.length, 1)
    await refuse(here, project, route, login, 401, 'unauthorized_credentials')
  })

  test('makes a pending user active', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id, emails } = await newUser(here, project, { create_user_as_pending: true })
    await configure(here, project, { validate_on_authentication: false })
    await succeed(here, project, 'POST /v1/passwords/migrate', { email: emails[0].email, ...md5OfAbc })
    const { user } = await succeed(here, project, route, { email: emails[0].email, password: 'abc' })
    assert.deepEqual([user.user_id, user.status], [user_id, 'active'])
  })

  test('refuses early, with a time to come back, when more logins wait than the queue holds', async () => {
    const here = await world(engine)
    const project = await here.project()
    const other = await here.project()
    const { email } = await signUp(here, project)
    const login = { email, password: strong }
    const others = { email: (await signUp(here, other)).email, password: strong }
    const [served, ...answers] = await whileHashing(here, { at_once: 1, queue: 6, arrivals: 9 }, () =>
      Promise.all([
        call(here, other, route, others),
        ...Array.from({ length: 8 }, () => call(here, project, route, login)),
      ]),
    )
    // Somebody else finds a place beside the flood, which has as many as it leaves free.
    assert.equal(served?.status, 200)
    const refused = answers.filter(({ status }) => status !== 200)
    assert.ok(refused.length >= 4 && refused.length < 8)
    for (const { status, body, headers } of refused) {
      assert.deepEqual([status, body.error_type, headers['retry-after']], [429, 'too_many_requests', '1'])
    }
    await succeed(here, project, route, login)
  })
})
