/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/redirect_urls. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { register, withoutRedirectUrls } from '../../../support/redirect_urls.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('redirectURLs.get', (engine) => {
  test('returns the URL of exactly that text, placeholders and all', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    for (const url of ['https://a.example/cb?x={}&y=1#z', 'https://a.example', 'myapp://cb']) {
      const made = await register(here, path, url, ['LOGIN'])
      const route = `GET ${path}/redirect_urls?url=${encodeURIComponent(url)}`
      assert.deepEqual((await succeed(here, here.workspace, route)).redirect_url, made)
    }
  })

  test('refuses what is not registered in this environment, also what would match', async () => {
    const here = await world(engine)
    const [{ path }, other] = [await withoutRedirectUrls(here), await withoutRedirectUrls(here)]
    await register(here, path, 'https://a.example/cb', ['LOGIN'])
    await register(here, other.path, 'https://b.example/cb', ['LOGIN'])
    for (const url of ['https://b.example/cb', 'https://www.a.example/cb', 'https://A.example/cb', 'x', '', 'a\0b']) {
      const route = `GET ${path}/redirect_urls?url=${encodeURIComponent(url)}`
      await refuse(here, here.workspace, route, undefined, 404, 'redirect_url_not_found')
    }
  })

  test('refuses a call without url, and one with two', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    for (const query of ['', '?url=a&url=b']) {
      await refuse(here, here.workspace, `GET ${path}/redirect_urls${query}`, undefined, 400, 'bad_request')
    }
  })
})
