/** Which URL a message leads to, on the configuration as every request sees it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RedirectUrlType } from '../../../src/domain/redirect_urls/placement.ts'
import { resolveRedirectUrl } from '../../../src/domain/redirect_urls/resolve.ts'
import { Refusal } from '../../../src/errors.ts'
import { succeed } from '../../support/call.ts'
import { register, withoutRedirectUrls } from '../../support/redirect_urls.ts'
import { onBothEngines, type TestProject, type World, world } from '../../support/world.ts'

async function resolve(here: World, project: TestProject, type: RedirectUrlType, given?: string): Promise<string> {
  const environment = await here.app.environment(project.id)
  assert.ok(environment)
  return resolveRedirectUrl(environment, type, given)
}

async function refused(resolving: Promise<string>, status: number, error_type: string): Promise<void> {
  await assert.rejects(resolving, (error) => {
    assert.ok(error instanceof Refusal)
    assert.deepEqual([error.status, error.error_type], [status, error_type])
    return true
  })
}

const url = 'https://app.example.com/cb'
const names: Record<RedirectUrlType, [malformed: string, none: string, status: number, no_default: string]> = {
  LOGIN: ['invalid_login_redirect_url', 'no_login_redirect_urls_set', 404, 'no_default_login_redirect_url_set'],
  SIGNUP: ['invalid_signup_redirect_url', 'no_signup_redirect_urls_set', 404, 'no_default_signup_redirect_url_set'],
  INVITE: ['invalid_invite_redirect_url', 'no_invite_redirect_urls_set', 404, 'no_default_invite_redirect_url_set'],
  DISCOVERY: [
    'invalid_discovery_redirect_url',
    'no_discovery_redirect_urls_set',
    404,
    'no_default_discovery_redirect_url_set',
  ],
  RESET_PASSWORD: [
    'invalid_password_reset_redirect_url',
    'no_password_reset_redirect_url',
    400,
    'no_password_reset_redirect_url',
  ],
}

onBothEngines('the URL that a message leads to', (engine) => {
  for (const [name, [malformed, none, status, no_default]] of Object.entries(names)) {
    const type = name as RedirectUrlType
    const another = type === 'LOGIN' ? 'SIGNUP' : 'LOGIN'

    test(`${type}: each refusal has its name, and configuration counts from the next call on`, async () => {
      const here = await world(engine)
      const project = await withoutRedirectUrls(here)
      await register(here, project.path, `${url}/${another}`, [another])
      await refused(resolve(here, project, type), status, none)
      await register(here, project.path, `${url}?x={}`, [type])
      await refused(resolve(here, project, type), 400, no_default)
      for (const given of ['https://good@evil.example', 'x', 'https:/app.example.com/cb', ' ']) {
        await refused(resolve(here, project, type, given), 400, malformed)
      }
      for (const given of [url, `${url}/${another}`, `${url}?x=1&y=2`, 'https://evil.example/cb?x=1', 'javascript:x']) {
        await refused(resolve(here, project, type, given), 400, 'no_match_for_provided_magic_link_url')
      }
      assert.equal(await resolve(here, project, type, `${url}?x=1`), `${url}?x=1`)
      await register(here, project.path, url, [`${type}!`])
      assert.equal(await resolve(here, project, type), url)
      assert.equal(await resolve(here, project, type, ''), url)
      assert.equal(await resolve(here, project, type, url), url)
      await succeed(here, here.workspace, `DELETE ${project.path}/redirect_urls?url=${encodeURIComponent(url)}`)
      await refused(resolve(here, project, type), 400, no_default)
    })
  }

  test('a URL of the test environment is none of the live one, nor of another project', async () => {
    const here = await world(engine)
    const [project, other] = [await withoutRedirectUrls(here), await withoutRedirectUrls(here)]
    await register(here, project.path, url, ['LOGIN!'])
    for (const id of [other.id, project.live.project_id]) {
      await refused(resolve(here, { ...project, id }, 'LOGIN', url), 400, 'no_match_for_provided_magic_link_url')
      await refused(resolve(here, { ...project, id }, 'LOGIN'), 404, 'no_login_redirect_urls_set')
    }
  })

  test('a given URL is returned as it was written', async () => {
    const here = await world(engine)
    const project = await withoutRedirectUrls(here)
    await register(here, project.path, 'https://*.example.com/cb?next={}', ['LOGIN'])
    const given = 'HTTPS://Preview-7.example.com:443/cb?next=%2Fhome'
    assert.equal(await resolve(here, project, 'LOGIN', given), given)
  })
})
