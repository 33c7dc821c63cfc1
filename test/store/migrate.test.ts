/** Migrations: repeatable, safe on two nodes, and every tenant's rows under its project id. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { isMigrated, migrate } from '../../src/store/migrate.ts'
import { StartupError, type Store } from '../../src/store/store.ts'
import { type Engine, emptyDatabase, onBothEngines, openStore } from '../support/world.ts'

/** Tables that belong to the whole installation. */
const shared = ['installation', 'projects', 'schema_migrations', 'workspace_keys']
/** Tables that serve all environments of a project. */
const ofProjects = ['default_email_templates', 'email_templates']

onBothEngines('migrations', (engine) => {
  test('applying them twice changes nothing', () =>
    withEmpty(engine, async (url) => {
      const store = await openStore(url)
      assert.equal(await isMigrated(store), false)
      const applied = await migrate(store, 1)
      assert.ok(applied.length > 0)
      assert.equal(await isMigrated(store), true)
      const before = await sql`select * from schema_migrations`.execute(store.read)
      assert.deepEqual(await migrate(store, 2), [])
      assert.deepEqual((await sql`select * from schema_migrations`.execute(store.read)).rows, before.rows)
      await store.close()
    }))

  test('a newer schema is refused before anything is changed', () =>
    withEmpty(engine, async (url) => {
      const store = await openStore(url)
      await migrate(store, 1)
      await sql`insert into schema_migrations values (999, 'later', 0)`.execute(store.write)
      await assert.rejects(migrate(store, 2), (error) => error instanceof StartupError && /999/.test(error.message))
      await assert.rejects(isMigrated(store), StartupError)
      await store.close()
    }))

  test('a database of something else is refused in one sentence and left as it was', () =>
    withEmpty(engine, async (url) => {
      const store = await openStore(url)
      await sql`create table users (name text)`.execute(store.write)
      await assert.rejects(
        migrate(store, 1),
        (error) => error instanceof StartupError && /^The database schema cannot .*users.*\.$/.test(error.message),
      )
      assert.deepEqual(Object.keys(await primaryKeys(store)), ['users'])
      await store.close()
    }))

  test("every tenant table's key begins with project_id", () =>
    withEmpty(engine, async (url) => {
      const store = await openStore(url)
      await migrate(store, 1)
      const keys = await primaryKeys(store)
      assert.deepEqual(
        shared.filter((table) => !(table in keys)),
        [],
      )
      for (const [table, columns] of Object.entries(keys)) {
        if (shared.includes(table)) assert.ok(!columns.includes('project_id'), table)
        else if (ofProjects.includes(table)) assert.equal(columns[0], 'project_slug', table)
        else assert.equal(columns[0], 'project_id', table)
      }
      await store.close()
    }))
})

test('several nodes that migrate a fresh database at once all succeed, and one of them does it', () =>
  withEmpty('postgres', async (url) => {
    const stores = await Promise.all([1, 2, 3].map(() => openStore(url)))
    const applied = await Promise.all(stores.map((store) => migrate(store, 1)))
    assert.equal(applied.filter((names) => names.length > 0).length, 1)
    await Promise.all(stores.map((store) => store.close()))
  }))

async function withEmpty(engine: Engine, work: (url: string) => Promise<void>): Promise<void> {
  const { url, drop } = await emptyDatabase(engine)
  try {
    await work(url)
  } finally {
    await drop()
  }
}

/** The columns of every table's primary key, in order. */
async function primaryKeys({ engine, read }: Store): Promise<Record<string, string[]>> {
  const { rows } =
    engine === 'postgres'
      ? await sql<{ name: string; key: string[] }>`
          select c.relname::text as name, array(
            select a.attname::text from pg_index i
            join unnest(i.indkey) with ordinality k(attnum, place) on true
            join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
            where i.indrelid = c.oid and i.indisprimary order by k.place) as key
          from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`.execute(read)
      : await sql<{ name: string; key: string }>`
          select name, (select json_group_array(name) from
            (select name from pragma_table_info(t.name) where pk > 0 order by pk)) as key
          from sqlite_master t where type = 'table'`.execute(read)
  return Object.fromEntries(
    rows.map(({ name, key }) => [name, typeof key === 'string' ? (JSON.parse(key) as string[]) : key]),
  )
}
