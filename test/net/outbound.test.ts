// The guarded door against loopback servers and resolvers made here: what it refuses, bounds and sends.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import tls from 'node:tls'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { generate } from 'selfsigned'
import { parseAllowList } from '../../src/net/allow.ts'
import type { Lookup, OutboundOptions, OutboundReason } from '../../src/net/outbound.ts'
import { createOutbound, OutboundError } from '../../src/net/outbound.ts'

async function listen(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

function serve(t: TestContext, listener: RequestListener): Promise<number> {
  return listen(t, createServer(listener))
}

/** A resolver that gives these addresses to every name and remembers the names it was asked for. */
function answering(...addresses: string[]) {
  const asked: string[] = []
  const lookup: Lookup = async (host) => {
    asked.push(host)
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  }
  return { asked, lookup }
}

function door(allow: string, lookup?: Lookup) {
  return createOutbound({ allow: parseAllowList(allow), lookup })
}

async function refused(reason: OutboundReason, outcome: Promise<unknown>): Promise<OutboundError> {
  const error = await outcome.then(
    () => assert.fail('the request went through'),
    (error) => error,
  )
  assert.ok(error instanceof OutboundError, String(error))
  assert.equal(error.reason, reason, error.message)
  return error
}

const LOCAL = '127.0.0.1'
// For tests that wait until the server sees its connection close, which would else hang when it does not.
const BOUNDED = { timeout: 5000 }

test('an allow-listed target is reached, with method, headers and body', async (t) => {
  let seen: IncomingMessage | undefined
  let sent = ''
  const port = await serve(t, async (req, res) => {
    seen = req
    for await (const chunk of req) sent += chunk
    res.writeHead(201, { 'X-Answer': 'yes', 'Set-Cookie': ['a=1', 'b=2'] }).end('done')
  })
  const response = await door(LOCAL).request(`http://127.0.0.1:${port}/path?q=1#fragment`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/plain', Host: 'evil.example', 'Accept-Encoding': 'gzip', 'Content-Length': '1' },
    body: 'höllo',
  })
  assert.equal(response.status, 201)
  assert.equal(response.body.toString(), 'done')
  assert.equal(response.headers['x-answer'], 'yes')
  assert.equal(response.headers['set-cookie'], 'a=1, b=2')
  assert.equal(seen?.method, 'POST')
  assert.equal(seen?.url, '/path?q=1')
  assert.equal(seen?.headers['content-type'], 'text/plain')
  assert.equal(seen?.headers['accept-encoding'], 'identity')
  assert.equal(seen?.headers.connection, 'close')
  assert.equal(seen?.headers.host, `127.0.0.1:${port}`)
  assert.equal(sent, 'höllo')
})

test('an error status is an answer, not an error', async (t) => {
  const port = await serve(t, (_req, res) => res.writeHead(503).end('later'))
  const response = await door(LOCAL).request(`http://127.0.0.1:${port}/`)
  assert.equal(response.status, 503)
  assert.equal(response.body.toString(), 'later')
})

test('a loopback server is not reached unless the allow list names it, in whatever notation', async (t) => {
  let requests = 0
  const port = await serve(t, (_req, res) => {
    requests++
    res.end()
  })
  for (const host of [
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '017700000001',
    '127.1',
    '0x7f000001',
    '127.0.0.1.',
    '%31%32%37.0.0.1',
    '１２７.0.0.1',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::1]',
    '[::]',
    '0',
    '169.254.169.254',
    'localhost',
    'LOCALHOST.',
  ]) {
    for (const scheme of ['http', 'https']) {
      await refused('refused_target', door('').request(`${scheme}://${host}:${port}/`))
    }
  }
  for (const url of ['http://2130706433/', 'http://0x7f.1/', 'http://017700000001/', 'http://localhost/']) {
    await refused('refused_target', door('').request(url))
  }
  assert.equal(requests, 0)
})

test('odd notations of an allowed address reach it', async (t) => {
  const port = await serve(t, (_req, res) => res.end('here'))
  for (const host of ['2130706433', '0x7f.1', '017700000001', '127.0.0.1.', 'localhost', 'localhost.']) {
    const { body } = await door(`127.0.0.1:${port}`, answering(LOCAL).lookup).request(`http://${host}:${port}/`)
    assert.equal(body.toString(), 'here', host)
  }
})

