/** Statements by keys: answers in the order of the keys, one commit for all, and relaxed only when asked to be. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { type KeyedStatement, keyedSelect } from '../../src/store/keyed.ts'
import type { Store } from '../../src/store/store.ts'
import { type Engine, emptyDatabase, onBothEngines, openStore } from '../support/world.ts'

const find = keyedSelect({ name: 'size of a thing', select: 't.size', from: 'things t', on: ['t.owner', 't.name'] })

/** Writes sizes, and tells whether the commit of PostgreSQL is waited for. */
const resize = (mode: string): KeyedStatement => ({
  name: 'resize things',
  columns: ['owner', 'name', 'size'],
  sqlite: `update things set size = ?3 where owner = ?1 and name = ?2 returning size, '' as mode`,
  postgres: (keys) => `update things set size = cast(k.size as bigint) from ${keys}
    where things.owner = k.owner and things.name = k.name returning k.key_number, things.size, ${mode} as mode`,
})

async function withThings(engine: Engine, work: (store: Store) => Promise<void>): Promise<void> {
  const { url, drop } = await emptyDatabase(engine)
  if (engine === 'postgres') await waitForCommits(url)
  const store = await openStore(url)
  try {
    await sql`create table things (owner text, name text, size bigint, primary key (owner, name))`.execute(store.write)
    for (const [name, size] of [
      ['a', 1],
      ['b', 2],
    ] as const) {
      await sql`insert into things values ('me', ${name}, ${size})`.execute(store.write)
    }
    await work(store)
  } finally {
    await store.close()
    await drop()
  }
}

/** As servers do by default; the one of the tests need not. */
async function waitForCommits(url: string): Promise<void> {
  const store = await openStore(url)
  await sql`alter database ${sql.id(new URL(url).pathname.slice(1))} set synchronous_commit = 'on'`.execute(store.write)
  await store.close()
}

/** How commits of the embedded engine reach the disk: 2 is waited for. */
async function synchronous(store: Store): Promise<unknown> {
  const { rows } = await sql<{ synchronous: number }>`pragma synchronous`.execute(store.write)
  return rows[0]?.synchronous
}

onBothEngines('statements by keys', (engine) => {
  const current = resize("current_setting('synchronous_commit')")

  test('each key gets its row or none, in the order of the keys, the same key twice as well', () =>
    withThings(engine, async (store) => {
      const keys = [
        ['me', 'b'],
        ['you', 'a'],
        ['me', 'a'],
        ['me', 'b'],
      ]
      const rows = await store.find<{ size: number }>(find, keys)
      assert.deepEqual(
        rows.map((row) => row?.size),
        [2, undefined, 1, 2],
      )
      assert.deepEqual(await store.find(find, []), [])
    }))

  test('what is written is seen at once, and only a relaxed commit is not waited for', () =>
    withThings(engine, async (store) => {
      const write = async (size: number, relaxed: boolean) => {
        const keys = [
          ['me', 'a', size],
          ['you', 'a', size],
        ]
        const [mine, none] = await store.change<{ size: number; mode: string }>(current, keys, { relaxed })
        assert.equal(none, undefined)
        assert.equal(mine?.size, size)
        const [found] = await store.find<{ size: number }>(find, [['me', 'a']])
        assert.equal(found?.size, size)
        return mine?.mode
      }
      const modes = [await write(5, false), await write(6, true), await write(7, false)]
      if (engine === 'postgres') assert.deepEqual(modes, ['on', 'off', 'on'])
      else assert.equal(await synchronous(store), 2)
    }))

  test('a key that fails leaves all of them as they were, and the next commit is waited for again', () =>
    withThings(engine, async (store) => {
      await sql`create unique index things_by_size on things (size)`.execute(store.write)
      const keys = [
        ['me', 'a', 7],
        ['me', 'b', 7],
      ]
      await assert.rejects(store.change(current, keys, { relaxed: true }))
      const rows = await store.find<{ size: number }>(find, [
        ['me', 'a'],
        ['me', 'b'],
      ])
      assert.deepEqual(
        rows.map((row) => row?.size),
        [1, 2],
      )
      if (engine === 'sqlite') assert.equal(await synchronous(store), 2)
    }))

  test('a transaction has neither: what it wrote would not be seen', () =>
    withThings(engine, async (store) => {
      await store.transaction(async (inside) => {
        await assert.rejects(inside.find(find, [['me', 'a']]))
        await assert.rejects(inside.change(current, [['me', 'a', 1]], { relaxed: true }))
      })
    }))

  test('while a transaction is open, what it has written is not found', () =>
    withThings(engine, async (store) => {
      await store.transaction(async (inside) => {
        await sql`update things set size = 9 where name = 'a'`.execute(inside.write)
        const [found] = await store.find<{ size: number }>(find, [['me', 'a']])
        assert.equal(found?.size, 1)
      })
    }))
})
