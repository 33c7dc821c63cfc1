/** Moments of the store: never the same when a read could find something else than before. */
import assert from 'node:assert/strict'
import { stat } from 'node:fs'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { sql } from 'kysely'
import type { KeyedStatement } from '../../src/store/keyed.ts'
import type { Store } from '../../src/store/store.ts'
import { emptyDatabase, openStore } from '../support/world.ts'

const enlarge: KeyedStatement = {
  name: 'enlarge a thing',
  columns: ['name'],
  sqlite: 'update things set size = size + 1 where name = ?1 returning size',
  postgres: (keys) => `update things set size = size + 1 from ${keys} where things.name = k.name
    returning k.key_number, things.size`,
}

async function withThings(work: (store: Store, url: string) => Promise<void>): Promise<void> {
  const { url, drop } = await emptyDatabase('sqlite')
  const store = await openStore(url)
  try {
    await sql`create table things (name text primary key, size bigint)`.execute(store.write)
    await sql`insert into things values ('a', 1)`.execute(store.write)
    await work(store, url)
  } finally {
    await store.close()
    await drop()
  }
}

const write = (store: Store) => sql`update things set size = size + 1`.execute(store.write)
const read = (store: Store) => sql`select * from things`.execute(store.read)

/** Whether another moment begins with `work`, in the same turn of the event loop and in a later one. */
async function begins(store: Store, work: () => Promise<unknown>): Promise<boolean> {
  const before = store.moment()
  assert.notEqual(before, undefined)
  await work()
  const after = store.moment()
  await turn()
  assert.equal(store.moment(), after)
  return after !== before
}

test('a read, a relaxed change and a transaction that is given up begin no other moment', () =>
  withThings(async (store) => {
    assert.equal(await begins(store, () => read(store)), false)
    assert.equal(await begins(store, () => store.change(enlarge, [['a']], { relaxed: true })), false)
    const givenUp = () =>
      store
        .transaction(async (store) => {
          await write(store)
          throw new Error('given up')
        })
        .catch(() => {})
    assert.equal(await begins(store, givenUp), false)
  }))

test('whatever is committed here begins one: a statement, a transaction, a change by keys', () =>
  withThings(async (store) => {
    assert.equal(await begins(store, () => write(store)), true)
    assert.equal(await begins(store, () => store.transaction(write)), true)
    assert.equal(await begins(store, () => store.change(enlarge, [['a']], { relaxed: false })), true)
  }))

test('a transaction begins one when it commits, not while it is open', () =>
  withThings(async (store) => {
    const before = store.moment()
    await store.transaction(async (inside) => {
      await write(inside)
      assert.equal(store.moment(), before)
    })
    assert.notEqual(store.moment(), before)
  }))

test('what another process commits begins one at the next turn', () =>
  withThings(async (store, url) => {
    const other = await openStore(url)
    const before = store.moment()
    await write(other)
    await turn()
    assert.notEqual(store.moment(), before)
    await other.close()
  }))

test('nor is it missed by who arrives next when a look came after everybody who had arrived', () =>
  withThings(async (store, url) => {
    const other = await openStore(url)
    // From here on the loop is where it runs what was left for the end of a turn.
    await turn()
    const before = store.moment()
    await write(other)
    const arrival = new Promise<unknown>((resolve) => stat(url.slice('sqlite:'.length), () => resolve(store.moment())))
    const soon = performance.now() + 20
    while (performance.now() < soon);
    assert.notEqual(await arrival, before)
    await other.close()
  }))
