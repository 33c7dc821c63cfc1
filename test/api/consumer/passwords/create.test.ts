/** POST /v1/passwords. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { switchSandbox } from '../../../../src/domain/projects/environment.ts'
import { call, refuse, succeed } from '../../../support/call.ts'
import {
  configure,
  leavingNoTrace,
  newEmail,
  signUp,
  storedPassword,
  strong,
  weak,
  whileBreached,
} from '../../../support/passwords.ts'
import { liveCredentials, newUser } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/passwords'

onBothEngines('passwords.create', (engine) => {
  test('creates an active user with an unverified address and a session', async () => {
    const here = await world(engine)
    const project = await here.project()
    const reply = await succeed(here, project, route, {
      email: ` Ada.${newEmail()}`,
      password: strong,
      name: { first_name: 'Ada' },
      trusted_metadata: { plan: 'pro' },
      untrusted_metadata: { theme: 'dark' },
      session_duration_minutes: 60,
      session_custom_claims: { seat: 7 },
    })
    const { user, session } = reply
    assert.equal(reply.user_id, user.user_id)
    assert.deepEqual([user.status, user.name.first_name], ['active', 'Ada'])
    assert.deepEqual([user.trusted_metadata, user.untrusted_metadata], [{ plan: 'pro' }, { theme: 'dark' }])
    assert.equal(user.emails[0].email_id, reply.email_id)
    assert.equal(user.emails[0].verified, false)
    assert.match(user.password.password_id, /^password-test-/)
    assert.equal(user.password.requires_reset, false)
    assert.deepEqual(session.custom_claims, { seat: 7 })
    const [{ type, delivery_method }, ...others] = session.authentication_factors
    assert.deepEqual([type, delivery_method, others], ['password', 'knowledge', []])
    const { session_token } = reply
    await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token })
  })

  test('without a duration there is no session', async () => {
    const here = await world(engine)
    const project = await here.project()
    const body = { email: newEmail(), password: strong, session_custom_claims: { seat: 7 } }
    const reply = await succeed(here, project, route, body)
    assert.deepEqual([reply.session, reply.session_token, reply.session_jwt], [null, '', ''])
  })

  test('keeps an Argon2id hash, and neither stores nor logs the password', async () => {
    const here = await world(engine)
    const project = await here.project()
    const password = `${strong}-but-mine`
    const { user_id } = await signUp(here, project, { password })
    const stored = await storedPassword(here, project, user_id)
    assert.equal(stored?.scheme, 'argon_2id')
    assert.match(String(stored?.hash), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    assert.equal(
      here.logged.some((line) => line.includes(password)),
      false,
    )
  })

  test('takes any characters: spaces at the ends, emoji, letters of every script', async () => {
    const here = await world(engine)
    const project = await here.project()
    const password = '  гриб 🍄🍄 kääpä völlig unerwartet  '
    const { email } = await signUp(here, project, { password })
    await succeed(here, project, 'POST /v1/passwords/authenticate', { email, password })
    const trimmed = { email, password: password.trim() }
    await refuse(here, project, 'POST /v1/passwords/authenticate', trimmed, 401, 'unauthorized_credentials')
  })

  test('refuses an address that somebody has, with a password or without, in any spelling', async () => {
    const here = await world(engine)
    const project = await here.project()
    const email = newEmail()
    await newUser(here, project, { email })
    await leavingNoTrace(here, project, () =>
      refuse(here, project, route, { email: email.toUpperCase(), password: strong }, 400, 'duplicate_email'),
    )
  })

  test('refuses weak passwords, also those made of the name or address of the person', async () => {
    const here = await world(engine)
    const project = await here.project()
    const person = { email: 'wilhelmina.vandenberg@oosterhoutsche.example', name: { last_name: 'Krzyzanowska' } }
    await leavingNoTrace(here, project, async () => {
      for (const password of ['', weak, 'wilhelmina.vandenberg', 'oosterhoutsche1', 'krzyzanowska', 'a'.repeat(500)]) {
        await refuse(here, project, route, { ...person, password }, 400, 'weak_password')
      }
    })
  })

  test('refuses a breached password only where the environment asks for the check', async () => {
    const here = await world(engine)
    const project = await here.project()
    const body = { email: newEmail(), password: strong }
    await whileBreached(here, [strong], async () => {
      await leavingNoTrace(here, project, () => refuse(here, project, route, body, 400, 'breached_password'))
      await configure(here, project, { check_breach_on_creation: false })
      await succeed(here, project, route, body)
    })
  })

  test('holds a password against the LUDS policy of the environment', async () => {
    const here = await world(engine)
    const project = await here.project()
    const luds = { validation_policy: 'LUDS', luds_min_password_length: 10, luds_min_password_complexity: 3 }
    await configure(here, project, luds)
    const email = newEmail()
    for (const password of ['Short1!', 'alllowercase1', 'ALLUPPERCASE', 'aaaaaaaaaaaaaaaa1']) {
      await refuse(here, project, route, { email, password }, 400, 'weak_password')
    }
    await succeed(here, project, route, { email, password: 'Password12' })
  })

  test('refuses what is malformed, and keeps nothing', async () => {
    const here = await world(engine)
    const project = await here.project()
    const good = { email: newEmail(), password: strong }
    const cases: [change: object, error_type: string][] = [
      [{ email: 'nobody' }, 'invalid_email'],
      [{ email: undefined }, 'bad_request'],
      [{ password: undefined }, 'bad_request'],
      [{ password: 7 }, 'bad_request'],
      [{ password: 'é'.repeat(513) }, 'bad_request'],
      [{ session_duration_minutes: 4 }, 'invalid_session_duration_minutes'],
      [{ session_custom_claims: { 'https://stytch.com/x': 1 } }, 'stytch_claims_in_custom_claims'],
      [{ trusted_metadata: [] }, 'metadata_invalid_format'],
      [{ untrusted_metadata: { long: 'x'.repeat(5000) } }, 'metadata_too_large'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [change, error_type] of cases) {
        await refuse(here, project, route, { ...good, ...change }, 400, error_type)
      }
    })
  })

  test('the sandbox user signs up and in with any password where the switch is on, and is refused live', async () => {
    const here = await world(engine)
    const project = await here.project()
    await switchSandbox(here.app, project.environment, true)
    const body = { email: 'sandbox@stytch.com', password: weak, session_duration_minutes: 5 }
    await leavingNoTrace(here, project, async () => {
      for (const one of [route, 'POST /v1/passwords/authenticate']) {
        const { user_id, session } = await succeed(here, project, one, body)
        assert.equal(user_id, 'user-test-e3795c81-f849-4167-bfda-e4a6e9c280fd')
        assert.equal(session.authentication_factors[0].type, 'password')
      }
    })
    const live = await liveCredentials(here, project)
    for (const one of [route, 'POST /v1/passwords/authenticate']) {
      await refuse(here, live, one, body, 400, 'invalid_email_sandbox')
    }
  })

  test('a hundred calls at once for one address make one user', async () => {
    const here = await world(engine)
    const project = await here.project()
    const body = { email: newEmail(), password: strong, session_duration_minutes: 5 }
    const answers = await Promise.all(Array.from({ length: 100 }, () => call(here, project, route, body)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    const refused = answers.filter(({ status }) => status !== 200).map((answer) => answer.body.error_type)
    assert.deepEqual(new Set(refused), new Set(['duplicate_email']))
    const { results } = await succeed(here, project, 'POST /v1/users/search', {})
    assert.equal(results.length, 1)
  })
})
