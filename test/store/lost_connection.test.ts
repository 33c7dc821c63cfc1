/** A PostgreSQL connection that is lost fails what was using it, and nothing else. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { openPostgres } from '../../src/store/postgres.ts'
import type { Store } from '../../src/store/store.ts'
import { emptyDatabase, openStore } from '../support/world.ts'

test('a connection lost between two statements of a transaction fails the transaction, not the process', async () => {
  const { url, drop } = await emptyDatabase('postgres')
  const store = await openStore(url)
  after(async () => {
    await store.close()
    await drop()
  })
  await assert.rejects(
    store.transaction(async (inside) => {
      const pid = await pidOf(inside)
      await sql`select pg_terminate_backend(${pid})`.execute(store.read)
      // By then the server's farewell has come, while no statement waits for an answer.
      for (let ended = false; !ended; await pause(5)) {
        const { rows } = await sql`select 1 from pg_stat_activity where pid = ${pid}`.execute(store.read)
        ended = rows.length === 0
      }
      await pidOf(inside)
    }),
    /terminat|not queryable|closed/i,
  )
  assert.ok(await pidOf(store))
})

test('a statement to a server that is gone without a farewell fails, and the next finds the one in its place', async () => {
  const { url, drop } = await emptyDatabase('postgres')
  const passage = await openPassage(url)
  const options = { pool: 2, wait_seconds: 5, pooler: 'none', statement_milliseconds: 250 } as const
  const store = await openPostgres(passage.url, options, () => {})
  after(async () => {
    await store.close()
    passage.close()
    await drop()
  })
  const one = () => sql`select 1`.execute(store.read)
  await one()
  passage.block()
  await assert.rejects(one(), /Connection terminated/)
  await one()
  // Silence alone ends nothing: nobody has asked.
  const kept = await pidOf(store)
  await pause(400)
  assert.equal(await pidOf(store), kept)
})

/** A way to that database on which the connections of the moment can be blocked, as if the machine at its end were gone. */
async function openPassage(url: string): Promise<{ url: string; block(): void; close(): void }> {
  const target = new URL(url)
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(target.port || 5432), target.hostname)
    near.pipe(far).pipe(near)
    for (const socket of [near, far]) open.add(socket.on('error', () => {}))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    block() {
      for (const socket of open) socket.unpipe().pause()
    },
    close() {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}

/** The server's process behind the connection that is used. */
async function pidOf({ read }: Store): Promise<number> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(read)
  return rows[0]?.pid as number
}
