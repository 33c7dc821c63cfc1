/** PUT /pwa/v3/projects/{project_slug}/environments/{environment_slug}/redirect_urls. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { register, registered, typed, withoutRedirectUrls } from '../../../support/redirect_urls.ts'
import { onBothEngines, type World, world } from '../../../support/world.ts'

const [first, second, third] = ['https://a.example/1', 'https://a.example/2', 'https://a.example/3'] as const

async function update(here: World, path: string, url: string, types: string[], more: object = {}) {
  const route = `PUT ${path}/redirect_urls?url=${encodeURIComponent(url)}`
  return (await succeed(here, here.workspace, route, { valid_types: typed(types), ...more })).redirect_url
}

onBothEngines('redirectURLs.update', (engine) => {
  test('replaces the types and keeps the place in the list', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    await register(here, path, first, ['LOGIN!'])
    here.clock.advance(1)
    await register(here, path, second, ['LOGIN'])
    const changed = await update(here, path, first, ['SIGNUP!', 'RESET_PASSWORD'])
    assert.deepEqual(changed, { url: first, valid_types: typed(['SIGNUP!', 'RESET_PASSWORD!']) })
    assert.deepEqual(Object.keys(await registered(here, path)), [first, second])
  })

  test('gives a default that was given up to the oldest other URL that can be one', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    for (const url of [first, 'https://a.example/?x={}', second, third]) {
      await register(here, path, url, ['LOGIN'])
      here.clock.advance(1)
    }
    await update(here, path, first, ['LOGIN'])
    const all = await registered(here, path)
    assert.deepEqual([all[first], all[second], all[third]], [['LOGIN'], ['LOGIN!'], ['LOGIN']])
    await update(here, path, second, ['SIGNUP'])
    assert.deepEqual((await registered(here, path))[first], ['LOGIN!'])
  })

  test('a default that nobody else can take stays', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    await register(here, path, first, ['LOGIN!'])
    assert.deepEqual((await update(here, path, first, ['LOGIN'])).valid_types, typed(['LOGIN!']))
  })

  test('leaves a type without a default when asked to', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    await register(here, path, first, ['LOGIN!'])
    await register(here, path, second, ['LOGIN'])
    await update(here, path, first, ['LOGIN', 'SIGNUP'], { do_not_promote_defaults: true })
    assert.deepEqual(await registered(here, path), { [first]: ['LOGIN', 'SIGNUP'], [second]: ['LOGIN'] })
  })

  test('takes all types away when none are given', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    await register(here, path, first, ['LOGIN!'])
    const route = `PUT ${path}/redirect_urls?url=${encodeURIComponent(first)}`
    assert.deepEqual((await succeed(here, here.workspace, route, {})).redirect_url.valid_types, [])
  })

  test('refuses unknown URLs, unknown types and impossible defaults, and changes nothing', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    const open = { placeholder: 'https://a.example/?x={}', wildcard: 'https://*.a.example' }
    for (const url of [first, open.placeholder, open.wildcard]) await register(here, path, url, ['LOGIN'])
    const before = await registered(here, path)
    const refused: [string, string[], number, string][] = [
      [second, ['LOGIN'], 404, 'redirect_url_not_found'],
      ['not a url', ['LOGIN'], 404, 'redirect_url_not_found'],
      [first, ['NONE'], 400, 'invalid_redirect_url_type'],
      [open.placeholder, ['LOGIN!'], 400, 'redirect_url_with_query_param_placeholder_cannot_be_default'],
      [open.wildcard, ['LOGIN!'], 400, 'redirect_url_with_wildcard_cannot_be_default'],
    ]
    for (const [url, types, status, error_type] of refused) {
      const route = `PUT ${path}/redirect_urls?url=${encodeURIComponent(url)}`
      await refuse(here, here.workspace, route, { valid_types: typed(types) }, status, error_type)
    }
    await refuse(here, here.workspace, `PUT ${path}/redirect_urls`, {}, 400, 'bad_request')
    assert.deepEqual(await registered(here, path), before)
  })
})
