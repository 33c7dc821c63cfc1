/** POST /v1/magic_links/email/send: links to those who are known, and addresses added to users. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { newToken } from '../../../../../src/crypto/tokens.ts'
import { maintain } from '../../../../../src/domain/maintenance/maintenance.ts'
import { MINUTE } from '../../../../../src/values/time.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import { lastMessage, messagesTo } from '../../../../support/inbox.ts'
import { mailedLink, newAddress, traces } from '../../../../support/links.ts'
import { newUser, startSession } from '../../../../support/users.ts'
import { type Engine, onBothEngines, world } from '../../../../support/world.ts'

const route = 'POST /v1/magic_links/email/send'
const authenticate = 'POST /v1/magic_links/authenticate'

async function scene(engine: Engine) {
  const here = await world(engine)
  const project = await here.project()
  const user = await newUser(here, project)
  const read = () => succeed(here, project, `GET /v1/users/${user.user_id}`)
  return { here, project, user, read }
}

/** A user whose address is proven, and the token of a session. */
async function provenScene(engine: Engine) {
  const { here, project, user, read } = await scene(engine)
  const { token } = await mailedLink(here, project, user.emails[0].email)
  const signedIn = await succeed(here, project, authenticate, { token, session_duration_minutes: 60 })
  return { here, project, user: signedIn.user, session_token: signedIn.session_token as string, signedIn, read }
}