test('an allow entry with a port opens that port alone', async (t) => {
  const port = await serve(t, (_req, res) => res.end('here'))
  const url = `http://127.0.0.1:${port}/`
  await refused('refused_target', door(`127.0.0.1:${port === 1 ? 2 : port - 1}`).request(url))
  await refused('refused_target', door('127.0.0.1:80').request(url))
  assert.equal((await door(`127.0.0.1:${port}`).request(url)).status, 200)
  assert.equal((await door('127.0.0.0/8').request(url)).status, 200)
})

test('an allow entry by name opens what the name resolves to, and no other name', async (t) => {
  const port = await serve(t, (req, res) => res.end(req.headers.host))
  const { lookup } = answering(LOCAL)
  const { body } = await door('idp.internal', lookup).request(`http://IDP.internal.:${port}/`)
  assert.equal(body.toString(), `idp.internal:${port}`)
  await refused('refused_target', door('idp.internal', lookup).request(`http://other.internal:${port}/`))
})

test('plain http to a public target is refused, by address and by name', async () => {
  await refused('refused_target', door('').request('http://8.8.8.8/'))
  const { lookup } = answering('8.8.8.8')
  await refused('refused_target', door('', lookup).request('http://public.example/'))
  await refused('refused_target', door('other.example', lookup).request('http://public.example/'))
})

test('one private address among public ones refuses the whole answer', async () => {
  for (const addresses of [
    ['8.8.8.8', '10.0.0.1'],
    ['10.0.0.1', '8.8.8.8'],
    ['2606:4700:4700::1111', '::1'],
    ['8.8.8.8', '::ffff:127.0.0.1'],
    ['8.8.8.8', 'fe80::1%eth0'],
    ['8.8.8.8', 'nonsense'],
  ]) {
    const { lookup } = answering(...addresses)
    await refused('refused_target', door('', lookup).request('https://mixed.example/'))
    await refused('refused_target', door('192.168.0.0/16', lookup).request('https://mixed.example/'))
  }
})

test('any special-purpose IPv4 address behind a name is refused', async () => {
  const head = fc.constantFrom('0', '10', '127', '169.254', '172.16', '192.168', '100.64', '224', '255')
  await fc.assert(
    fc.asyncProperty(head, fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)), async (start, rest) => {
      const address = [...start.split('.'), ...rest].slice(0, 4).join('.')
      await refused('refused_target', door('', answering(address).lookup).request('https://name.example/'))
    }),
  )
})

test('a name that is rebound after the check is not asked for again: the checked address is used', async (t) => {
  const port = await serve(t, (req, res) => res.end(`${req.socket.localAddress}`))
  let lookups = 0
  const lookup: Lookup = async () => [{ address: lookups++ === 0 ? LOCAL : '10.0.0.1', family: 4 }]
  const { body } = await door(`127.0.0.1:${port}`, lookup).request(`http://rebind.example:${port}/`)
  assert.equal(body.toString(), LOCAL)
  assert.equal(lookups, 1)
  await refused('refused_target', door(`127.0.0.1:${port}`, lookup).request(`http://rebind.example:${port}/`))
})

test('the connection falls back among the checked addresses', async (t) => {
  const port = await serve(t, (_req, res) => res.end('here'))
  const { lookup } = answering('::1', LOCAL)
  const { body } = await door('::1,127.0.0.1', lookup).request(`http://both.example:${port}/`)
  assert.equal(body.toString(), 'here')
})

test('a name without addresses and a failing resolver are network errors', async () => {
  await refused('network', door('', answering().lookup).request('https://empty.example/'))
  const failing: Lookup = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
  const error = await refused('network', door('', failing).request('https://gone.example/'))
  assert.equal(error.message, 'The request to gone.example failed (ENOTFOUND).')
})

test('URLs with a user name or password, other schemes and unparseable text are refused before any lookup', async () => {
  const { asked, lookup } = answering(LOCAL)
  for (const url of [
    'https://user@example.com/',
    'https://user:pass@example.com/',
    'https://:pass@example.com/',
    'https://127.0.0.1@example.com/',
    'file:///etc/passwd',
    'ftp://example.com/',
    'data:application/json,{}',
    'javascript:1',
    'ws://example.com/',
    'example.com',
    '//example.com/',
    'https://',
    'https://./',
    'https://example.com../',
    'http://[fe80::1%25eth0]/',
    'http://256.256.256.256/',
    '',
  ]) {
    await refused('invalid_url', door('example.com,127.0.0.1', lookup).request(url))
  }
  assert.deepEqual(asked, [])
})

