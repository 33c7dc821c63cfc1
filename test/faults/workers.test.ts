/** Several worker processes on one port: they share the work, are replaced when they die, and stop together. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ask, credentialsIn, newDirectory, type Served, serve } from '../support/program.ts'
import { emptyDatabase } from '../support/world.ts'

/** The process ids of the workers, from the file system of the kernel. */
function workersOf({ process: { pid } }: Served): number[] {
  const path = `/proc/${pid}/task/${pid}/children`
  return readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await pause(20)
}

test('workers serve, one that is killed is replaced, and a signal to all of them ends all of them in order', async () => {
  const { url, drop } = await emptyDatabase('postgres')
  after(drop)
  const data_dir = newDirectory()
  const server = await serve({ SELVAGE_DATA_DIR: data_dir, DATABASE_URL: url }, ['--workers', '2'], 2)
  const readies = () => [...server.stdout().matchAll(/Selvage is ready/g)].length
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
