/** POST /v1/passwords/email/reset/start. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SECOND } from '../../../../../src/values/time.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import { lastMessage, messagesTo } from '../../../../support/inbox.ts'
import { leavingNoTrace, mailReset, newEmail, signUp } from '../../../../support/passwords.ts'
import { register, withoutRedirectUrls } from '../../../../support/redirect_urls.ts'
import { newUser } from '../../../../support/users.ts'
import { onBothEngines, world } from '../../../../support/world.ts'

const route = 'POST /v1/passwords/email/reset/start'

onBothEngines('passwords.email.resetStart', (engine) => {
  test('mails a link to reset the password and one to log in without it', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, user_id, email_id } = await signUp(here, project)
    here.clock.advance(SECOND)
    const reply = await succeed(here, project, route, { email: email.toUpperCase(), locale: 'fr' })
    assert.deepEqual([reply.user_id, reply.email_id], [user_id, email_id])
    const message = await lastMessage(here, email, project)
    assert.deepEqual([message.channel, message.template, message.locale], ['email', 'reset_password', 'fr'])
    assert.deepEqual(
      message.links.map(({ purpose, url }) => [purpose, new URL(url).searchParams.get('stytch_token_type')]),
      [
        ['reset_password', 'reset_password'],
        ['login', 'login'],
      ],
    )
    for (const { url, token } of message.links) assert.equal(new URL(url).searchParams.get('token'), token)
    assert.notEqual(message.links[0]?.token, message.links[1]?.token)
  })

  test('the second link logs in without the password, which must then be reset: nobody has proven the address before', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, email_id, session_token } = await signUp(here, project)
    const { login } = await mailReset(here, project, email)
    const body = { token: login, session_duration_minutes: 60 }
    const reply = await succeed(here, project, 'POST /v1/magic_links/authenticate', body)
    const [{ type, delivery_method, email_factor }] = reply.session.authentication_factors
    assert.deepEqual([type, delivery_method, email_factor], ['magic_link', 'email', { email_id, email_address: email }])
    assert.deepEqual([reply.reset_sessions, reply.user.password.requires_reset], [true, true])
    await refuse(here, project, 'POST /v1/sessions/authenticate', { session_token }, 404, 'session_not_found')
  })

  test('a click on either link leads to the application with its token', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email } = await signUp(here, project)
    const { links } = await mailReset(here, project, email)
    for (const { url, token, purpose } of links) {
      const { pathname, search } = new URL(url)
      const { statusCode, headers } = await here.server.inject({ url: pathname + search })
      assert.equal(statusCode, 302)
      const target = new URL(String(headers.location))
      assert.equal(target.origin + target.pathname, 'http://localhost:3000/authenticate')
      assert.deepEqual(
        [target.searchParams.get('token'), target.searchParams.get('stytch_token_type')],
        [token, purpose],
      )
    }
  })

  test('leads to the URLs of the request when they are registered', async () => {
    const here = await world(engine)
    const project = await withoutRedirectUrls(here)
    const { email, user_id } = await signUp(here, project)
    await register(here, project.path, 'https://app.example.com/reset?x={}', ['RESET_PASSWORD'])
    const url = { reset_password_redirect_url: 'https://app.example.com/reset?x=1' }
    const without = await mailReset(here, project, email, url)
    // No login URL is known, and a reset does not depend on one.
    assert.equal(without.links.length, 1)
    await register(here, project.path, 'https://app.example.com/login', ['LOGIN'])
    const login_redirect_url = 'https://app.example.com/login'
    await mailReset(here, project, email, { ...url, login_redirect_url })
    const rows = await here.app.store.read
      .selectFrom('one_time_tokens')
      .select(['purpose', 'details'])
      .where('project_id', '=', project.id)
      .where('owner_id', '=', user_id)
      .execute()
    const targets = rows.map(({ purpose, details }) => [purpose, JSON.parse(String(details)).redirect_url]).sort()
    assert.deepEqual(targets, [
      ['magic link', login_redirect_url],
      ['password reset', url.reset_password_redirect_url],
      ['password reset', url.reset_password_redirect_url],
    ])
  })

  test('serves users who have no password yet', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id, emails } = await newUser(here, project)
    assert.equal((await mailReset(here, project, emails[0].email)).user_id, user_id)
  })

  test('refuses what is malformed, unknown or not registered, and sends nothing', async () => {
    const here = await world(engine)
    const [project, bare] = [await here.project(), await withoutRedirectUrls(here)]
    const { email } = await signUp(here, project)
    here.clock.advance(SECOND)
    const cases: [change: object, status: number, error_type: string][] = [
      [{ email: newEmail() }, 404, 'email_not_found'],
      [{ email: 'nobody' }, 400, 'invalid_email'],
      [{ reset_password_expiration_minutes: 4 }, 400, 'invalid_expiration'],
      [{ reset_password_expiration_minutes: 10_081 }, 400, 'invalid_expiration'],
      [{ reset_password_redirect_url: 'nowhere' }, 400, 'invalid_password_reset_redirect_url'],
      [{ reset_password_redirect_url: 'https://evil.example' }, 400, 'no_match_for_provided_magic_link_url'],
      [{ login_redirect_url: 'nowhere' }, 400, 'invalid_login_redirect_url'],
      [{ login_redirect_url: 'https://evil.example' }, 400, 'no_match_for_provided_magic_link_url'],
      [{ code_challenge: 'short' }, 400, 'invalid_pkce_code_challenge'],
      [{ attributes: { ip_address: 'nowhere' } }, 400, 'invalid_ip_address'],
      [{ locale: 'de' }, 400, 'invalid_locale'],
      [{ reset_password_template_id: 'mine' }, 404, 'email_template_not_found'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [change, status, error_type] of cases) {
        await refuse(here, project, route, { email, ...change }, status, error_type)
      }
    })
    const other = await signUp(here, bare)
    await refuse(here, bare, route, { email: other.email }, 400, 'no_password_reset_redirect_url')
    assert.deepEqual(await messagesTo(here, other.email, bare), [])
  })

  test('mails one address once a second', async () => {
    const here = await world(engine)
    const project = await here.project()
    const [{ email }, other] = [await signUp(here, project), await signUp(here, project)]
    await mailReset(here, project, email)
    await leavingNoTrace(here, project, () => refuse(here, project, route, { email }, 429, 'too_many_requests'))
    await succeed(here, project, route, { email: other.email })
    await mailReset(here, project, email)
  })
})
