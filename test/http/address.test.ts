/** Which operation an address means: paths, their parameters, queries, methods and aliases. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { InjectOptions } from 'fastify'
import { canonicalUrl } from '../../src/http/aliases.ts'
import { world } from '../support/world.ts'
import { basic, bench, type Reply, refused, send } from './bench.ts'

async function get(url: string, options: InjectOptions = {}): Promise<Reply> {
  return send(bench((await world('sqlite')).app), { method: 'GET', url, ...options })
}

describe('path parameters', () => {
  const decoded: [string, string][] = [
    ['%7C', '|'],
    ['%2F', '/'],
    ['%252F', '%2F'],
    ['%25252F', '%252F'],
    ['%3F', '?'],
    ['%23', '#'],
    ['a%20b', 'a b'],
    ['a+b', 'a+b'],
    ['%C3%A9', 'é'],
    ['a;b=c', 'a;b=c'],
    ['a:b', 'a:b'],
    ['%E2%80%8B', '\u200b'],
  ]
  for (const [sent, read] of decoded) {
    test(`${sent} is decoded exactly once`, async () => {
      assert.equal((await get(`/test/echo/${sent}`)).body.given.params.id, read)
    })
  }

  test('a thousand characters arrive, encoded or not', async () => {
    assert.equal((await get(`/test/echo/${'a'.repeat(1000)}`)).body.given.params.id.length, 1000)
    assert.equal((await get(`/test/echo/${'%7C'.repeat(1000)}`)).body.given.params.id, '|'.repeat(1000))
  })

  for (const bad of ['%', '%zz', '%E9', '%FF', '%C3%28']) {
    test(`${bad} is no percent-encoding`, async () => refused(await get(`/test/echo/${bad}`), 400, 'bad_request'))
  }
})

describe('queries', () => {
  test('unknown parameters, and those that repeat a path parameter, are ignored', async () => {
    const reply = await get('/test/echo/a?id=b&id=c&X-Stytch-Member-Session=d&__proto__=e&constructor=f&page=2&&=')
    assert.deepEqual(reply.body.given, { params: { id: 'a' }, query: { page: '2' } })
    assert.equal(({} as Record<string, unknown>).e, undefined)
  })

  test('a known parameter that is given twice is refused by name', async () => {
    refused(await get('/test/echo/a?page=1&page=2'), 400, 'bad_request', /^page: /)
  })

  test('session credentials in a query open nothing', async () => {
    const here = await world('sqlite')
    const { id, secret } = await here.project()
    const reply = await get(`/v1/users/u?Authorization=${encodeURIComponent(basic({ id, secret }).authorization)}`)
    refused(reply, 401, 'invalid_authorization_header')
  })
})

describe('unknown paths and wrong methods', () => {
  for (const url of ['/', '/nowhere', '/v1', '/v1/users/a/b/c', '/V1/debug/whoami', '/v1//debug/whoami', '/healthz/']) {
    test(`GET ${url} is route_not_found`, async () => refused(await get(url), 404, 'route_not_found'))
  }

  const wrong: [string, string, string][] = [
    ['PATCH', '/test/echo/a', 'DELETE, GET'],
    ['PUT', '/test/echo', 'POST'],
    ['GET', '/test/echo', 'POST'],
    ['OPTIONS', '/test/echo/a', 'DELETE, GET'],
    ['OPTIONS', '/test/echo/a%2Fb?x=/c', 'DELETE, GET'],
    ['POST', '/healthz', 'GET'],
    ['DELETE', '/openapi.json', 'GET'],
  ]
  for (const [method, url, allow] of wrong) {
    test(`${method} ${url} is method_not_allowed, and says what is`, async () => {
      const reply = await get(url, { method: method as 'PUT' })
      refused(reply, 405, 'method_not_allowed')
      assert.equal(reply.headers.allow, allow)
    })
  }

  test('HEAD answers like any other wrong method, without the body', async () => {
    const { statusCode, headers, body } = await bench((await world('sqlite')).app).inject({
      method: 'HEAD',
      url: '/test/echo/a',
    })
    assert.equal(statusCode, 405)
    assert.match(String(headers['content-type']), /^application\/json/)
    assert.equal(headers.allow, 'DELETE, GET')
    assert.equal(body, '')
  })

  test('a route that only some servers have does not exist on the others', async () => {
    const here = await world('sqlite')
    refused(await send(here.server, { method: 'POST', url: '/dev/clock' }), 404, 'route_not_found')
  })
})

describe('addresses that clients get slightly wrong', () => {
  test('leading slashes collapse, without a redirect', async () => {
    const here = await world('sqlite')
    const headers = basic(await here.project())
    for (const url of ['//v1/debug/whoami', '////v1/debug/whoami?x=//y']) {
      assert.equal((await get(url, { headers })).status, 200)
    }
    const reply = await get('//test/echo', { method: 'POST', payload: '{"text":"kept"}' })
    assert.deepEqual(reply.body.given, { text: 'kept' })
  })

  const caller = 'project-test-00000000-0000-4000-8000-000000000000'
  const header = basic({ id: caller, secret: 's' }).authorization
  const aliases: [string, string, string][] = [
    ['POST', '/v1/oauth2/introspect', `/v1/public/${caller}/oauth2/introspect`],
    ['POST', '//v1/oauth2/introspect?x=1', `/v1/public/${caller}/oauth2/introspect`],
    ['GET', '/v1/oauth2/introspect', '/v1/oauth2/introspect'],
    ['GET', '/sdk/v1b2b/organizations/members/m/connected_apps', '/sdk/v1/b2b/organizations/members/m/connected_apps'],
    ['GET', '/b2b/public/oauth/google/start?a=b', '/v1/b2b/public/oauth/google/start?a=b'],
    ['GET', '/b2b/public/oauth/google/discovery/start', '/v1/b2b/public/oauth/google/discovery/start'],
    ['GET', '/b2b/public/sso/start?connection_id=c', '/v1/public/sso/start?connection_id=c'],
    ['GET', 'http://api.example.com/v1/users/a?b', '/v1/users/a?b'],
    ['GET', 'https://api.example.com', '/'],
    ['GET', '/v1/users/http://a', '/v1/users/http://a'],
    ['GET', '/v1/users//a', '/v1/users//a'],
    ['GET', '', '/'],
    ['OPTIONS', '*', '/*'],
  ]
  for (const [method, url, meant] of aliases) {
    test(`${method} ${url || '(nothing)'} means ${meant}`, () => assert.equal(canonicalUrl(url, method, header), meant))
  }

  test('the introspection alias needs credentials to know the project', () => {
    assert.equal(canonicalUrl('/v1/oauth2/introspect', 'POST', undefined), '/v1/oauth2/introspect')
    assert.equal(canonicalUrl('/v1/oauth2/introspect', 'POST', 'Bearer x'), '/v1/oauth2/introspect')
    const odd = basic({ id: '../x?y', secret: '' }).authorization
    assert.equal(canonicalUrl('/v1/oauth2/introspect', 'POST', odd), '/v1/public/..%2Fx%3Fy/oauth2/introspect')
  })
})
