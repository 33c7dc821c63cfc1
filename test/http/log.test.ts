/** What the logs say, and what they must never say. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createLog } from '../../src/http/log.ts'
import { call, succeed } from '../support/call.ts'
import { onBothEngines, world } from '../support/world.ts'
import { basic, bench, linesSince, send } from './bench.ts'

onBothEngines('the request log', (engine) => {
  test('has one line a response, with the pattern of the route and nothing of the request', async () => {
    const here = await world(engine)
    const project = await here.project()
    const from = here.logged.length
    const headers = basic(project)
    const replies = [
      await send(here.server, { method: 'GET', url: '/v1/debug/whoami?a=b', headers }),
      await send(here.server, { method: 'GET', url: '/v1/users/somebody', headers }),
      await send(here.server, { method: 'GET', url: '/v1/users/%', headers }),
      await send(here.server, { method: 'PATCH', url: '/v1/users/somebody', headers }),
      await send(here.server, { method: 'GET', url: '/some/where', headers }),
      await send(here.server, { method: 'POST', url: '/v1/users', headers, payload: 'a'.repeat(2 ** 21) }),
    ]
    const lines = linesSince(here, from)
    const expected = [
      ['GET', '/v1/debug/whoami', 200, 20],
      ['GET', '/v1/users/:user_id', 404, 30],
      ['GET', 'unknown', 400, 30],
      ['PATCH', 'unknown', 405, 30],
      ['GET', 'unknown', 404, 30],
      ['POST', '/v1/users', 413, 30],
    ]
    for (const [index, { body }] of replies.entries()) {
      const found = lines.filter(({ request_id }) => request_id === body.request_id)
      assert.equal(found.length, 1)
      const { time, msg, milliseconds, ...line } = found[0] ?? {}
      const [method, route, status, level] = expected[index] ?? []
      assert.deepEqual(line, { level, request_id: body.request_id, method, route, status })
      assert.ok(Number(milliseconds) >= 0 && typeof msg === 'string' && typeof time === 'number')
    }
  })

  test('never has secrets, tokens, personal data, ids, queries or bodies', async () => {
    const here = await world(engine)
    const project = await here.project()
    const from = here.logged.length
    const email = 'very.private@example.com'
    const user = await succeed(here, project, 'POST /v1/users', {
      email,
      phone_number: '+14155550199',
      name: { first_name: 'Privatissima' },
      untrusted_metadata: { note: 'metadata-value' },
    })
    const token = 'tokentokentokentokentokentokentokentokentoke'
    const jwt = 'eyJhbGciOiJub25lIn0.e30.c2lnbmF0dXJl'
    await call(here, project, 'POST /v1/sessions/authenticate', { session_token: token })
    await call(here, project, 'POST /v1/sessions/authenticate', { session_jwt: jwt })
    await call(here, project, 'POST /v1/sessions/revoke', { session_token: token, session_id: 'session-body-value' })
    await call(here, project, 'POST /v1/users', { email })
    await call(here, project, `GET /v1/users/${user.user_id}?X-Stytch-Member-Session=query-session&token=query-token`)
    await call(here, { id: project.id, secret: 'wrong-secret' }, `GET /v1/users/${user.user_id}`)
    await call(here, project, 'GET /nowhere/path-value?query-key')
    await call(here, project, 'POST /v1/users', { email: { wrong: 'wrong-type-value' } })
    await send(bench(here.app), { method: 'POST', url: '/test/echo', payload: '{"text": broken-body-value' })
    const forbidden = [
      project.secret,
      basic(project).authorization.slice(6),
      project.id,
      user.user_id,
      user.email_id,
      email,
      '4155550199',
      'Privatissima',
      'metadata-value',
      token,
      jwt,
      'session-body-value',
      'query-session',
      'query-token',
      'query-key',
      'path-value',
      'wrong-secret',
      'wrong-type-value',
      'broken-body-value',
      'X-Stytch-Member-Session',
    ]
    const text = here.logged.slice(from).join('')
    for (const word of forbidden) assert.ok(!text.includes(word), `the log has ${word}`)
    assert.ok(linesSince(here, from).length >= 9)
  })
})

describe('the logger', () => {
  function line(fields: object): Record<string, unknown> {
    const lines: string[] = []
    createLog('debug', { write: (text) => lines.push(text) }).info(fields, 'x')
    assert.equal(lines.length, 1)
    return JSON.parse(lines[0] as string)
  }
  const named = 'authorization secret token session_token session_jwt access_token password code cookie'.split(' ')

  for (const field of named) {
    test(`cuts out ${field} at three levels`, () => {
      const value = 's3cret-value'
      const text = JSON.stringify(
        line({ [field]: value, a: { [field]: value, b: { [field]: value } }, err: { message: 'm', [field]: value } }),
      )
      assert.ok(!text.includes(value), text)
      assert.equal(text.split('[cut]').length, 4)
    })
  }

  test('keeps of an error what an operator needs, and nothing of the row it is about', () => {
    const cause = Object.assign(new Error('deeper'), { code: 'ECONNREFUSED', detail: 'row' })
    const error = Object.assign(new TypeError('sentence', { cause }), {
      code: '23505',
      detail: 'row',
      parameters: ['row'],
    })
    const { err } = line({ err: error }) as { err: Record<string, unknown> }
    assert.deepEqual(Object.keys(err), ['type', 'message', 'error_code', 'stack', 'cause'])
    assert.deepEqual([err.type, err.message, err.error_code], ['TypeError', 'sentence', '23505'])
    assert.equal((err.cause as Record<string, unknown>).error_code, 'ECONNREFUSED')
    assert.ok(!JSON.stringify(err).includes('row'))
  })

  test('is silent below its level', () => {
    const lines: string[] = []
    const log = createLog('warn', { write: (text) => lines.push(text) })
    log.debug({}, 'a')
    log.info({}, 'b')
    log.warn({}, 'c')
    log.error({}, 'd')
    assert.deepEqual(
      lines.map((text) => JSON.parse(text).msg),
      ['c', 'd'],
    )
  })
})
