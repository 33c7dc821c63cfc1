/** POST /pwa/v3/projects/{project_slug}/environments/{environment_slug}/redirect_urls. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../support/call.ts'
import { register, registered, typed, withoutRedirectUrls } from '../../../support/redirect_urls.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const url = 'https://app.example.com/cb'

onBothEngines('redirectURLs.create', (engine) => {
  test('registers a URL exactly as it is written, with its types in their order', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    const text = 'https://APP.example.com?a=1&b={}#x'
    const one = await register(here, path, text, ['SIGNUP', 'LOGIN'])
    assert.deepEqual(one, { url: text, valid_types: typed(['SIGNUP', 'LOGIN']) })
    assert.deepEqual(await registered(here, path), { [text]: ['SIGNUP', 'LOGIN'] })
  })

  test('makes the first URL of a type its default, even when it is sent as none, and no later one', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    const first = await register(here, path, url, ['LOGIN', 'SIGNUP'])
    assert.deepEqual(first.valid_types, typed(['LOGIN!', 'SIGNUP!']))
    const second = await register(here, path, `${url}2`, ['LOGIN', 'INVITE'])
    assert.deepEqual(second.valid_types, typed(['LOGIN', 'INVITE!']))
  })

  test('leaves a type without a default when asked to, and then the next URL is no default either', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    await register(here, path, url, ['LOGIN'], { do_not_promote_defaults: true })
    await register(here, path, `${url}2`, ['LOGIN'])
    assert.deepEqual(await registered(here, path), { [url]: ['LOGIN'], [`${url}2`]: ['LOGIN'] })
  })

  test('gives the default to the URL that asks for it, and takes it from its holder', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    await register(here, path, url, ['LOGIN!', 'SIGNUP!'])
    await register(here, path, `${url}2`, ['LOGIN!'], { do_not_promote_defaults: true })
    assert.deepEqual(await registered(here, path), { [url]: ['LOGIN', 'SIGNUP!'], [`${url}2`]: ['LOGIN!'] })
  })

  test('adds types to a URL that is registered already', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    await register(here, path, url, ['LOGIN!'])
    const merged = await register(here, path, url, ['SIGNUP!'])
    assert.deepEqual(merged.valid_types, typed(['LOGIN!', 'SIGNUP!']))
    await register(here, path, url, ['INVITE', 'INVITE!', 'INVITE'], { do_not_promote_defaults: true })
    assert.deepEqual(await registered(here, path), { [url]: ['LOGIN!', 'SIGNUP!', 'INVITE!'] })
  })

  test('takes a URL without types, and types without is_default', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    const route = `POST ${path}/redirect_urls`
    const { redirect_url } = await succeed(here, here.workspace, route, { url })
    assert.deepEqual(redirect_url.valid_types, [])
    const body = { url, valid_types: [{ type: 'LOGIN' }], do_not_promote_defaults: null }
    assert.deepEqual((await succeed(here, here.workspace, route, body)).redirect_url.valid_types, typed(['LOGIN!']))
  })

  test('never promotes a URL with a placeholder or a wildcard', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    const open = ['https://app.example.com/cb?next={}', 'https://*.example.com/cb']
    for (const one of open) await register(here, path, one, ['LOGIN'])
    assert.deepEqual(await registered(here, path), { [open[1]!]: ['LOGIN'], [open[0]!]: ['LOGIN'] })
  })

  const refusals: [string, unknown, string[] | undefined, string][] = [
    ['no text', 7, [], 'bad_request'],
    ['nothing', '', [], 'invalid_url'],
    ['a path', '/cb', [], 'invalid_url'],
    ['user information', 'https://good@evil.example', [], 'invalid_url'],
    ['a wildcard that everybody could match', 'https://*.com', [], 'invalid_url'],
    ['a wildcard below a country', 'https://*.co.uk/', [], 'invalid_url'],
    ['nothing but a wildcard', 'https://*/', [], 'invalid_url'],
    ['a wildcard as the last label', 'https://example.*/', [], 'invalid_url'],
    ['a wildcard in a part of a label', 'https://a-*.example.com/', [], 'invalid_url'],
    ['a wildcard in the path', 'https://example.com/*', [], 'invalid_url'],
    ['a wildcard with a custom scheme', 'myapp://*', [], 'invalid_url'],
    ['a placeholder in a part of a value', 'https://example.com/?a=x{}', [], 'invalid_url'],
    ['a placeholder for a name', 'https://example.com/?{}=x', [], 'invalid_url'],
    ['a placeholder in the path', 'https://example.com/{}', [], 'invalid_url'],
    ['javascript', 'javascript:alert(1)', [], 'redirect_url_cannot_use_protocol'],
    ['javascript in capitals', 'JavaScript://x/%0aalert(1)', [], 'redirect_url_cannot_use_protocol'],
    ['data', 'data:text/html,x', [], 'redirect_url_cannot_use_protocol'],
    ['a file', 'file:///etc/passwd', [], 'redirect_url_cannot_use_protocol'],
    ['an unknown type', url, ['login'], 'invalid_redirect_url_type'],
    ['a type without a name', url, [''], 'invalid_redirect_url_type'],
    ['a default with a wildcard', 'https://*.example.com', ['LOGIN!'], 'redirect_url_with_wildcard_cannot_be_default'],
    [
      'a default with a placeholder',
      'https://example.com/?a={}',
      ['LOGIN!'],
      'redirect_url_with_query_param_placeholder_cannot_be_default',
    ],
  ]
  for (const [what, given, types, error_type] of refusals) {
    test(`refuses ${what}, and registers nothing`, async () => {
      const here = await world(engine)
      const { path } = await withoutRedirectUrls(here)
      const body = { url: given, valid_types: types && typed(types) }
      await refuse(here, here.workspace, `POST ${path}/redirect_urls`, body, 400, error_type)
      assert.deepEqual(await registered(here, path), {})
    })
  }

  test('refuses a body without url, and a type without a name', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    const route = `POST ${path}/redirect_urls`
    await refuse(here, here.workspace, route, { valid_types: [] }, 400, 'bad_request')
    const nameless = { url, valid_types: [{ is_default: true }] }
    await refuse(here, here.workspace, route, nameless, 400, 'invalid_redirect_url_type')
  })

  test('refuses http and wildcards in live environments, but takes https and custom schemes', async () => {
    const here = await world(engine)
    const project = await here.project()
    const path = project.path.replace(/[^/]+$/, project.live.environment_slug)
    const route = `POST ${path}/redirect_urls`
    for (const [given, error_type] of [
      ['http://app.example.com/cb', 'redirect_url_must_use_https'],
      ['http://localhost:3000', 'redirect_url_must_use_https'],
      ['https://*.example.com/cb', 'no_wildcards_in_live_redirect_url'],
    ]) {
      await refuse(here, here.workspace, route, { url: given }, 400, error_type as string)
    }
    assert.deepEqual(await registered(here, path), {})
    for (const given of [url, 'myapp://cb', 'com.example.app:/cb']) await register(here, path, given, ['LOGIN'])
  })

  test('never lets concurrent calls exceed a hundred URLs, nor two defaults of a type', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    const answers = await Promise.all(
      Array.from({ length: 110 }, (_, i) =>
        call(here, here.workspace, `POST ${path}/redirect_urls`, {
          url: `${url}/${i}`,
          valid_types: typed(['LOGIN!']),
        }),
      ),
    )
    const refused = answers.filter(({ status }) => status !== 200)
    assert.equal(refused.length, 10)
    for (const { status, body } of refused) assert.deepEqual([status, body.error_type], [400, 'too_many_redirect_urls'])
    const all = await registered(here, path)
    assert.equal(Object.keys(all).length, 100)
    assert.equal(Object.values(all).filter(([type]) => type === 'LOGIN!').length, 1)
    // A known URL is no new one.
    await register(here, path, Object.keys(all)[0] as string, ['SIGNUP'])
  })

  test('a project made for an operator has one URL in its test environment, default of every type of its vertical', async () => {
    const here = await world(engine)
    const every = ['LOGIN!', 'SIGNUP!', 'INVITE!', 'RESET_PASSWORD!']
    for (const vertical of ['CONSUMER', 'B2B'] as const) {
      const project = await here.project(vertical)
      const expected = vertical === 'B2B' ? [...every, 'DISCOVERY!'] : every
      assert.deepEqual(await registered(here, project.path), { 'http://localhost:3000/authenticate': expected })
      const live = project.path.replace(/[^/]+$/, project.live.environment_slug)
      assert.deepEqual(await registered(here, live), {})
    }
  })
})
