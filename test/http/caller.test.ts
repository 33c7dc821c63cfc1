/** Who may call: credentials, verticals, and what is said to those who may not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteSecret, listSecrets } from '../../src/domain/secrets/secret.ts'
import { keepCredentials, readCredentials } from '../../src/http/caller.ts'
import { type Credentials, onBothEngines, type World, world } from '../support/world.ts'
import { basic, bench, type Reply, refused, send } from './bench.ts'

function post(here: World, url: string, headers: Record<string, string>, payload: unknown = {}): Promise<Reply> {
  return send(bench(here.app), { method: 'POST', url, headers, payload: JSON.stringify(payload) })
}

const encode = (text: string | Buffer) => Buffer.from(text).toString('base64')
const unknown = 'project-test-00000000-0000-4000-8000-000000000000'

onBothEngines('callers', (engine) => {
  const headers: [string, Record<string, string>][] = [
    ['no header', {}],
    ['an empty one', { authorization: '' }],
    ['Bearer', { authorization: 'Bearer abc' }],
    ['another scheme that holds good credentials', { authorization: `Digest ${encode(`${unknown}:s`)}` }],
    ['Basic without a value', { authorization: 'Basic' }],
    ['Basic and spaces', { authorization: 'Basic   ' }],
    ['no base64', { authorization: 'Basic !!!' }],
    ['base64 with more behind it', { authorization: `Basic ${encode('a:b')} x` }],
    ['no colon', { authorization: `Basic ${encode('project')}` }],
    ['no base64 at all', { authorization: `Basic ${unknown}:secret` }],
  ]
  for (const [name, sent] of headers) {
    test(`${name}: invalid_authorization_header`, async () => {
      refused(await post(await world(engine), '/v1/test', sent), 401, 'invalid_authorization_header')
    })
  }

  test('the scheme is read in any case, and base64 in either alphabet', async () => {
    const here = await world(engine)
    const project = await here.project()
    const value = encode(`${project.id}:${project.secret}`)
    for (const authorization of [`basic ${value}`, `BASIC  ${value} `, `Basic ${value.replace(/=+$/, '')}`]) {
      assert.equal((await post(here, '/v1/test', { authorization })).status, 200)
    }
  })

  test('every wrong pair is refused alike', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const b2b = await here.project('B2B')
    const wrong: Credentials[] = [
      { id: project.id, secret: '' },
      { id: project.id, secret: `${project.secret} ` },
      { id: project.id, secret: project.secret.slice(0, -1) },
      { id: project.id, secret: `:${project.secret}` },
      { id: project.id, secret: other.secret },
      { id: project.id.toUpperCase(), secret: project.secret },
      { id: project.live.project_id, secret: project.secret },
      { id: b2b.id, secret: project.secret },
      { id: unknown, secret: project.secret },
      { id: '', secret: '' },
      { id: '', secret: project.secret },
      { id: "' or 1=1 --", secret: project.secret },
      { id: `${project.id}\0`, secret: project.secret },
      { id: project.id, secret: `${project.secret}\n` },
      { id: 'ü\u{1f600}', secret: '\ufffd' },
      { id: 'x'.repeat(5000), secret: 'y' },
      here.workspace,
    ]
    const seen = new Set<string>()
    for (const pair of wrong) {
      const { status, body } = await post(here, '/v1/test', basic(pair))
      seen.add(`${status} ${body.error_type} ${body.error_message}`)
    }
    assert.deepEqual([...seen], ['401 unauthorized_credentials Unauthorized credentials.'])
    const bytes = { authorization: `Basic ${encode(Buffer.from([0xff, 0xfe, 0x3a, 0x80]))}` }
    refused(await post(here, '/v1/test', bytes), 401, 'unauthorized_credentials')
  })

  test('bytes that the database cannot take in one request do not fail those beside it', async () => {
    const here = await world(engine)
    const project = await here.project()
    const claims = encode('{"https://stytch.com/session":{"id":"session-test-\\u0000"}}')
    const poison = [
      post(here, '/v1/test', basic({ id: 'project-test-\0', secret: 's' })),
      post(here, '/v1/sessions/authenticate', basic({ id: 'x\0y', secret: 's' }), { session_token: 'a'.repeat(44) }),
      post(here, '/v1/sessions/authenticate', basic({ id: project.id, secret: 's' }), {
        session_jwt: `e30.${claims}.`,
      }),
    ]
    const good = [1, 2, 3].map(() =>
      post(here, '/v1/sessions/authenticate', basic(project), { session_token: 'a'.repeat(44) }),
    )
    for (const reply of await Promise.all(poison)) refused(reply, 401, 'unauthorized_credentials')
    for (const reply of await Promise.all(good)) refused(reply, 404, 'session_not_found')
  })

  test('a deleted secret is refused from the next call on, the others are not', async () => {
    const here = await world(engine)
    const project = await here.project()
    assert.equal((await post(here, '/v1/test', basic(project))).status, 200)
    const [secret] = await listSecrets(here.app, project.environment)
    await deleteSecret(here.app, project.environment, secret?.secret_id ?? '')
    refused(await post(here, '/v1/test', basic(project)), 401, 'unauthorized_credentials')
  })

  test('a project of the other vertical is told so, once its credentials are right', async () => {
    const here = await world(engine)
    const [consumer, b2b] = [await here.project('CONSUMER'), await here.project('B2B')]
    refused(await post(here, '/v1/b2b/test', basic(consumer)), 400, 'invalid_b2b_endpoint')
    refused(await post(here, '/v1/test', basic(b2b)), 400, 'invalid_consumer_endpoint')
    refused(await post(here, '/v1/b2b/test', basic({ ...consumer, secret: 'x' })), 401, 'unauthorized_credentials')
    const reply = await post(here, '/v1/b2b/test', basic(b2b), { needed: 'a' })
    assert.deepEqual(reply.body.given, { project_id: b2b.id, found: 'found' })
    for (const project of [consumer, b2b]) {
      assert.equal((await post(here, '/test/strict', basic(project), { needed: 'a' })).status, 200)
    }
  })

  test('nobody learns anything about the body before the caller is confirmed', async () => {
    const here = await world(engine)
    const [consumer, b2b] = [await here.project('CONSUMER'), await here.project('B2B')]
    const stranger = basic({ id: b2b.id, secret: 'wrong' })
    for (const payload of ['{}', '{"needed":1}', 'broken', '{"needed":"refused"}', '{"__proto__":1}']) {
      const options = { method: 'POST' as const, url: '/v1/b2b/test', payload }
      refused(await send(bench(here.app), options), 401, 'invalid_authorization_header')
      refused(await send(bench(here.app), { ...options, headers: stranger }), 401, 'unauthorized_credentials')
      refused(await send(bench(here.app), { ...options, headers: basic(consumer) }), 400, 'invalid_b2b_endpoint')
      const workspace = { ...options, url: '/test/workspace', headers: stranger }
      refused(await send(bench(here.app), workspace), 401, 'unauthorized_credentials')
    }
    refused(await post(here, '/v1/b2b/test', basic(b2b), { needed: 'refused' }), 404, 'session_not_found')
  })

  test('workspace keys open what is for operators, and nothing else does', async () => {
    const here = await world(engine)
    const project = await here.project()
    const body = { needed: 'a' }
    assert.equal((await post(here, '/test/workspace', basic(here.workspace), body)).status, 200)
    const wrong = [
      project,
      { ...here.workspace, secret: '' },
      { ...here.workspace, secret: project.secret },
      { ...here.workspace, id: `${here.workspace.id}x` },
      { id: `${here.workspace.id}\0`, secret: here.workspace.secret },
    ]
    for (const pair of wrong) {
      refused(await post(here, '/test/workspace', basic(pair), body), 401, 'unauthorized_credentials')
    }
  })

  test('a workspace key that a browser sends along for another site changes nothing', async () => {
    const here = await world(engine)
    const key = basic(here.workspace)
    const body = { needed: 'a' }
    const elsewhere: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]
    for (const headers of elsewhere) {
      refused(await post(here, '/test/workspace', { ...key, ...headers }, body), 401, 'unauthorized_credentials')
    }
    const own: Record<string, string>[] = [
      { 'sec-fetch-site': 'same-origin', origin: 'https://auth.example' },
      { origin: 'http://auth.example:4000', host: 'auth.example:4000' },
    ]
    for (const headers of own) {
      assert.equal((await post(here, '/test/workspace', { ...key, ...headers }, body)).status, 200)
    }
  })

  test('public operations ignore credentials, good or bad', async () => {
    const here = await world(engine)
    const project = await here.project()
    const url = `/v1/sessions/jwks/${project.id}`
    for (const sent of [{}, basic(project), basic({ id: 'a', secret: 'b' }), { authorization: 'Bearer x' }]) {
      assert.equal((await send(here.server, { method: 'GET', url, headers: sent })).status, 200)
    }
  })

  test('no operation fails on U+0000 or odd text in its path or body', async () => {
    const here = await world(engine)
    const { operations } = await import('../../src/api/index.ts')
    const callers = { consumer: await here.project('CONSUMER'), b2b: await here.project('B2B') }
    for (const { method, path, caller, vertical, body, query } of operations) {
      const who = caller === 'workspace' ? here.workspace : callers[vertical === 'b2b' ? 'b2b' : 'consumer']
      for (const [inPath, inBody] of [['%00', 'a\0'] as const, ['%F0%9F%98%80', '\ud800'] as const]) {
        const odd = (shape: object) => Object.fromEntries(Object.keys(shape).map((field) => [field, inBody]))
        const search = Object.keys(query.shape).map((field) => `${field}=${inPath}`)
        const url = `${path.replace(/\{\w+\}/g, inPath)}?${search.join('&')}`
        const payload = JSON.stringify(odd(body.shape))
        const reply = await here.server.inject({ method: method as 'GET', url, headers: basic(who), payload })
        assert.ok(reply.statusCode < 500, `${method} ${url} answered ${reply.body}`)
      }
    }
  })
})

test('request ids name the environment of the caller, or of the address', async () => {
  const here = await world('sqlite')
  const project = await here.project()
  const wordOf = async (url: string, headers: Record<string, string> = {}) =>
    (await send(here.server, { method: 'GET', url, headers })).body.request_id.split('-')[2]
  assert.equal(await wordOf('/v1/debug/whoami', basic(project)), 'test')
  assert.equal(await wordOf('/v1/debug/whoami', basic({ id: project.live.project_id, secret: 'x' })), 'live')
  assert.equal(await wordOf(`/v1/sessions/jwks/${project.id}`), 'test')
  assert.equal(await wordOf(`/v1/sessions/jwks/${project.live.project_id}`), 'live')
  assert.equal(await wordOf(`/v1/users/${project.id}`, basic({ id: project.live.project_id, secret: 'x' })), 'live')
  assert.equal(await wordOf('/v1/public/oauth?public_token=public-token-test-1'), 'test')
  assert.equal(await wordOf('/nowhere', basic(here.workspace)), 'live')
  assert.equal(await wordOf('/nowhere'), 'live')
})

test('concurrent requests have distinct ids', async () => {
  const here = await world('sqlite')
  const project = await here.project()
  const options = { method: 'GET' as const, url: '/v1/debug/whoami', headers: basic(project) }
  const replies = await Promise.all(Array.from({ length: 200 }, () => send(here.server, options)))
  assert.equal(new Set(replies.map(({ body }) => body.request_id)).size, 200)
})

test('however many headers strangers make up, those of somebody known are recognised', () => {
  const header = (name: string) => `Basic ${encode(`${name}:secret`)}`
  const [known, stranger] = [readCredentials(header('known')), readCredentials(header('stranger'))]
  keepCredentials(known)
  for (let number = 0; number < 11_000; number++) readCredentials(header(`nobody-${number}`))
  assert.equal(readCredentials(header('known')), known)
  assert.notEqual(readCredentials(header('stranger')), stranger)
})
