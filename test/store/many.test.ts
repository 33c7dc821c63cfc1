/** Rows and identifiers by the hundred, and what is read of one moment or kept for a moment only. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { claimAll, claimIdentifiers, findOwners } from '../../src/store/identifiers.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openScratch } from '../../src/store/sqlite.ts'
import { insertRows, type Store } from '../../src/store/store.ts'
import { emptyDatabase, onBothEngines, openStore } from '../support/world.ts'

const odd = [
  'plain',
  '',
  '"quoted" \\ \'and\'',
  '{"json":[1]}',
  '7',
  'null',
  'ü 😀 \u2028',
  'half \ud83d',
  '\\ud83d',
  '$1 ? :a',
]

async function numbers(store: Store): Promise<number[]> {
  const { rows } = await sql<{ n: number }>`select n from things order by n`.execute(store.read)
  return rows.map(({ n }) => n)
}

onBothEngines('many rows at once', (engine) => {
  async function opened(): Promise<Store> {
    const { url, drop } = await emptyDatabase(engine)
    const store = await openStore(url)
    after(async () => {
      await store.close()
      await drop()
    })
    return store
  }

  test('every value arrives as a single one would, and rows whose key is taken are left out and counted', async () => {
    const store = await opened()
    await sql`create table things (n integer primary key, t text, big bigint)`.execute(store.write)
    const rows = odd.map((t, n) => ({ n, t, big: n % 2 ? null : 2 ** 52 + n }))
    assert.equal(await insertRows(store, 'things', rows), odd.length)
    const { rows: read } = await sql`select n, t, big from things order by n`.execute(store.read)
    assert.deepEqual(
      read.map((row) => ({ ...(row as object) })),
      rows.map((row) => ({ ...row, t: row.t.toWellFormed() })),
    )
    assert.equal(await insertRows(store, 'things', []), 0)
    assert.equal(
      await insertRows(store, 'things', [
        { n: 3, t: 'again' },
        { n: 100, t: 'new' },
      ]),
      1,
    )
  })

  test('identifiers are claimed for many owners or refused, and found by their scope, kind and value', async () => {
    const store = await opened()
    await migrate(store, 0)
    const claims = Array.from({ length: 300 }, (_, n) => ({
      scope: n % 2 ? 'user' : 'other',
      kind: 'email',
      value: `${n}@example.com`,
      owner_id: `owner ${n}`,
    }))
    assert.equal(await claimAll(store, 'p', claims), true)
    assert.equal(await claimAll(store, 'p', []), true)
    assert.equal(await claimAll(store, 'q', claims.slice(0, 1)), true)
    assert.deepEqual(await claimIdentifiers(store, 'p', 'x', claims.slice(0, 1)), claims.slice(0, 1))
    assert.equal(
      await claimAll(store, 'p', [
        ...claims.slice(5, 6),
        { ...claims[0], value: 'free', owner_id: 'x' },
      ] as typeof claims),
      false,
    )
    const asked = [...claims.slice(10, 12), { scope: 'user', kind: 'email', value: '10@example.com' }]
    assert.deepEqual(await findOwners(store, 'p', asked), claims.slice(10, 12))
    assert.deepEqual(await findOwners(store, 'q', asked), [])
    assert.deepEqual(await findOwners(store, 'p', []), [])
  })

  test('a snapshot sees nothing of what is written after its first read', async () => {
    const store = await opened()
    await sql`create table things (n integer primary key)`.execute(store.write)
    await insertRows(store, 'things', [{ n: 1 }])
    await store.snapshot(async (then) => {
      assert.deepEqual(await numbers(then), [1])
      await insertRows(store, 'things', [{ n: 2 }])
      assert.deepEqual(await numbers(then), [1])
    })
    assert.deepEqual(await numbers(store), [1, 2])
  })
})

test('a scratch database is empty, nobody else’s, and undoes what fails', async () => {
  const [one, other] = [openScratch(), openScratch()]
  await sql`create table things (n integer primary key)`.execute(one.write)
  await insertRows(one, 'things', [{ n: 1 }])
  const failing = one.transaction(async (store) => {
    await insertRows(store, 'things', [{ n: 2 }])
    throw new Error('undone')
  })
  await assert.rejects(failing, /undone/)
  assert.deepEqual(await numbers(one), [1])
  await assert.rejects(() => numbers(other), /no such table/)
  await one.close()
  await other.close()
})
