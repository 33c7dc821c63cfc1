/** The rows of passwords, one an owner, and of their strength configurations, one an environment. */
import type { Kysely } from 'kysely'
import { type Handle, insertRows, oneOf, type Store, WriteConflict } from '../../store/store.ts'
import type { StoredPassword } from './password.ts'
import type { StrengthConfig } from './strength_config.ts'

type Tables = { password_strength_configs: { project_id: string; config: string }; passwords: StoredPassword }
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
  return tables(store.read)
    .selectFrom('passwords')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('owner_id', '=', owner_id)
    .executeTakeFirst()
}

/** The passwords of those of the owners who have one. */
export function selectPasswords(store: Store, project_id: string, owner_ids: string[]): Promise<StoredPassword[]> {
  return tables(store.read)
    .selectFrom('passwords')
    .selectAll()
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'owner_id', owner_ids))
    .execute()
}

/** Adds the passwords of many owners; throws `WriteConflict` when one of them has one. */
export async function insertPasswords(store: Store, rows: StoredPassword[]): Promise<void> {
  if ((await insertRows(store, 'passwords', rows)) < rows.length) throw new WriteConflict()
}

/** Stores the password of an owner, replacing the one before. */
export async function upsertPassword(store: Store, row: StoredPassword): Promise<void> {
  const { password_id, scheme, hash, accepted_by, updated_at } = row
  await tables(store.write)
    .insertInto('passwords')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'owner_id']).doUpdateSet({ password_id, scheme, hash, accepted_by, updated_at }),
    )
    .execute()
}

/** Writes parts of a password, unless it has got another hash since it was read. */
export async function updatePassword(
  store: Store,
  { project_id, owner_id, hash }: StoredPassword,
  change: Pick<StoredPassword, 'scheme' | 'hash' | 'accepted_by'>,
): Promise<void> {
  await tables(store.write)
    .updateTable('passwords')
    .set(change)
    .where('project_id', '=', project_id)
    .where('owner_id', '=', owner_id)
    .where('hash', '=', hash)
    .execute()
}

/** Removes the password of an owner. */
export async function deletePasswordRow(store: Store, project_id: string, owner_id: string | string[]): Promise<void> {
  await tables(store.write)
    .deleteFrom('passwords')
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'owner_id', [owner_id].flat()))
    .execute()
}