onBothEngines('magic_links.email.send', (engine) => {
  test('mails a login link to who has the address; a pending user gets the sign-up texts', async () => {
    const { here, project, user } = await scene(engine)
    const [{ email, email_id }] = user.emails
    const reply = await succeed(here, project, route, { email })
    assert.deepEqual([reply.user_id, reply.email_id], [user.user_id, email_id])
    assert.equal((await lastMessage(here, email)).template, 'login')
    const pending = await newUser(here, project, { create_user_as_pending: true })
    await succeed(here, project, route, { email: pending.emails[0].email })
    assert.equal((await lastMessage(here, pending.emails[0].email)).template, 'signup')
  })

  test('an address that nobody has is not found, and nothing happens', async () => {
    const { here, project } = await scene(engine)
    const before = await traces(here, project)
    await refuse(here, project, route, { email: newAddress() }, 404, 'email_not_found')
    const elsewhere = await newUser(here, await here.project())
    await refuse(here, project, route, { email: elsewhere.emails[0].email }, 404, 'email_not_found')
    assert.deepEqual(await traces(here, project), before)
  })

  test('a new address is added to the selected user, by id, external id, session token or JWT, and proven by its link', async () => {
    const { here, project, user, session_token, signedIn, read } = await provenScene(engine)
    await succeed(here, project, `PUT /v1/users/${user.user_id}`, { external_id: 'ada' })
    const selectors = [
      { user_id: user.user_id },
      { user_id: 'ada' },
      { session_token },
      { session_jwt: signedIn.session_jwt },
    ]
    for (const selector of selectors) {
      const email = newAddress()
      const reply = await mailedLink(here, project, email, selector, 'send')
      assert.equal(reply.user_id, user.user_id)
      assert.equal((await lastMessage(here, email)).template, 'login')
      const entry = () => read().then(({ emails }) => emails.find((one: { email: string }) => one.email === email))
      assert.deepEqual(await entry(), { email_id: reply.email_id, email, verified: false })
      const proven = await succeed(here, project, authenticate, { token: reply.token })
      assert.deepEqual([proven.user_id, proven.method_id], [user.user_id, reply.email_id])
      assert.equal((await entry()).verified, true)
    }
    assert.equal((await read()).emails.length, 5)
  })

  test('an address added and not proven within five minutes is taken back: its link is dead, it is free for others', async () => {
    const { here, project, user, session_token, read } = await provenScene(engine)
    const email = newAddress()
    const { token } = await mailedLink(here, project, email, { session_token }, 'send')
    here.clock.advance(5 * MINUTE)
    await refuse(here, project, authenticate, { token }, 401, 'unable_to_auth_magic_link')
    const fresh = await mailedLink(here, project, email)
    assert.equal(fresh.user_created, true)
    assert.notEqual(fresh.user_id, user.user_id)
    assert.equal((await read()).emails.length, 1)
    await refuse(here, project, authenticate, { token }, 401, 'unable_to_auth_magic_link')
    const owner = await succeed(here, project, authenticate, { token: fresh.token })
    assert.equal(owner.user_id, fresh.user_id)
  })

  test('what lapsed is purged by itself; what was proven in time or is written to again stays', async () => {
    const { here, project, session_token, read } = await provenScene(engine)
    const proven = newAddress()
    const { token } = await mailedLink(here, project, proven, { session_token }, 'send')
    await succeed(here, project, authenticate, { token })
    const lapsing = newAddress()
    await mailedLink(here, project, lapsing, { session_token }, 'send')
    here.clock.advance(4 * MINUTE)
    await mailedLink(here, project, lapsing, {}, 'send')
    here.clock.advance(4 * MINUTE)
    await maintain(here.app, () => false)
    assert.equal((await read()).emails.length, 3)
    here.clock.advance(MINUTE)
    await maintain(here.app, () => false)
    assert.deepEqual(
      (await read()).emails.map(({ email, verified }: { email: string; verified: boolean }) => [email, verified]),
      [
        [(await read()).emails[0].email, true],
        [proven, true],
      ],
    )
    here.clock.advance(10 * MINUTE)
    await maintain(here.app, () => false)
    assert.equal((await read()).emails.length, 2)
  })

  test('no second unproven address beside one; a lapsed one is not in the way', async () => {
    const { here, project, user, session_token } = await provenScene(engine)
    await mailedLink(here, project, newAddress(), { session_token }, 'send')
    const before = await traces(here, project)
    const another = { email: newAddress(), user_id: user.user_id }
    await refuse(here, project, route, another, 400, 'too_many_unverified_factors')
    assert.deepEqual(await traces(here, project), before)
    here.clock.advance(5 * MINUTE)
    await succeed(here, project, route, another)
    const unproven = await newUser(here, project)
    const selected = { email: newAddress(), user_id: unproven.user_id }
    await refuse(here, project, route, selected, 400, 'too_many_unverified_factors')
  })

  test('an address of the selected user is mailed to, one of somebody else refused', async () => {
    const { here, project, user, session_token } = await provenScene(engine)
    const [{ email }] = user.emails
    await mailedLink(here, project, email, { session_token }, 'send')
    const other = await newUser(here, project)
    const before = await traces(here, project)
    const body = { email: other.emails[0].email, session_token }
    await refuse(here, project, route, body, 400, 'duplicate_email')
    assert.deepEqual(await traces(here, project), before)
    assert.deepEqual(await messagesTo(here, other.emails[0].email), [])
  })

  test('the user is selected in one way only, by something that exists', async () => {
    const { here, project, user, session_token, signedIn } = await provenScene(engine)
    const { session_jwt } = signedIn
    const { user_id } = user
    const ended = await startSession(here, project, user_id)
    await succeed(here, project, 'POST /v1/sessions/revoke', { session_token: ended })
    const before = await traces(here, project)
    const cases: [object, number, string][] = [
      [{ user_id, session_token }, 400, 'too_many_user_selection_arguments'],
      [{ user_id, session_jwt }, 400, 'too_many_user_selection_arguments'],
      [{ session_token, session_jwt }, 400, 'too_many_user_selection_arguments'],
      [{ user_id: `user-test-${randomUUID()}` }, 404, 'user_not_found'],
      [{ user_id: 'unknown-external-id' }, 404, 'user_not_found'],
      [{ user_id: 'user-test-x' }, 400, 'invalid_user_id'],
      [{ user_id: `user-live-${randomUUID()}` }, 400, 'live_id_used_in_test_environment'],
      [{ session_token: 'short' }, 400, 'invalid_session_token'],
      [{ session_token: newToken() }, 404, 'session_not_found'],
      [{ session_token: ended }, 404, 'session_not_found'],
      [{ session_jwt: 'a.b.c' }, 400, 'unable_to_parse_session_jwt'],
    ]
    for (const [selector, status, type] of cases) {
      await refuse(here, project, route, { email: newAddress(), ...selector }, status, type)
    }
    assert.deepEqual(await traces(here, project), before)
  })

  test('the request is checked as that of login_or_create', async () => {
    const { here, project, user } = await scene(engine)
    const [{ email }] = user.emails
    const before = await traces(here, project)
    const cases: [object, number, string][] = [
      [{ email: 'a@b' }, 400, 'invalid_email'],
      [{ login_magic_link_url: 'https://evil.example.com/' }, 400, 'no_match_for_provided_magic_link_url'],
      [{ signup_magic_link_url: '//evil' }, 400, 'invalid_signup_redirect_url'],
      [{ signup_expiration_minutes: 4 }, 400, 'invalid_expiration'],
      [{ login_template_id: 'x' }, 404, 'email_template_not_found'],
      [{ code_challenge: '=' }, 400, 'invalid_pkce_code_challenge'],
      [{ locale: 'xx' }, 400, 'invalid_locale'],
    ]
    for (const [fields, status, type] of cases) await refuse(here, project, route, { email, ...fields }, status, type)
    assert.deepEqual(await traces(here, project), before)
  })

  test('a locked user can be written to', async () => {
    const { here, project, user } = await scene(engine)
    const locked = { lock_created_at: here.clock.now(), lock_expires_at: here.clock.now() + MINUTE }
    await here.app.store.write.updateTable('users').set(locked).where('user_id', '=', user.user_id).execute()
    await succeed(here, project, route, { email: user.emails[0].email })
  })

  test('one new address, claimed for two users at once, goes to one of them', async () => {
    const { here, project, session_token } = await provenScene(engine)
    const other = await provenUser(here, project)
    const { limits } = here.app.settings
    const kept = limits.email_links
    limits.email_links = undefined
    try {
      for (let round = 0; round < 5; round++) {
        const email = newAddress()
        const bodies = Array.from({ length: 20 }, (_, index) =>
          index % 2 === 0 ? { email, session_token } : { email, user_id: other.user_id },
        )
        const answers = await Promise.all(
          bodies.map((body) => here.server.inject({ ...request(project), payload: JSON.stringify(body) })),
        )
        const owners = new Set<string>()
        for (const { statusCode, body } of answers) {
          const { user_id, error_type } = JSON.parse(body)
          if (statusCode === 200) owners.add(user_id)
          else assert.equal(error_type, 'duplicate_email')
        }
        assert.equal(owners.size, 1)
        const { emails } = await succeed(here, project, `GET /v1/users/${[...owners][0]}`)
        const { email_id } = emails.find((one: { email: string }) => one.email === email)
        await succeed(here, project, `DELETE /v1/users/emails/${email_id}`)
      }
    } finally {
      limits.email_links = kept
    }
  })
})

async function provenUser(here: Awaited<ReturnType<typeof world>>, project: { id: string; secret: string }) {
  const { token } = await mailedLink(here, project, newAddress())
  return (await succeed(here, project, authenticate, { token })).user
}

function request({ id, secret }: { id: string; secret: string }) {
  const authorization = `Basic ${btoa(`${id}:${secret}`)}`
  return { method: 'POST', url: '/v1/magic_links/email/send', headers: { authorization } } as const
}
