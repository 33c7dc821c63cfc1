/** What comes over a real socket and is no proper request: the answer is JSON all the same. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { createServer } from '../../src/http/server.ts'
import { type World, world } from '../support/world.ts'
import { linesSince, type Reply } from './bench.ts'

let here: World
let server: FastifyInstance
let port: number

before(async () => {
  here = await world('sqlite')
  server = createServer(here.app)
  await server.listen({ port: 0, host: '127.0.0.1' })
  port = (server.server.address() as { port: number }).port
})
after(() => server.close())

/** Sends bytes and reads one answer; resolves as soon as its body is complete, or the connection ends. */
function exchange(bytes: string | Buffer): Promise<Reply & { reason: string; ended: Promise<void> }> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const ended = new Promise<void>((done) => socket.once('close', () => done()))
    socket.on('error', () => {})
    socket.on('close', () => reject(new Error(`The connection ended after: ${text}`)))
    socket.on('data', (chunk) => {
      text += chunk
      const [head = '', body = ''] = text.split('\r\n\r\n')
      const [first = '', ...lines] = head.split('\r\n')
      const headers = Object.fromEntries(lines.map((line) => line.toLowerCase().split(': ')))
      if (Buffer.byteLength(body) < Number(headers['content-length'] ?? Number.POSITIVE_INFINITY)) return
      const [, status = '', reason = ''] = /^HTTP\/1\.1 (\d+) (.*)$/.exec(first) ?? []
      if (headers.connection !== 'close') socket.destroy()
      resolve({ status: Number(status), reason, headers, body: JSON.parse(body), ended })
    })
  })
}

const malformed: [string, string | Buffer, number, string, string][] = [
  ['garbage', 'GARBAGE\r\n\r\n', 400, 'Bad Request', 'bad_request'],
  ['an unknown method', 'FETCH / HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'Bad Request', 'bad_request'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'Bad Request', 'bad_request'],
  ['a TLS handshake', Buffer.from([22, 3, 1, 2, 0, 1, 0]), 400, 'Bad Request', 'bad_request'],
  ['a space in the path', 'GET /v1/a b HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'Bad Request', 'bad_request'],
  ['raw bytes in the path', Buffer.from('GET /\xff HTTP/1.1\r\n\r\n', 'latin1'), 400, 'Bad Request', 'bad_request'],
  [
    'two lengths of one body',
    'POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'Bad Request',
    'bad_request',
  ],
  ['a length that is none', 'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', 400, 'Bad Request', 'bad_request'],
  [
    'headers over the limit',
    `GET /v1/users/a HTTP/1.1\r\nHost: x\r\nX-Big: ${'a'.repeat(20_000)}\r\n\r\n`,
    431,
    'Request Header Fields Too Large',
    'request_headers_too_large',
  ],
  [
    'an address over the limit',
    `GET /v1/users/${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    431,
    'Request Header Fields Too Large',
    'request_headers_too_large',
  ],
]
for (const [name, bytes, status, reason, error_type] of malformed) {
  test(`${name}: ${status} ${error_type}, and the connection ends`, { timeout: 10_000 }, async () => {
    const from = here.logged.length
    const reply = await exchange(bytes)
    assert.deepEqual([reply.status, reply.reason], [status, reason])
    assert.match(String(reply.headers['content-type']), /^application\/json/)
    assert.equal(reply.body.status_code, status)
    assert.equal(reply.body.error_type, error_type)
    assert.match(reply.body.error_url, new RegExp(`/api/errors/${status}#${error_type}$`))
    assert.equal(reply.headers['x-request-id'], reply.body.request_id)
    await reply.ended
    const lines = linesSince(here, from).filter(({ request_id }) => request_id === reply.body.request_id)
    assert.equal(lines.length, 1)
  })
}

const proper: [string, string, number, string][] = [
  ['no Host header', 'GET /nowhere HTTP/1.1\r\n\r\n', 404, 'route_not_found'],
  ['HTTP/1.0', 'GET /nowhere HTTP/1.0\r\n\r\n', 404, 'route_not_found'],
  ['the absolute form', 'GET http://a/v1/users/a HTTP/1.1\r\nHost: a\r\n\r\n', 401, 'invalid_authorization_header'],
  ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', 404, 'route_not_found'],
  ['TRACE', 'TRACE /v1/users/a HTTP/1.1\r\nHost: x\r\n\r\n', 405, 'method_not_allowed'],
  ['QUERY', 'QUERY /v1/users HTTP/1.1\r\nHost: x\r\n\r\n', 405, 'method_not_allowed'],
  ['PROPFIND', 'PROPFIND /v1/users HTTP/1.1\r\nHost: x\r\n\r\n', 405, 'method_not_allowed'],
  ['dots in the path', 'GET /v1/users/../users/a HTTP/1.1\r\nHost: x\r\n\r\n', 404, 'route_not_found'],
  [
    'an upgrade nobody offers',
    'GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    404,
    'route_not_found',
  ],
  [
    'an expectation nobody knows',
    'POST /v1/users HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nContent-Length: 0\r\n\r\n',
    401,
    'invalid_authorization_header',
  ],
  [
    'a chunked body',
    'POST /v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    401,
    'invalid_authorization_header',
  ],
  [
    'a body that only says it is too large',
    'POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n{}',
    413,
    'request_too_large',
  ],
]
for (const [name, bytes, status, error_type] of proper) {
  test(`${name}: ${status} ${error_type}`, async () => {
    const reply = await exchange(bytes)
    assert.deepEqual([reply.status, reply.body.error_type], [status, error_type])
    assert.match(String(reply.headers['content-type']), /^application\/json/)
  })
}

test('a body that grows over the limit without saying so is cut off with an answer', async () => {
  const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`
  const head = 'POST /v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
  const reply = await exchange(head + chunk.repeat(17))
  assert.deepEqual([reply.status, reply.body.error_type], [413, 'request_too_large'])
})

test('a client that leaves in the middle of its body is no trouble of the database', async () => {
  const from = here.logged.length
  await new Promise<void>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{')
      socket.end(() => resolve())
    })
    socket.on('error', () => {})
  })
  // The next answer comes after the server has dealt with the one that left.
  await exchange('GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n')
  for (const { level } of linesSince(here, from)) assert.ok(Number(level) <= 30)
})
