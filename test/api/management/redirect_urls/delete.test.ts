/** DELETE /pwa/v3/projects/{project_slug}/environments/{environment_slug}/redirect_urls. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { register, registered, withoutRedirectUrls } from '../../../support/redirect_urls.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const [first, second] = ['https://a.example/1', 'https://a.example/2'] as const
const route = (path: string, url: string, more = '') =>
  `DELETE ${path}/redirect_urls?url=${encodeURIComponent(url)}${more}`

onBothEngines('redirectURLs.delete', (engine) => {
  test('removes the URL, in this environment only, and promotes another for its types', async () => {
    const here = await world(engine)
    const [{ path }, other] = [await withoutRedirectUrls(here), await withoutRedirectUrls(here)]
    await register(here, other.path, first, ['LOGIN!'])
    await register(here, path, first, ['LOGIN!', 'SIGNUP!'])
    await register(here, path, second, ['LOGIN'])
    await succeed(here, here.workspace, route(path, first), {})
    assert.deepEqual(await registered(here, path), { [second]: ['LOGIN!'] })
    assert.deepEqual(await registered(here, other.path), { [first]: ['LOGIN!'] })
    await refuse(here, here.workspace, route(path, first), {}, 404, 'redirect_url_not_found')
  })

  test('promotes none when asked not to', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    await register(here, path, first, ['LOGIN!'])
    await register(here, path, second, ['LOGIN'])
    await succeed(here, here.workspace, route(path, first, '&do_not_promote_defaults=true'))
    assert.deepEqual(await registered(here, path), { [second]: ['LOGIN'] })
    await register(here, path, first, ['LOGIN!'])
    await succeed(here, here.workspace, route(path, first, '&do_not_promote_defaults=false'))
    assert.deepEqual(await registered(here, path), { [second]: ['LOGIN!'] })
  })

  test('refuses what is not registered, or not asked for clearly, and removes nothing', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    await register(here, path, first, ['LOGIN!'])
    await refuse(here, here.workspace, route(path, second), {}, 404, 'redirect_url_not_found')
    await refuse(here, here.workspace, route(path, first, '&do_not_promote_defaults=maybe'), {}, 400, 'bad_request')
    await refuse(here, here.workspace, `DELETE ${path}/redirect_urls`, {}, 400, 'bad_request')
    assert.deepEqual(await registered(here, path), { [first]: ['LOGIN!'] })
  })
})
