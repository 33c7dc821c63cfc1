/** What keeps heavy work from crowding out everything else, and a database from being one that cannot hold our text. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import pg from 'pg'
import { lane } from '../../src/store/lane.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { StatementTimeout, type Store } from '../../src/store/store.ts'
import { call } from '../support/call.ts'
import { type Engine, emptyDatabase, openStore, world } from '../support/world.ts'

/** A store on a database of its own; both are gone after the tests. */
async function opened(engine: Engine): Promise<Store> {
  const { url, drop } = await emptyDatabase(engine)
  const store = await openStore(url)
  after(async () => {
    await store.close()
    await drop()
  })
  return store
}

const patient = { longest_queue: 1000, longest_wait: Number.POSITIVE_INFINITY }

test('a lane runs no more than its width at once, in order, and goes on after failures', async () => {
  const { run } = lane({ width: 2, ...patient })
  const order: number[] = []
  let running = 0
  let most = 0
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) =>
      run('somebody', async () => {
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
  const store = await opened('postgres')
  const slow = store.bounded(20, (inside) => sql`select pg_sleep(5)`.execute(inside.read))
  await assert.rejects(slow, StatementTimeout)
  const { rows } = await sql`select pg_sleep(0.03)`.execute(store.read)
  assert.equal(rows.length, 1)
})

test('the embedded engine gives up on a bounded statement, and answers others while it runs', async () => {
  const store = await opened('sqlite')
  const counting = (to: number) => sql<{ n: number }>`with recursive counted(n) as
    (select 1 union all select n + 1 from counted where n < ${to}) select max(n) as n from counted`
  let turns = 0
  const beat = setInterval(() => turns++, 1)
  const slow = store.bounded(100, (inside) => counting(10_000_000).execute(inside.read))
  await assert.rejects(slow, StatementTimeout)
  clearInterval(beat)
  assert.ok(turns > 5, `the event loop turned ${turns} times`)
  const { rows } = await store.bounded(5000, (inside) => counting(3).execute(inside.read))
  assert.deepEqual({ ...rows[0] }, { n: 3 })
})

test('a bounded read waits for others that were given up on no longer than it may take itself', async () => {
  const store = await opened('sqlite')
  const endless = () =>
    store.bounded(400, (inside) =>
      sql`with recursive counted(n) as (select 1 union all select n + 1 from counted where n < 5000000)
        select max(n) from counted`.execute(inside.read),
    )
  const given_up = await Promise.allSettled([endless(), endless()])
  for (const { status } of given_up) assert.equal(status, 'rejected')
  let isLate = false
  const late = setTimeout(() => {
    isLate = true
  }, 300)
  await assert.rejects(
    store.bounded(1, ({ read }) => sql`select 1`.execute(read)),
    StatementTimeout,
  )
  assert.equal(isLate, false)
  clearTimeout(late)
})

test('bounded reads of the embedded engine see what is committed, cannot write, and fail like others', async () => {
  const store = await opened('sqlite')
  await sql`create table things (name text)`.execute(store.write)
  for (const name of ['one', 'two', 'three']) {
    await sql`insert into things values (${name})`.execute(store.write)
    const seen = await store.bounded(5000, ({ read }) => sql`select * from things where name = ${name}`.execute(read))
    assert.equal(seen.rows.length, 1)
  }
  await assert.rejects(
    store.bounded(5000, ({ write }) => sql`delete from things`.execute(write)),
    /readonly/,
  )
  await assert.rejects(
    store.bounded(5000, ({ read }) => sql`select * from absent_things`.execute(read)),
    /no such table/,
  )
  const at_once = Array.from({ length: 8 }, () =>
    store.bounded(5000, ({ read }) => sql`select * from things`.execute(read)),
  )
  for (const { rows } of await Promise.all(at_once)) assert.equal(rows.length, 3)
})

test('a search that takes too long is refused as that', async () => {
  const here = await world('postgres')
  const project = await here.project()
  const { searches } = here.app
  const run = async () => {
    throw new StatementTimeout()
  }
  here.app.searches = { ...searches, run }
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