test('no message tells the user info, path, query or headers of a request', async (t) => {
  const port = await serve(t, (_req, res) => res.writeHead(302, { location: '/s3cret' }).end())
  const secret = { headers: { authorization: 's3cret' } }
  const outcomes: [OutboundReason, string, OutboundOptions][] = [
    ['invalid_url', 'https://s3cret:s3cret@example.com/?s3cret', secret],
    ['invalid_url', 's3cret', secret],
    ['refused_target', 'http://10.0.0.1/s3cret?s3cret', secret],
    ['redirect', `http://127.0.0.1:${port}/s3cret?s3cret`, secret],
    ['network', `http://127.0.0.1:${port}/`, { headers: { a: 's3cret\r\nb: c' } }],
    ['network', `http://127.0.0.1:${port}/`, { headers: { 's3cret ': 'a' } }],
  ]
  for (const [reason, url, options] of outcomes) {
    const error = await refused(reason, door(LOCAL).request(url, options))
    assert.doesNotMatch(`${error.message}${error.stack}${error.cause}`, /s3cret/)
  }
})

test('a redirect is not followed', async (t) => {
  let requests = 0
  const port = await serve(t, (req, res) => {
    requests++
    res.writeHead(Number(req.url!.slice(1)), { location: '/200' }).end()
  })
  for (const status of [300, 301, 302, 303, 304, 307, 308]) {
    await refused('redirect', door(LOCAL).request(`http://127.0.0.1:${port}/${status}`))
  }
  assert.equal(requests, 7)
})

test('a resolver that never answers meets the deadline', async () => {
  const silent: Lookup = () => new Promise(() => {})
  await refused('timeout', door('', silent).request('https://slow.example/', { timeout_ms: 10 }))
  await refused('timeout', door('', silent).request('https://slow.example/', { total_ms: 10 }))
})

/** Resolves when the peer has given up the connection of the first request. */
function hangingServer(t: TestContext, answer: (res: ServerResponse) => void) {
  const closed = Promise.withResolvers<void>()
  const port = serve(t, (req, res) => {
    req.socket.on('close', () => closed.resolve())
    answer(res)
  })
  return { port, closed: closed.promise }
}

test('headers that do not come meet the deadline, and the connection is given up', BOUNDED, async (t) => {
  const { port, closed } = hangingServer(t, () => {})
  await refused('timeout', door(LOCAL).request(`http://127.0.0.1:${await port}/`, { timeout_ms: 30 }))
  await closed
})

test('headers that come letter by letter meet the deadline', BOUNDED, async (t) => {
  const closed = Promise.withResolvers<void>()
  const server = createTcpServer((socket) => {
    // A write may meet the connection already given up.
    socket.on('error', () => {})
    socket.write('HTTP/1.1 200 OK\r\n')
    const drip = setInterval(() => socket.write('a'), 5)
    socket.on('close', () => {
      clearInterval(drip)
      closed.resolve()
    })
  }).listen(0, LOCAL)
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  await refused('timeout', door(LOCAL).request(`http://127.0.0.1:${port}/`, { timeout_ms: 30 }))
  await closed.promise
})

test('a body that does not end meets the total deadline, and the connection is given up', BOUNDED, async (t) => {
  const { port, closed } = hangingServer(t, (res) => {
    const drip = setInterval(() => res.write('a'), 5)
    res.on('close', () => clearInterval(drip))
  })
  await refused('timeout', door(LOCAL).request(`http://127.0.0.1:${await port}/`, { total_ms: 40 }))
  await closed
})

test('a body may take longer than the time to the headers', async (t) => {
  const port = await serve(t, (_req, res) => {
    res.write('a')
    setTimeout(() => res.end('b'), 60)
  })
  const { body } = await door(LOCAL).request(`http://127.0.0.1:${port}/`, { timeout_ms: 40 })
  assert.equal(body.toString(), 'ab')
})

test('a body announced as too large is not read, and the connection is given up', BOUNDED, async (t) => {
  const { port, closed } = hangingServer(t, (res) => {
    res.writeHead(200, { 'content-length': 11 })
    res.flushHeaders()
  })
  await refused('too_large', door(LOCAL).request(`http://127.0.0.1:${await port}/`, { max_bytes: 10 }))
  await closed
})

