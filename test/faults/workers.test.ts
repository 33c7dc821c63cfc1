/** Several worker processes on one port: they share the work, are replaced when they die, and stop together. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { ask, credentialsIn, type Environment, newDirectory, type Served, serve } from '../support/program.ts'
import { emptyDatabase } from '../support/world.ts'

/** The process ids of the workers, from the file system of the kernel. */
function workersOf({ process: { pid } }: Served): number[] {
  const path = `/proc/${pid}/task/${pid}/children`
  return readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

function count({ stdout }: Served, what: RegExp): number {
  return [...stdout().matchAll(what)].length
}

async function gone(pids: number[]): Promise<void> {
  // What has ended and is not waited for yet has no memory.
  const ended = (pid: number) =>
    !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/statm`, 'utf8').startsWith('0 ')
  await until(() => pids.every(ended))
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await pause(20)
}

let data_dir: string
let env: Environment
let database: { url: string; drop: () => Promise<void> }

before(async () => {
  database = await emptyDatabase('postgres')
  data_dir = newDirectory()
  env = { SELVAGE_DATA_DIR: data_dir, DATABASE_URL: database.url }
})

after(() => database.drop())

test('workers serve, one that is killed is replaced, and a signal to all of them ends all of them in order', async () => {
  const server = await serve(env, ['--workers', '2'], 2)
  const readies = () => count(server, /Selvage is ready/g)
  assert.equal([...server.stdout().matchAll(/will not be shown again/g)].length, 1)
  const { consumer } = credentialsIn(data_dir)
  const create = (n: number) => ask(server.url, consumer, 'POST /v1/users', { email: `${n}@example.com` })
  for (const { status } of await Promise.all([1, 2, 3, 4].map(create))) assert.equal(status, 201)

  const [victim, other] = workersOf(server)
  process.kill(victim as number, 'SIGKILL')
  await until(() => readies() === 3)
  assert.match(server.stdout(), /"signal":"SIGKILL".*A worker process ended by itself/)
  for (const { status } of await Promise.all([5, 6, 7, 8].map(create))) assert.equal(status, 201)
  const now = workersOf(server)
  assert.deepEqual([now.length, now.includes(victim as number), now.includes(other as number)], [2, false, true])

  // A request in flight survives the signal that a terminal or a service manager sends to every process of the group.
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nX-Late: ')
  // Both workers have read what was sent to them once they answer what was sent later.
  await Promise.all([1, 2, 3, 4].map(() => ask(server.url, consumer, 'GET /v1/debug/whoami')))
  for (const pid of now) process.kill(pid, 'SIGTERM')
  server.process.kill('SIGTERM')
  await until(() => server.stdout().split('Selvage has stopped').length > 1)
  socket.write('yes\r\n\r\n')
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), /^HTTP\/1\.1 200 /)
  assert.equal((await server.ended).status, 0)
  for (const pid of now) assert.equal(existsSync(`/proc/${pid}`), false)
})

test('a worker that hears no signal any more does not outlive the second signal to the supervisor', async () => {
  const server = await serve(env, ['--workers', '2'], 2)
  const workers = workersOf(server)
  process.kill(workers[0] as number, 'SIGSTOP')
  server.process.kill('SIGTERM')
  await until(() => count(server, /Selvage has stopped/g) === 1)
  assert.equal((await server.stop()).status, 1)
  await gone(workers)
})

test('workers whose supervisor is killed end, and leave the port', async () => {
  const server = await serve(env, ['--workers', '2'], 2)
  const workers = workersOf(server)
  server.process.kill('SIGKILL')
  await gone(workers)
  const again = await serve({ ...env, PORT: new URL(server.url).port })
  assert.equal((await again.stop()).status, 0)
})

test('while the database takes no connections a dead worker is replaced with pauses, and the others serve on', async () => {
  const server = await serve(env, ['--workers', '2'], 2)
  const { consumer } = credentialsIn(data_dir)
  const whoami = async () => (await ask(server.url, consumer, 'GET /v1/debug/whoami')).status
  // Both have a connection, which they keep.
  for (const status of await Promise.all([1, 2, 3, 4].map(whoami))) assert.equal(status, 200)
  await admit(database.url, false)
  process.kill(workersOf(server)[0] as number, 'SIGKILL')
  const ended = () => count(server, /A worker process ended by itself/g)
  await until(() => ended() === 2)
  assert.equal(await whoami(), 200)
  await admit(database.url, true)
  await until(() => count(server, /Selvage is ready/g) === 3)
  assert.equal(ended(), 2)
  assert.equal((await server.stop()).status, 0)
})

/** Whether the database takes new connections. */
async function admit(url: string, allowed: boolean): Promise<void> {
  const name = new URL(url).pathname.slice(1)
  const client = new pg.Client({ connectionString: Object.assign(new URL(url), { pathname: '/postgres' }).href })
  await client.connect()
  await client.query(`alter database ${name} allow_connections ${allowed}`)
  await client.end()
}
