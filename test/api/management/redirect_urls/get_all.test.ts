/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/redirect_urls/all. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { succeed } from '../../../support/call.ts'
import { register, withoutRedirectUrls } from '../../../support/redirect_urls.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('redirectURLs.getAll', (engine) => {
  test('lists the URLs of this environment only, oldest first', async () => {
    const here = await world(engine)
    const [{ path }, other] = [await withoutRedirectUrls(here), await withoutRedirectUrls(here)]
    const made = []
    for (const url of ['https://c.example', 'https://a.example', 'https://b.example']) {
      made.push(await register(here, path, url, ['LOGIN']))
      here.clock.advance(1)
    }
    await register(here, other.path, 'https://d.example', ['LOGIN'])
    const { redirect_urls } = await succeed(here, here.workspace, `GET ${path}/redirect_urls/all`)
    assert.deepEqual(redirect_urls, made)
  })

  test('answers an empty list where there are none', async () => {
    const here = await world(engine)
    const { path } = await withoutRedirectUrls(here)
    assert.deepEqual((await succeed(here, here.workspace, `GET ${path}/redirect_urls/all`)).redirect_urls, [])
  })
})
