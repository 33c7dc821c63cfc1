/** What all pages have in common: their policy, their refusals and faults, and that machines are left alone by them. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, test } from 'node:test'
import { createServer } from '../../src/http/server.ts'
import { environmentOf, linkIn } from '../support/clickable.ts'
import { visit } from '../support/visit.ts'
import { type World, world } from '../support/world.ts'

const click = '/v1/magic_links/redirect'

/** The world, but with a database that fails with that error as soon as somebody looks a public token up. */
async function broken(error: Error): Promise<World> {
  const here = await world('sqlite')
  const { store } = here.app
  const read = new Proxy(store.read, {
    get() {
      throw error
    },
  })
  return { ...here, server: createServer({ ...here.app, store: { ...store, read } }) }
}
const asked = `GET ${click}?public_token=public-token-test-16d9ba61-97a1-4ba4-9720-b03761dc50c6&stytch_token_type=login&token=t`

test('the policy of a page names the very script and style that are in it', async () => {
  const here = await world('sqlite')
  const live = await environmentOf(here, (await here.project()).live.project_id)
  const { route } = await linkIn(here, live, 'login', 'https://app.example.com/')
  const { text, policy } = await visit(here, `GET ${route}`)
  for (const kind of ['script', 'style']) {
    const [, content = ''] = new RegExp(`<${kind}>([\\s\\S]*?)</${kind}>`).exec(text) ?? []
    assert.ok(content.length > 20)
    assert.ok(policy.includes(`${kind}-src 'sha256-${hash('sha256', content, 'base64')}'`), kind)
  }
  const inbox = await visit(here, 'GET /dev/inbox', here.workspace)
  const [, script = ''] = /<script>([\s\S]*?)<\/script>/.exec(inbox.text) ?? []
  assert.ok(inbox.policy.includes(`script-src 'sha256-${hash('sha256', script, 'base64')}'`))
})

test('no page asks anybody else for anything', async () => {
  const here = await world('sqlite')
  const pages = [await visit(here, 'GET /dev/inbox', here.workspace), await visit(here, `GET ${click}`)]
  for (const { text } of pages) {
    assert.doesNotMatch(text, /\b(src|href)="(?!data:|#)/)
    assert.doesNotMatch(text, /@import|url\(/)
  }
})

describe('a fault', () => {
  test('is shown as a page that tells its request id and nothing else', async () => {
    const here = await broken(new Error('select s3cret from users'))
    const { status, text, headers } = await visit(here, asked)
    assert.equal(status, 500)
    assert.match(text, /Something went wrong/)
    assert.ok(text.includes(String(headers['x-request-id'])))
    assert.doesNotMatch(text, /s3cret/)
  })

  test('of the database says that it will pass', async () => {
    const here = await broken(Object.assign(new Error('gone'), { code: 'ECONNREFUSED' }))
    const { status, text } = await visit(here, asked)
    assert.equal(status, 503)
    assert.match(text, /Back in a moment/)
  })

  test('of the framework is one, too', async () => {
    const here = await world('sqlite')
    const { statusCode, headers, body } = await here.server.inject({
      method: 'POST',
      url: click,
      payload: 'x'.repeat(1024 * 1024 + 1),
    })
    assert.equal(statusCode, 413)
    assert.match(String(headers['content-type']), /^text\/html/)
    assert.match(body, /This did not work/)
  })
})

test('what is said about a request is text in the page, whatever it holds', async () => {
  const here = await world('sqlite')
  const { status, text } = await visit(here, `GET ${click}?token=a&token=<img src=x onerror=alert(1)>`)
  assert.equal(status, 400)
  assert.doesNotMatch(text, /<img/)
})

test('machines find no page in /openapi.json, and JSON where they ask for an operation', async () => {
  const here = await world('sqlite')
  const { paths } = (await here.server.inject('/openapi.json')).json()
  assert.deepEqual([paths['/dev/inbox'], paths[click]], [undefined, undefined])
  assert.ok(paths['/dev/messages'].get)
  const refused = await here.server.inject('/dev/messages')
  assert.equal(refused.json().error_type, 'invalid_authorization_header')
  assert.equal(refused.headers['www-authenticate'], undefined)
  const method = await here.server.inject({ method: 'PUT', url: click })
  assert.deepEqual([method.statusCode, method.headers.allow], [405, 'GET, POST'])
})

test('nothing of a link is logged', async () => {
  const here = await world('sqlite')
  const environment = await environmentOf(here, (await here.project()).id)
  const { token, route } = await linkIn(here, environment, 'login', 'https://app.example.com/')
  const from = here.logged.length
  await visit(here, `GET ${route}`)
  await visit(here, `POST ${route}`)
  const lines = here.logged.slice(from).join('')
  assert.match(lines, /magic_links\/redirect/)
  assert.ok(!lines.includes(token) && !lines.includes('app.example.com'))
})
