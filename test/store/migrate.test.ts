/** Migrations: repeatable, safe on two nodes, and every tenant's rows under its project id. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { isMigrated, migrate } from '../../src/store/migrate.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { StartupError, type Store } from '../../src/store/store.ts'
import { type Engine, emptyDatabase, onBothEngines, openStore } from '../support/world.ts'

/** Tables that belong to the whole installation, and why. Few rows each: a database of many nodes keeps them whole on every node. */
const shared: Record<string, string> = {
  installation: 'facts about the installation itself',
  projects: 'the list of projects; what belongs to one is elsewhere',
  schema_migrations: 'which steps the schema has taken',
  workspace_keys: 'keys of operators, for all projects',
}
/** Tables that serve all environments of a project. */
const ofProjects = ['default_email_templates', 'email_templates']
/** What is unique over all projects, and why: tables whose rows an operator makes, which can be kept whole on every node too. */
const acrossProjects: Record<string, string> = {
  'environments (project_slug, environment_slug)': 'the management API names an environment by the slugs',
  'public_tokens (public_token)': 'pages name their environment by nothing else',
}

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
        Object.keys(shared).filter((table) => !(table in keys)),
        [],
      )
      for (const [table, columns] of Object.entries(keys)) {
        if (table in shared) assert.ok(!columns.includes('project_id'), table)
        else if (ofProjects.includes(table)) assert.equal(columns[0], 'project_slug', table)
        else assert.equal(columns[0], 'project_id', table)
      }
      await store.close()
    }))

  test('what has to be unique is so within a project, so that the rows of each can live on a node of their own', () =>
    withEmpty(engine, async (url) => {
      const store = await openStore(url)
      await migrate(store, 1)
      const unique = await uniqueColumns(store)
      assert.ok(unique.length > 30)
      const across = unique.filter(
        ({ table, columns }) =>
          !(table in shared) && columns[0] !== (ofProjects.includes(table) ? 'project_slug' : 'project_id'),
      )
      assert.deepEqual(
        across.map(({ table, columns }) => `${table} (${columns.join(', ')})`).sort(),
        Object.keys(acrossProjects),
      )
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

test('a node waits for another one that migrates for longer than any statement of a request may take', () =>
  withEmpty('postgres', async (url) => {
    const limited = Object.assign(new URL(url), { search: '?options=-c%20statement_timeout%3D100' }).href
    // Behind a pooler it is the role, here the connection, that limits statements.
    const store = await openPostgres(limited, { pool: 1, wait_seconds: 5, pooler: 'transaction' }, () => {})
    const other = await openStore(url)
    const held = Promise.withResolvers<void>()
    const migrating = other.transaction(async ({ write }) => {
      await sql`select pg_advisory_xact_lock(5310477)`.execute(write)
      held.resolve()
      await sql`select pg_sleep(0.3)`.execute(write)
    })
    await held.promise
    assert.ok((await migrate(store, 1)).length > 0)
    await migrating
    await Promise.all([store.close(), other.close()])
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

/** The columns of everything in the database that holds rows to be unique, primary keys too. */
async function uniqueColumns({ engine, read }: Store): Promise<{ table: string; columns: string[] }[]> {
  const { rows } =
    engine === 'postgres'
      ? await sql<{ table: string; columns: string }>`
          select i.indrelid::regclass::text as table, (
            select json_agg(a.attname order by k.place)::text from unnest(i.indkey) with ordinality k(attnum, place)
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum) as columns
          from pg_index i join pg_class c on c.oid = i.indrelid
          where i.indisunique and c.relnamespace = 'public'::regnamespace`.execute(read)
      : await sql<{ table: string; columns: string }>`
          select t.name as "table", (select json_group_array(name) from
            (select name from pragma_index_info(i.name) order by seqno)) as columns
          from sqlite_master t, pragma_index_list(t.name) i where t.type = 'table' and i."unique" = 1`.execute(read)
  return rows.map(({ table, columns }) => ({ table, columns: JSON.parse(columns) as string[] }))
}
