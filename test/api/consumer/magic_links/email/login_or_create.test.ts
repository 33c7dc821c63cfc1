/** POST /v1/magic_links/email/login_or_create: who is mailed what, and what is refused before anything happens. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRedirectUrl } from '../../../../../src/domain/redirect_urls/redirect_url.ts'
import { SECOND } from '../../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../../support/call.ts'
import { lastMessage, messagesTo } from '../../../../support/inbox.ts'
import { mailedLink, newAddress, registeredUrl, traces } from '../../../../support/links.ts'
import { register, withoutRedirectUrls } from '../../../../support/redirect_urls.ts'
import { liveCredentials, newUser } from '../../../../support/users.ts'
import { type Engine, onBothEngines, world } from '../../../../support/world.ts'

const route = 'POST /v1/magic_links/email/login_or_create'

async function scene(engine: Engine) {
  const here = await world(engine)
  return { here, project: await here.project() }
}

onBothEngines('magic_links.email.login_or_create', (engine) => {
  test('creates an active user for a new address and mails a sign-up link for seven days', async () => {
    const { here, project } = await scene(engine)
    const email = newAddress()
    const reply = await succeed(here, project, route, { email: ` ${email.toUpperCase()} ` })
    assert.equal(reply.user_created, true)
    const user = await succeed(here, project, `GET /v1/users/${reply.user_id}`)
    assert.equal(user.status, 'active')
    assert.deepEqual(user.emails, [{ email_id: reply.email_id, email, verified: false }])
    const [message, ...others] = await messagesTo(here, email)
    assert.deepEqual(others, [])
    assert.deepEqual([message?.template, message?.channel, message?.locale], ['signup', 'email', 'en'])
    const [link, ...more] = message?.links ?? []
    assert.deepEqual(more, [])
    assert.equal(link?.purpose, 'signup')
    assert.match(link?.token ?? '', /^[A-Za-z0-9_-]{44}$/)
    const url = new URL(link?.url ?? '')
    assert.equal(`${url.origin}${url.pathname}`, `${here.app.public_url()}/v1/magic_links/redirect`)
    assert.equal(url.searchParams.get('stytch_token_type'), 'magic_links')
    assert.equal(url.searchParams.get('token'), link?.token)
    const [row] = await tokensOf(here, project.id)
    assert.equal(row?.expires_at - row?.created_at, 7 * 24 * 3600 * SECOND)
    assert.equal(JSON.parse(row?.details).redirect_url, registeredUrl)
  })

  test('a known active user gets a login link for an hour, a pending one the sign-up link again', async () => {
    const { here, project } = await scene(engine)
    const { user_id, emails } = await newUser(here, project)
    const [{ email, email_id }] = emails
    const reply = await mailedLink(here, project, email)
    assert.deepEqual([reply.user_id, reply.email_id, reply.user_created], [user_id, email_id, false])
    assert.equal((await lastMessage(here, email)).template, 'login')
    const [row] = await tokensOf(here, project.id)
    assert.equal(row?.expires_at - row?.created_at, 3600 * SECOND)

    const pending = newAddress()
    const first = await mailedLink(here, project, pending, { create_user_as_pending: true })
    assert.equal((await succeed(here, project, `GET /v1/users/${first.user_id}`)).status, 'pending')
    const second = await mailedLink(here, project, pending)
    assert.deepEqual([second.user_id, second.user_created], [first.user_id, false])
    assert.deepEqual(
      (await messagesTo(here, pending)).map(({ template }) => template),
      ['signup', 'signup'],
    )
    assert.equal((await succeed(here, project, `GET /v1/users/${first.user_id}`)).status, 'pending')
  })

  test('the URL and expiry of the flow that applies are used, and the mail speaks the language asked for', async () => {
    const { here, project } = await scene(engine)
    await register(here, project.path, 'https://app.example.com/in', ['LOGIN'])
    await register(here, project.path, 'https://app.example.com/new', ['SIGNUP'])
    const email = newAddress()
    const fields = {
      login_magic_link_url: 'https://app.example.com/in',
      signup_magic_link_url: 'https://app.example.com/new',
      login_expiration_minutes: 5,
      signup_expiration_minutes: 10_080,
      attributes: { ip_address: '203.0.113.1' },
      locale: 'pt-br',
    }
    for (const [url, minutes] of [
      ['https://app.example.com/new', 10_080],
      ['https://app.example.com/in', 5],
    ] as const) {
      await mailedLink(here, project, email, fields)
      const rows = await tokensOf(here, project.id)
      const row = rows.find(({ created_at }) => created_at === here.clock.now())
      assert.equal(row?.expires_at - row?.created_at, minutes * 60 * SECOND)
      const details = JSON.parse(row?.details)
      assert.equal(details.redirect_url, url)
      assert.deepEqual(details.attributes, { ip_address: '203.0.113.1', user_agent: '' })
    }
    assert.equal((await lastMessage(here, email)).locale, 'pt-br')
  })

  test('older links stay usable: each is for one use of its own', async () => {
    const { here, project } = await scene(engine)
    const email = newAddress()
    const first = await mailedLink(here, project, email)
    const second = await mailedLink(here, project, email)
    for (const { token } of [first, second])
      await succeed(here, project, 'POST /v1/magic_links/authenticate', { token })
  })

  test('a request that is wrong anywhere is refused and leaves nothing: no user, no link, no mail, no count', async () => {
    const { here, project } = await scene(engine)
    const bare = await withoutRedirectUrls(here)
    await register(here, bare.path, 'https://only.example.com/login', ['LOGIN'])
    const known = (await newUser(here, project)).emails[0].email
    const before = [await traces(here, project), await traces(here, bare)]
    const cases: [object, number, string][] = [
      [{ email: 'nonsense' }, 400, 'invalid_email'],
      [{ email: '' }, 400, 'invalid_email'],
      [{ email: undefined }, 400, 'bad_request'],
      [{ email: 7 }, 400, 'bad_request'],
      [{ login_magic_link_url: 'nonsense' }, 400, 'invalid_login_redirect_url'],
      [{ signup_magic_link_url: 'nonsense' }, 400, 'invalid_signup_redirect_url'],
      [{ login_magic_link_url: 'https://evil.example.com/' }, 400, 'no_match_for_provided_magic_link_url'],
      [{ signup_magic_link_url: 'https://evil.example.com/' }, 400, 'no_match_for_provided_magic_link_url'],
      [{ login_magic_link_url: `${registeredUrl}/` }, 400, 'no_match_for_provided_magic_link_url'],
      [{ login_expiration_minutes: 4 }, 400, 'invalid_expiration'],
      [{ login_expiration_minutes: 10_081 }, 400, 'invalid_expiration'],
      [{ signup_expiration_minutes: 0 }, 400, 'invalid_expiration'],
      [{ signup_expiration_minutes: 7.5 }, 400, 'bad_request'],
      [{ login_template_id: 'any' }, 404, 'email_template_not_found'],
      [{ signup_template_id: 'any' }, 404, 'email_template_not_found'],
      [{ code_challenge: 'short' }, 400, 'invalid_pkce_code_challenge'],
      [{ attributes: { ip_address: 'here' } }, 400, 'invalid_ip_address'],
      [{ attributes: { user_agent: 'x'.repeat(1025) } }, 400, 'invalid_user_agent'],
      [{ locale: 'de' }, 400, 'invalid_locale'],
      [{ create_user_as_pending: 'yes' }, 400, 'bad_request'],
    ]
    for (const email of [newAddress(), known]) {
      for (const [fields, status, type] of cases) await refuse(here, project, route, { email, ...fields }, status, type)
    }
    await refuse(here, bare, route, { email: newAddress() }, 404, 'no_signup_redirect_urls_set')
    assert.deepEqual([await traces(here, project), await traces(here, bare)], before)
  })

  test('without sign-up URLs, people who are known still get their login link; a missing default is named', async () => {
    const { here } = await scene(engine)
    const bare = await withoutRedirectUrls(here)
    const { emails } = await newUser(here, bare)
    const [{ email }] = emails
    await refuse(here, bare, route, { email }, 404, 'no_login_redirect_urls_set')
    await register(here, bare.path, 'https://only.example.com/login', ['LOGIN'], { do_not_promote_defaults: true })
    await refuse(here, bare, route, { email }, 400, 'no_default_login_redirect_url_set')
    await mailedLink(here, bare, email, { login_magic_link_url: 'https://only.example.com/login' })
    await refuse(here, bare, route, { email: newAddress() }, 404, 'no_signup_redirect_urls_set')
  })

  test('one link a second to one address, whoever asks for it how; another address and the next second are free', async () => {
    const { here, project } = await scene(engine)
    const email = newAddress()
    await mailedLink(here, project, email)
    const before = await traces(here, project)
    for (const flow of ['send', 'login_or_create', 'invite']) {
      const answer = await call(here, project, `POST /v1/magic_links/email/${flow}`, { email: email.toUpperCase() })
      assert.deepEqual([answer.status, answer.body.error_type], [429, 'too_many_requests'])
      assert.equal(answer.headers['retry-after'], '1')
    }
    assert.deepEqual(await traces(here, project), before)
    await succeed(here, project, route, { email: newAddress() })
    here.clock.advance(SECOND)
    await succeed(here, project, 'POST /v1/magic_links/email/send', { email })
  })

  test('a live environment that cannot send promises nothing', async () => {
    const { here, project } = await scene(engine)
    const live = await liveCredentials(here, project)
    const url = 'https://app.example.com/authenticate'
    const valid_types = ['LOGIN', 'SIGNUP', 'INVITE'].map((type) => ({ type, is_default: true }))
    await createRedirectUrl(here.app, project.live, { url, valid_types })
    const before = await traces(here, live)
    await refuse(here, live, route, { email: newAddress() }, 400, 'downstream_carrier_error')
    assert.deepEqual(await traces(here, live), before)
  })

  test('a hundred calls at once for one new address create one user and mail one link', async () => {
    const { here, project } = await scene(engine)
    const email = newAddress()
    const answers = await Promise.all(Array.from({ length: 100 }, () => call(here, project, route, { email })))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array.from({ length: 99 }, () => 429)])
    assert.equal((await messagesTo(here, email)).length, 1)
    assert.equal((await tokensOf(here, project.id)).length, 1)
  })

  test('with the limit off, a hundred calls at once still find one user, and each has its link', async () => {
    const { here, project } = await scene(engine)
    const { limits } = here.app.settings
    const kept = limits.email_links
    limits.email_links = undefined
    try {
      const email = newAddress()
      const replies = await Promise.all(
        Array.from({ length: 100 }, (_, index) => {
          const flow = index % 2 === 0 ? 'login_or_create' : 'invite'
          return call(here, project, `POST /v1/magic_links/email/${flow}`, { email })
        }),
      )
      const ids = new Set(replies.filter(({ status }) => status === 200).map(({ body }) => body.user_id))
      assert.equal(ids.size, 1)
      assert.equal((await succeed(here, project, 'POST /v1/users/search', {})).results.length, 1)
      // Invitations of a user whom a login had made active are duplicates.
      for (const { status, body } of replies) {
        assert.ok(status === 200 || body.error_type === 'duplicate_email', JSON.stringify(body))
      }
      const created = replies.filter(({ body }) => body.user_created === true)
      assert.ok(created.length <= 1)
      const sent = replies.filter(({ status }) => status === 200).length
      assert.equal((await messagesTo(here, email)).length, sent)
    } finally {
      limits.email_links = kept
    }
  })
})

async function tokensOf({ app }: Awaited<ReturnType<typeof world>>, project_id: string) {
  return app.store.read
    .selectFrom('one_time_tokens')
    .selectAll()
    .where('project_id', '=', project_id)
    .orderBy('created_at', 'desc')
    .execute()
}
