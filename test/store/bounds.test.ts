/** What keeps heavy work from crowding out everything else, and a database from being one that cannot hold our text. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import pg from 'pg'
import { lane } from '../../src/store/lane.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { StatementTimeout } from '../../src/store/store.ts'
import { call } from '../support/call.ts'
import { emptyDatabase, openStore, world } from '../support/world.ts'

test('a lane runs no more than its width at once, in order, and goes on after failures', async () => {
  const turn = lane(2)
  const order: number[] = []
  let running = 0
  let most = 0
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) =>
      turn(async () => {
        order.push(index)
        most = Math.max(most, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running--
        if (index % 3 === 0) throw new Error('failed')
        return index
      }),
    ),
  )
  assert.equal(most, 2)
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  assert.equal(results.filter(({ status }) => status === 'rejected').length, 4)
})

test('PostgreSQL gives up on a bounded statement, and the connection is good again afterwards', async () => {
  const { url, drop } = await emptyDatabase('postgres')
  const store = await openStore(url)
  after(async () => {
    await store.close()
    await drop()
  })
  const slow = store.bounded(20, (inside) => sql`select pg_sleep(5)`.execute(inside.read))
  await assert.rejects(slow, StatementTimeout)
  const { rows } = await sql`select pg_sleep(0.03)`.execute(store.read)
  assert.equal(rows.length, 1)
})

test('a search that takes too long is refused as that', async () => {
  const here = await world('postgres')
  const project = await here.project()
  const { searches } = here.app
  here.app.searches = async () => {
    throw new StatementTimeout()
  }
  try {
    const { status, body } = await call(here, project, 'POST /v1/users/search', {})
    assert.deepEqual([status, body.error_type], [503, 'search_timeout'])
  } finally {
    here.app.searches = searches
  }
})

test('a database that is not UTF-8 is refused at start', async () => {
  const admin = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL })
  await admin.connect()
  const name = `selvage_latin1_${process.pid}`
  await admin.query(`create database ${name} encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0`)
  after(async () => {
    await admin.query(`drop database ${name} with (force)`)
    await admin.end()
  })
  const url = new URL(String(process.env.TEST_DATABASE_URL))
  url.pathname = `/${name}`
  await assert.rejects(
    openPostgres(url.href, { pool: 1, wait_seconds: 5, pooler: 'none' }, () => {}),
    /^StartupError: The database of DATABASE_URL has the encoding LATIN1/,
  )
})
