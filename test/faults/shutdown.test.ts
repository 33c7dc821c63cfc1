/** Stopping a server: what was begun is finished, nothing new is taken, and nobody can hold it up. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ask, credentialsIn, type Environment, newDirectory, type Served, serve } from '../support/program.ts'

const data_dir = newDirectory()
const env = { SELVAGE_DATA_DIR: data_dir }
let servers: Served[]

before(async () => {
  // The first sets the installation up; the embedded database serves several processes.
  const first = await serve(env)
  const others: Environment[] = [{ SELVAGE_SHUTDOWN_SECONDS: '0' }, {}, {}, { SELVAGE_DRAIN_SECONDS: '1' }]
  servers = [first, ...(await Promise.all(others.map((more) => serve({ ...env, ...more }))))]
})

type Half = { socket: Socket; finish(): Promise<string> }

/** Sends all of a request but its last bytes; `finish` sends those and returns everything that comes until the end. */
async function begin(url: string, head: string[], body = ''): Promise<Half> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  const request = `${head.join('\r\n')}\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  const closed = new Promise<string>((resolve) => socket.on('error', () => {}).on('close', () => resolve(answer)))
  socket.write(request.slice(0, -2))
  // The server has read that once it answers what was sent later.
  await (await fetch(`${url}/healthz`)).text()
  return {
    socket,
    finish() {
      socket.write(request.slice(-2))
      return closed
    },
  }
}

async function refusesConnections(url: string): Promise<void> {
  for (;;) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const code = await new Promise((resolve) =>
      socket
        .on('connect', () => resolve('connected'))
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
    )
    socket.destroy()
    if (code === 'ECONNREFUSED') return
    await pause(20)
  }
}

function createUser(): [string[], string] {
  const { project_id, secret } = credentialsIn(data_dir).consumer
  const head = ['POST /v1/users HTTP/1.1', `Authorization: Basic ${btoa(`${project_id}:${secret}`)}`]
  return [head, JSON.stringify({ email: `${Math.random()}@example.com` })]
}

test('requests in flight are answered, new connections refused, readiness denied, and the status is 0', async () => {
  const [server] = servers as [Served]
  const silent = connect(Number(new URL(server.url).port), '127.0.0.1')
  await once(silent, 'connect')
  const writing = await begin(server.url, ...createUser())
  const probing = await begin(server.url, ['GET /readyz HTTP/1.1'])
  const ended = server.stop()
  await refusesConnections(server.url)
  const ready = await probing.finish()
  assert.match(ready, /^HTTP\/1\.1 503 /)
  assert.match(ready, /shutting down/)
  const written = await writing.finish()
  assert.match(written, /^HTTP\/1\.1 201 /)
  assert.match(written, /\r\nconnection: close\r\n/i)
  const { status, stderr } = await ended
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
})

test('a client that never finishes its request is cut off when patience ends, and the status is still 0', async () => {
  const server = servers[1] as Served
  const slow = await begin(server.url, ...createUser())
  const closed = once(slow.socket, 'close')
  const { status, stdout } = await server.stop()
  assert.equal(status, 0)
  assert.match(stdout, /Selvage has stopped/)
  await closed
})

test('a second signal ends the server at once', async () => {
  const server = servers[2] as Served
  const slow = await begin(server.url, ...createUser())
  server.process.kill('SIGTERM')
  await refusesConnections(server.url)
  const { status } = await server.stop('SIGINT')
  assert.equal(status, 1)
  slow.socket.destroy()
})

test('a request that an idle connection sends while the server stops is answered, and ends the connection', async () => {
  const server = servers[3] as Served
  const [line, authorization] = createUser()[0] as [string, string]
  const kept = await begin(server.url, ['GET /healthz HTTP/1.1'])
  kept.socket.write('\r\n')
  await once(kept.socket, 'data')
  const ended = server.stop()
  await refusesConnections(server.url)
  const body = JSON.stringify({ email: 'late@example.com' })
  kept.socket.write([line, authorization, 'Host: x', `Content-Length: ${body.length}`, '', body].join('\r\n'))
  const [answer] = await once(kept.socket, 'data')
  assert.match(String(answer), /^HTTP\/1\.1 201 /)
  assert.match(String(answer), /\r\nconnection: close\r\n/i)
  assert.equal((await ended).status, 0)
})

test('a server that leaves denies readiness first, and takes requests until load balancers have noticed', async () => {
  const server = servers[4] as Served
  const ready = async () => (await fetch(`${server.url}/readyz`)).status
  assert.equal(await ready(), 200)
  const ended = server.stop()
  while ((await ready()) === 200) await pause(5)
  const { consumer } = credentialsIn(data_dir)
  assert.equal((await ask(server.url, consumer, 'GET /v1/debug/whoami')).status, 200)
  assert.equal((await fetch(`${server.url}/healthz`)).headers.get('connection'), 'close')
  assert.equal((await ended).status, 0)
  await refusesConnections(server.url)
})
