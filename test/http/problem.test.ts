/** What callers and operators learn when something goes wrong. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { App } from '../../src/domain/app.ts'
import { WriteConflict } from '../../src/store/store.ts'
import { onBothEngines, testConfig, world } from '../support/world.ts'
import { basic, bench, fault, linesSince, refused, send } from './bench.ts'

const secret = 'select s3cret from users'

describe('a fault inside an operation', () => {
  const faults: [string, unknown][] = [
    ['an Error', new TypeError(secret)],
    ['an Error with a status of its own', Object.assign(new Error(secret), { statusCode: 404 })],
    ['an Error with a code of its own', Object.assign(new Error(secret), { code: 'FST_ERR_CTP_BODY_TOO_LARGE' })],
    [
      'a broken constraint',
      Object.assign(new Error(secret), { code: '23505', detail: 'Key (value)=(ada@example.com)' }),
    ],
    ['a text', secret],
    ['nothing', undefined],
    ['null', null],
  ]
  for (const [name, error] of faults) {
    test(`${name}: internal_server_error, which tells nothing and is logged once`, async () => {
      const here = await world('sqlite')
      const from = here.logged.length
      fault.error = error
      const reply = await send(bench(here.app), { method: 'POST', url: '/test/fault' })
      refused(reply, 500, 'internal_server_error')
      assert.ok(!JSON.stringify([reply.body, reply.headers]).includes('s3cret'))
      const lines = linesSince(here, from).filter(({ request_id }) => request_id === reply.body.request_id)
      assert.deepEqual(
        lines.map(({ msg, level }) => [msg, level]),
        [
          ['An operation failed.', 50],
          ['answered', 50],
        ],
      )
      assert.ok(!here.logged.slice(from).join('').includes('ada@example.com'))
    })
  }

  test('an answer that cannot be written is such a fault', async () => {
    const here = await world('sqlite')
    refused(await send(bench(here.app), { method: 'POST', url: '/test/unwritable' }), 500, 'internal_server_error')
  })
})

describe('a database that does not answer', () => {
  const faults: unknown[] = [
    ...[
      'ECONNREFUSED',
      'ECONNRESET',
      'ETIMEDOUT',
      'EAI_AGAIN',
      '08006',
      '57P01',
      '57P03',
      '53300',
      '57014',
      '40001',
    ].map((code) => Object.assign(new Error(secret), { code })),
    new Error('timeout exceeded when trying to connect'),
    new Error('Connection terminated unexpectedly'),
    Object.assign(new Error('database is locked'), { code: 'ERR_SQLITE_ERROR' }),
    Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR' }),
    Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR' }),
    new WriteConflict(),
  ]
  for (const error of faults) {
    const { code, message } = error as { code?: string; message: string }
    test(`${code ?? ''} ${message}: server_unavailable`, async () => {
      const here = await world('sqlite')
      fault.error = error
      const reply = await send(bench(here.app), { method: 'POST', url: '/test/fault' })
      refused(reply, 503, 'server_unavailable')
      assert.ok(!JSON.stringify(reply.body).includes('s3cret'))
    })
  }
})

test('error_url points into the documentation of the vertical, at a base of choice', async () => {
  const here = await world('sqlite')
  const url = async (app: App, path: string) => (await send(bench(app), { method: 'POST', url: path })).body.error_url
  const anchor = 'errors/401#invalid_authorization_header'
  assert.equal(await url(here.app, '/v1/test'), `https://stytch.com/docs/api/${anchor}`)
  assert.equal(await url(here.app, '/v1/b2b/test'), `https://stytch.com/docs/b2b/api/${anchor}`)
  assert.equal(await url(here.app, '//v1/b2b/test?a'), `https://stytch.com/docs/b2b/api/${anchor}`)
  assert.equal(await url(here.app, '/v1/b2b/nowhere'), 'https://stytch.com/docs/b2b/api/errors/404#route_not_found')
  const { settings, ...rest } = here.app
  const elsewhere = { ...rest, settings: testConfig({ SELVAGE_ERROR_DOCS_BASE: 'https://docs.example.com/auth/' }) }
  assert.equal(await url({ ...elsewhere }, '/test/strict'), `https://docs.example.com/auth/api/${anchor}`)
  assert.ok(settings)
})

test('answers are not to be kept by caches, unless the operation says so', async () => {
  const here = await world('sqlite')
  const project = await here.project()
  const cacheControl = async (url: string) =>
    (await send(here.server, { method: 'GET', url, headers: basic(project) })).headers['cache-control']
  assert.equal(await cacheControl('/v1/debug/whoami'), 'no-store')
  assert.equal(await cacheControl('/v1/users/nobody'), 'no-store')
  assert.equal(await cacheControl(`/v1/sessions/jwks/${project.id}`), 'public, max-age=300')
})

onBothEngines('probes', (engine) => {
  test('answer without credentials, and say ready while the store answers', async () => {
    const { server } = await world(engine)
    for (const url of ['/healthz', '/readyz']) {
      const { statusCode, headers, body } = await server.inject(url)
      assert.deepEqual([statusCode, body], [200, '{"status":"ok"}'])
      assert.match(String(headers['content-type']), /^application\/json/)
    }
  })
})

test('a store that fails makes the server alive but not ready, and says why in the log alone', async () => {
  const here = await world('sqlite')
  const check = async () => {
    throw new Error(secret)
  }
  const app = { ...here.app, store: { ...here.app.store, check } }
  const reply = await send(bench(app), { method: 'GET', url: '/readyz' })
  refused(reply, 503, 'server_unavailable')
  assert.ok(!JSON.stringify(reply.body).includes('s3cret'))
  assert.equal((await bench(app).inject('/healthz')).statusCode, 200)
  assert.equal((await bench(app).inject('/openapi.json')).statusCode, 200)
})