test('a body without a length is cut off at the limit, and the connection is given up', BOUNDED, async (t) => {
  const { port, closed } = hangingServer(t, (res) => {
    const flood = setInterval(() => res.write('123456'), 1)
    res.on('close', () => clearInterval(flood))
  })
  await refused('too_large', door(LOCAL).request(`http://127.0.0.1:${await port}/`, { max_bytes: 10 }))
  await closed
})

test('a body of exactly the limit is read', async (t) => {
  const port = await serve(t, (req, res) => {
    if (req.url === '/chunked') res.write('12345')
    res.end(req.url === '/chunked' ? '67890' : '1234567890')
  })
  for (const path of ['plain', 'chunked']) {
    const { body } = await door(LOCAL).request(`http://127.0.0.1:${port}/${path}`, { max_bytes: 10 })
    assert.equal(body.toString(), '1234567890')
  }
})

test('a refused connection is a network error', async (t) => {
  const server = createServer()
  const port = await listen(t, server)
  server.close()
  await once(server, 'close')
  const error = await refused('network', door(LOCAL).request(`http://127.0.0.1:${port}/`))
  assert.match(error.message, /ECONNREFUSED/)
})

test('a body that breaks off is a network error', async (t) => {
  const port = await serve(t, (_req, res) => {
    res.writeHead(200, { 'content-length': 10 })
    res.write('12345', () => res.destroy())
  })
  await refused('network', door(LOCAL).request(`http://127.0.0.1:${port}/`))
})

test('a body with broken framing is a network error, and does not end the process', async (t) => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n')
    // Later than the headers, so that the broken part meets the reader of the body.
    setTimeout(() => socket.write('nonsense\r\n'), 10)
  }).listen(0, LOCAL)
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  await refused('network', door(LOCAL).request(`http://127.0.0.1:${port}/`))
})

test('a compressed body that was not asked for is a network error', async (t) => {
  const port = await serve(t, (req, res) => res.writeHead(200, { 'content-encoding': req.url!.slice(1) }).end('x'))
  for (const encoding of ['gzip', 'br', 'identity,gzip']) {
    await refused('network', door(LOCAL).request(`http://127.0.0.1:${port}/${encoding}`))
  }
  assert.equal((await door(LOCAL).request(`http://127.0.0.1:${port}/Identity`)).status, 200)
})

test('the proxy variables of the environment are not honoured', async (t) => {
  let proxied = 0
  const proxy = await serve(t, (_req, res) => {
    proxied++
    res.end('proxy')
  })
  const port = await serve(t, (_req, res) => res.end('target'))
  const script = `
    import { createOutbound } from ${JSON.stringify(import.meta.resolve('../../src/net/outbound.ts'))}
    import { parseAllowList } from ${JSON.stringify(import.meta.resolve('../../src/net/allow.ts'))}
    const door = createOutbound({ allow: parseAllowList('127.0.0.1') })
    process.stdout.write((await door.request('http://127.0.0.1:${port}/')).body)`
  const at = `http://127.0.0.1:${proxy}`
  const env = { ...process.env, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: at, http_proxy: at, NO_PROXY: '', no_proxy: '' }
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { env })
  assert.equal((await run).stdout, 'target')
  assert.equal(proxied, 0)
})

test('a certificate is verified for the name in the URL, whatever address it leads to', async (t) => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'idp.example' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'idp.example' }] }],
  })
  const names: unknown[] = []
  const server = createSecureServer({ key, cert }, (req, res) => {
    names.push((req.socket as tls.TLSSocket).servername, req.headers.host)
    res.end('secure')
  })
  const port = await listen(t, server)
  const { lookup } = answering(LOCAL)
  const ask = (host: string) => door(LOCAL, lookup).request(`https://${host}:${port}/`)

  await refused('network', ask('idp.example'))
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  t.after(() => {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
  })
  await refused('network', ask('idp.example'))

  const authorities = tls.getCACertificates('default')
  tls.setDefaultCACertificates([cert])
  t.after(() => tls.setDefaultCACertificates(authorities))
  await refused('network', ask('other.example'))
  await refused('network', ask('127.0.0.1'))
  assert.deepEqual(names, [])
  assert.equal((await ask('idp.example.')).body.toString(), 'secure')
  assert.deepEqual(names, ['idp.example', `idp.example:${port}`])
})
