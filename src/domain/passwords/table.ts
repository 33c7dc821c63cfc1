/** The rows of passwords, one an owner, and of their strength configurations, one an environment. */
import type { Kysely } from 'kysely'
import { type Handle, insertRows, oneOf, type Store, WriteConflict } from '../../store/store.ts'
import type { StoredPassword } from './password.ts'
import type { StrengthConfig } from './strength_config.ts'

type Row = Omit<StoredPassword, 'requires_reset'> & { requires_reset: number }
type Tables = { password_strength_configs: { project_id: string; config: string }; passwords: Row }
const tables = (handle: Handle) => handle as Kysely<Tables>

/** The configuration as it was stored; undefined while nobody has set one. */
export async function selectStrengthConfig(store: Store, project_id: string): Promise<StrengthConfig | undefined> {
  const row = await tables(store.read)
    .selectFrom('password_strength_configs')
    .select('config')
    .where('project_id', '=', project_id)
    .executeTakeFirst()
  return row && (JSON.parse(row.config) as StrengthConfig)
}

/** Stores the configuration, replacing the one before. */
export async function upsertStrengthConfig(store: Store, project_id: string, config: StrengthConfig): Promise<void> {
  const text = JSON.stringify(config)
  await tables(store.write)
    .insertInto('password_strength_configs')
    .values({ project_id, config: text })
    .onConflict((conflict) => conflict.column('project_id').doUpdateSet({ config: text }))
    .execute()
}

/** The password of an owner. */
export async function selectPassword(
  store: Store,
  project_id: string,
  owner_id: string,
): Promise<StoredPassword | undefined> {
  const row = await tables(store.read)
    .selectFrom('passwords')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('owner_id', '=', owner_id)
    .executeTakeFirst()
  return row && { ...row, requires_reset: row.requires_reset === 1 }
}

/** The owner of one of the passwords of an environment; undefined when there are none. */
export async function selectAnyPassword(store: Store, project_id: string): Promise<string | undefined> {
  const row = await tables(store.read)
    .selectFrom('passwords')
    .select('owner_id')
    .where('project_id', '=', project_id)
    .limit(1)
    .executeTakeFirst()
  return row?.owner_id
}

/** The passwords of those of the owners who have one. */
export async function selectPasswords(
  store: Store,
  project_id: string,
  owner_ids: string[],
): Promise<StoredPassword[]> {
  const rows = await tables(store.read)
    .selectFrom('passwords')
    .selectAll()
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'owner_id', owner_ids))
    .execute()
  return rows.map((row) => ({ ...row, requires_reset: row.requires_reset === 1 }))
}

/** Adds the passwords of many owners; throws `WriteConflict` when one of them has one. */
export async function insertPasswords(store: Store, passwords: StoredPassword[]): Promise<void> {
  const rows = passwords.map((password) => ({ ...password, requires_reset: Number(password.requires_reset) }))
  if ((await insertRows(store, 'passwords', rows)) < rows.length) throw new WriteConflict()
}

/** Stores the password of an owner, replacing the one before. */
export async function upsertPassword(store: Store, password: StoredPassword): Promise<void> {
  const row = { ...password, requires_reset: Number(password.requires_reset) }
  const { project_id: _, owner_id: __, created_at: ___, ...columns } = row
  await tables(store.write)
    .insertInto('passwords')
    .values(row)
    .onConflict((conflict) => conflict.columns(['project_id', 'owner_id']).doUpdateSet(columns))
    .execute()
}

/** Writes parts of a password, unless it has got another hash since it was read. */
export async function updatePassword(
  store: Store,
  { project_id, owner_id, hash }: StoredPassword,
  change: Partial<Pick<Row, 'scheme' | 'hash' | 'accepted_by' | 'requires_reset'>>,
): Promise<void> {
  await tables(store.write)
    .updateTable('passwords')
    .set(change)
    .where('project_id', '=', project_id)
    .where('owner_id', '=', owner_id)
    .where('hash', '=', hash)
    .execute()
}

/** Removes the passwords of an owner, or several. */
export async function deletePasswordRow(store: Store, project_id: string, owner_id: string | string[]): Promise<void> {
  await tables(store.write)
    .deleteFrom('passwords')
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'owner_id', [owner_id].flat()))
    .execute()
}
