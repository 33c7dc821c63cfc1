/** GET /v1/magic_links/redirect. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { consumeOneTimeToken, findOneTimeToken, isRedeemable } from '../../../src/domain/proofs/one_time_token.ts'
import { HOUR } from '../../../src/values/time.ts'
import { succeed } from '../../support/call.ts'
import { environmentOf, linkIn } from '../../support/clickable.ts'
import { lastMessage } from '../../support/inbox.ts'
import { visit } from '../../support/visit.ts'
import { onBothEngines, type World, world } from '../../support/world.ts'

async function scene(engine: Parameters<typeof world>[0]) {
  const here = await world(engine)
  const project = await here.project()
  return {
    here,
    test: await environmentOf(here, project.id),
    live: await environmentOf(here, project.live.project_id),
  }
}

/** Where a page goes on to by itself, and by its button. */
function onward(text: string): string | undefined {
  const [, href] = /<a class="action" id="onward" href="([^"]*)"/.exec(text) ?? []
  return href?.replaceAll('&amp;', '&').replaceAll('&#39;', "'").replaceAll('&quot;', '"')
}

async function assertDead(here: World, route: string): Promise<void> {
  const { status, text, headers } = await visit(here, `GET ${route}`)
  assert.equal(status, 404, route)
  assert.match(text, /This link (leads nowhere|does not unlock any more)/)
  assert.equal(headers.location, undefined)
}

