/** Brings the schema up to date: numbered steps, applied in order under a lock, recorded in the database. */
import { sql } from 'kysely'
import { ground } from './migrations/0001_ground.ts'
import { proofsAndDelivery } from './migrations/0002_proofs_and_delivery.ts'
import { organizations } from './migrations/0003_organizations.ts'
import { addresses } from './migrations/0004_addresses.ts'
import { discovery } from './migrations/0005_discovery.ts'
import { emailTemplates } from './migrations/0006_email_templates.ts'
import { passwordsOfMembers } from './migrations/0007_passwords_of_members.ts'
import { growth } from './migrations/0008_growth.ts'
import { type Handle, StartupError, type Store } from './store.ts'

type Migration = { version: number; name: string; up: (db: Handle, engine: Store['engine']) => Promise<void> }

const migrations: Migration[] = [
  { version: 1, name: 'ground', up: ground },
  { version: 2, name: 'proofs_and_delivery', up: proofsAndDelivery },
  { version: 3, name: 'organizations', up: organizations },
  { version: 4, name: 'addresses', up: addresses },
  { version: 5, name: 'discovery', up: discovery },
  { version: 6, name: 'email_templates', up: emailTemplates },
  { version: 7, name: 'passwords_of_members', up: passwordsOfMembers },
  { version: 8, name: 'growth', up: growth },
]

const lock = 5_310_477 // any number that nothing else in the database uses
/** Milliseconds that a step waits for others who use its table. */
const lockPatience = 30_000

/**
 * Applies what is missing and returns the names of the steps applied. Safe while other nodes start: one applies, the
 * others wait and find nothing to do. A step may take its time: on PostgreSQL the store should have no limit for statements. Throws `StartupError` when the schema is newer than this code, or cannot be changed.
 */
export async function migrate(store: Store, now: number): Promise<string[]> {
  try {
    return await store.transaction(async ({ engine, write: db }) => {
      if (engine === 'postgres') await waitForOurTurn(db)
      await sql`create table if not exists schema_migrations
        (version integer primary key, name text not null, applied_at bigint not null)`.execute(db)
      const missing = await missingMigrations(db)
      for (const { version, name, up } of missing) {
        await up(db, engine)
        await sql`insert into schema_migrations (version, name, applied_at)
          values (${version}, ${name}, ${now})`.execute(db)
      }
      return missing.map(({ name }) => name)
    })
  } catch (error) {
    if (error instanceof StartupError) throw error
    throw new StartupError(`The database schema cannot be brought up to date: ${(error as Error).message}.`)
  }
}

/** Neither waiting for another node nor a step on a large table has a limit; but behind a step that waits for a lock, everybody waits. */
async function waitForOurTurn(db: Handle): Promise<void> {
  await sql`set local statement_timeout = 0`.execute(db)
  await sql`select pg_advisory_xact_lock(${lock})`.execute(db)
  await sql`set local lock_timeout = ${sql.lit(lockPatience)}`.execute(db)
}

/** Whether the schema is the one of this code; changes nothing. Throws `StartupError` when it is newer. */
export async function isMigrated(store: Store): Promise<boolean> {
  return (await hasTable(store, 'schema_migrations')) && (await missingMigrations(store.write)).length === 0
}

/** Whether the database has a table of that name. */
export async function hasTable({ engine, write: db }: Store, name: string): Promise<boolean> {
  const { rows } =
    engine === 'postgres'
      ? await sql`select 1 where to_regclass(${name}) is not null`.execute(db)
      : await sql`select 1 from sqlite_master where type = 'table' and name = ${name}`.execute(db)
  return rows.length > 0
}

async function missingMigrations(db: Handle): Promise<Migration[]> {
  const { rows } = await sql<{ version: number }>`select version from schema_migrations`.execute(db)
  const applied = new Set(rows.map(({ version }) => version))
  const newest = Math.max(0, ...applied)
  const known = migrations.at(-1)?.version ?? 0
  if (newest > known) {
    throw new StartupError(
      `The database has schema version ${newest}, but this version of Selvage knows only ${known}. ` +
        'Start the newer version again, or restore a backup made before the upgrade.',
    )
  }
  return migrations.filter(({ version }) => !applied.has(version))
}