onBothEngines('a click on a link', (engine) => {
  test('of a mail brings a token to the application that signs its receiver in', async () => {
    const here = await world(engine)
    const project = await here.project()
    const email = `${randomUUID()}@example.com`
    await succeed(here, project, 'POST /v1/magic_links/email/login_or_create', { email })
    const [link] = (await lastMessage(here, email, project)).links
    const { pathname, search } = new URL(link?.url ?? '')
    const { headers } = await visit(here, `GET ${pathname}${search}`)
    const { searchParams } = new URL(String(headers.location))
    assert.equal(searchParams.get('stytch_token_type'), 'magic_links')
    const token = searchParams.get('token')
    const { user } = await succeed(here, project, 'POST /v1/magic_links/authenticate', { token })
    assert.equal(user.emails[0].email, email)
  })

  test('goes on at once in a test environment, with kind and token behind the parameters of the caller', async () => {
    const { here, test } = await scene(engine)
    const { token, route } = await linkIn(here, test, 'magic_links', 'https://app.example.com/in?next=%2Fa%20b&x=1#top')
    const { status, text, headers } = await visit(here, `GET ${route}`)
    assert.equal(status, 302)
    assert.equal(text, '')
    const expected = `https://app.example.com/in?next=%2Fa%20b&x=1&stytch_token_type=magic_links&token=${token}#top`
    assert.equal(headers.location, expected)
  })

  test('shows a page in a live environment, which goes on to the same place by script or button', async () => {
    const { here, live } = await scene(engine)
    const { token, route } = await linkIn(here, live, 'login', 'https://app.example.com/in?a="b"')
    const { status, text, policy, headers } = await visit(here, `GET ${route}`)
    assert.equal(status, 200)
    assert.equal(headers.location, undefined)
    assert.equal(
      onward(text),
      `https://app.example.com/in?a="b"&stytch_redirect_type=login&stytch_token_type=login&token=${token}`,
    )
    assert.match(text, /location\.replace/)
    assert.match(text, /<strong>app\.example\.com<\/strong>/)
    assert.match(policy, /script-src 'sha256-/)
  })

  test('on a password reset also hands the public token and the type of redirect on', async () => {
    const { here, test, live } = await scene(engine)
    for (const environment of [test, live]) {
      const { token, route } = await linkIn(here, environment, 'reset_password', 'http://localhost:3000/reset')
      const { text, headers } = await visit(here, `GET ${route}`)
      const [{ public_token } = { public_token: '' }] = environment.public_tokens
      const types = 'stytch_redirect_type=reset_password&stytch_token_type=reset_password'
      const expected = `http://localhost:3000/reset?public_token=${public_token}&${types}&token=${token}`
      assert.equal(environment === test ? headers.location : onward(text), expected)
    }
  })

  test('opens an app by its own scheme', async () => {
    const { here, test, live } = await scene(engine)
    for (const environment of [test, live]) {
      const { token, route } = await linkIn(here, environment, 'magic_links', 'myapp://auth?from=mail')
      const { text, headers } = await visit(here, `GET ${route}`)
      const expected = `myapp://auth?from=mail&stytch_token_type=magic_links&token=${token}`
      assert.equal(environment === test ? headers.location : onward(text), expected)
    }
  })

  test('spends nothing, however often it is made and by whatever method', async () => {
    const { here, test, live } = await scene(engine)
    for (const environment of [test, live]) {
      const { token, route } = await linkIn(here, environment, 'magic_links', 'https://app.example.com/')
      for (const method of ['GET', 'GET', 'HEAD', 'POST']) await visit(here, `${method} ${route}`)
      const found = await findOneTimeToken(here.app, environment, 'magic link', token)
      assert.ok(found && isRedeemable(found, here.app.now()))
    }
  })

  test('by HEAD, as scanners of mail do, learns nothing', async () => {
    const { here, test } = await scene(engine)
    const { route } = await linkIn(here, test, 'magic_links', 'https://app.example.com/')
    for (const url of [route, '/v1/magic_links/redirect?token=unknown', '/v1/magic_links/redirect']) {
      const { status, text, headers } = await visit(here, `HEAD ${url}`)
      assert.deepEqual([status, text, headers.location], [200, '', undefined])
    }
  })

  test('goes on although the token has expired or was used: the application tells that', async () => {
    const { here, test } = await scene(engine)
    const [used, old] = [
      await linkIn(here, test, 'magic_links', 'https://app.example.com/'),
      await linkIn(here, test, 'magic_links', 'https://app.example.com/'),
    ]
    const found = await findOneTimeToken(here.app, test, 'magic link', used.token)
    assert.ok(found && (await consumeOneTimeToken(here.app, found)))
    assert.equal((await visit(here, `GET ${used.route}`)).status, 302)
    here.clock.advance(2 * HOUR)
    assert.equal((await visit(here, `GET ${old.route}`)).status, 302)
  })

  test('leads nowhere when the link is not one of ours, or not complete', async () => {
    const { here, test } = await scene(engine)
    const { token, route } = await linkIn(here, test, 'magic_links', 'https://app.example.com/')
    const link = new URL(route, 'http://here')
    const changed = (name: string, value?: string) => {
      const url = new URL(link)
      if (value === undefined) url.searchParams.delete(name)
      else url.searchParams.set(name, value)
      return `${url.pathname}${url.search}`
    }
    for (const name of ['public_token', 'stytch_token_type', 'token']) {
      for (const value of [undefined, '', 'x', '\0', '😀', '__proto__']) await assertDead(here, changed(name, value))
    }
    await assertDead(here, changed('token', `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`))
    await assertDead(here, changed('stytch_token_type', 'reset_password'))
    await assertDead(here, changed('stytch_token_type', 'unlock'))
    await assertDead(here, '/v1/magic_links/redirect')
  })

  test('of another environment leads nowhere', async () => {
    const { here, test, live } = await scene(engine)
    const { token } = await linkIn(here, test, 'magic_links', 'https://app.example.com/')
    const [{ public_token } = { public_token: '' }] = live.public_tokens
    await assertDead(
      here,
      `/v1/magic_links/redirect?${new URLSearchParams({ public_token, stytch_token_type: 'magic_links', token })}`,
    )
  })

  test('goes nowhere else than where the token says, whatever the link asks for', async () => {
    const { here, test } = await scene(engine)
    const { route } = await linkIn(here, test, 'magic_links', 'https://app.example.com/')
    const evil = encodeURIComponent('https://evil.example.com/')
    const names = ['redirect_url', 'login_redirect_url', 'login_magic_link_url', 'url', 'next', 'redirect']
    const { headers } = await visit(here, `GET ${route}&${names.map((name) => `${name}=${evil}`).join('&')}`)
    assert.match(String(headers.location), /^https:\/\/app\.example\.com\/\?stytch_token_type=/)
    assert.doesNotMatch(String(headers.location), /evil/)
  })

  test('never runs a destination as script, nor splits a header with one', async () => {
    const { here, test, live } = await scene(engine)
    const bad = [
      'javascript:alert(1)',
      'JavaScript:alert(1)//',
      'data:text/html,<script>',
      'no url',
      'https://a/\r\nx: y',
    ]
    for (const url of [...bad, undefined]) {
      for (const environment of [test, live]) {
        await assertDead(here, (await linkIn(here, environment, 'magic_links', url)).route)
      }
    }
  })

  test('leads nowhere with a token that was handed out without a mail', async () => {
    const { here, test } = await scene(engine)
    const { route } = await linkIn(here, test, 'magic_links', 'https://app.example.com/', { flow: 'embedded' })
    await assertDead(here, route)
  })

  test('on a link to unlock asks first, and says when the link is spent', async () => {
    const { here, test, live } = await scene(engine)
    for (const environment of [test, live]) {
      const { route } = await linkIn(here, environment, 'unlock', 'https://app.example.com/', { flow: 'unlock' })
      const { status, text, policy } = await visit(here, `GET ${route}`)
      assert.equal(status, 200)
      assert.match(text, /<form method="post"><button/)
      assert.match(policy, /form-action 'self'/)
      assert.doesNotMatch(text, /<script/)
      here.clock.advance(2 * HOUR)
      await assertDead(here, route)
    }
  })

  test('shows what is wrong with a parameter that stands there twice', async () => {
    const { here } = await scene(engine)
    const { status, text } = await visit(here, 'GET /v1/magic_links/redirect?token=a&token=b')
    assert.equal(status, 400)
    assert.match(text, /This did not work/)
  })
})
