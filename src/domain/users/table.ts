/** The rows of users. */
import { type Kysely, sql } from 'kysely'
import { type Handle, insertRows, oneOf, type Store, WriteConflict } from '../../store/store.ts'
import type { Environment } from '../configuration/environment.ts'
import { toRow, toUser, type User, type UserRow } from './row.ts'

type ProvisionalContact = { project_id: string; contact_id: string; owner_id: string; expires_at: number }
type Tables = { users: UserRow; provisional_contacts: ProvisionalContact }
const tables = (handle: Handle) => handle as Kysely<Tables>

/** The user with that id. */
export async function selectUser(store: Store, environment: Environment, user_id: string): Promise<User | undefined> {
  const row = await tables(store.read)
    .selectFrom('users')
    .selectAll()
    .where('project_id', '=', environment.project_id)
    .where('user_id', '=', user_id)
    .executeTakeFirst()
  return row && toUser(row, environment.policy)
}

/** Adds a user. */
export async function insertUser(store: Store, user: User): Promise<void> {
  await tables(store.write).insertInto('users').values(toRow(user)).execute()
}

/** Adds many users; throws `WriteConflict` when one of the ids is taken. */
export async function insertUsers(store: Store, users: User[]): Promise<void> {
  if ((await insertRows(store, 'users', users.map(toRow))) < users.length) throw new WriteConflict()
}

/** Those of the users who exist, by the two ids they go by. */
export function selectUserNames(
  store: Store,
  project_id: string,
  user_ids: string[],
): Promise<{ user_id: string; external_id: string | null }[]> {
  return tables(store.read)
    .selectFrom('users')
    .select(['user_id', 'external_id'])
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'user_id', user_ids))
    .execute()
}

/** The next `limit` users after that id, in the order of ids. */
export async function selectUsersAfter(
  store: Store,
  environment: Environment,
  user_id: string,
  limit: number,
): Promise<User[]> {
  const rows = await tables(store.read)
    .selectFrom('users')
    .selectAll()
    .where('project_id', '=', environment.project_id)
    .where('user_id', '>', user_id)
    .orderBy('user_id')
    .limit(limit)
    .execute()
  return rows.map((row) => toUser(row, environment.policy))
}

/** Writes a user that was read before, and counts its version up. Throws `WriteConflict` when it has changed since. */
export async function updateUserRow(store: Store, user: User): Promise<User> {
  const { project_id, user_id, created_at: _, ...columns } = toRow(user)
  const updated = { ...user, version: user.version + 1 }
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('users')
    .set({ ...columns, version: updated.version })
    .where('project_id', '=', project_id)
    .where('user_id', '=', user_id)
    .where('version', '=', user.version)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw new WriteConflict()
  return updated
}

/**
 * Holds a user until the transaction ends, so that nobody changes or deletes it meanwhile, and returns its version;
 * undefined when somebody has deleted it.
 */
export async function holdUserRow(store: Store, project_id: string, user_id: string): Promise<number | undefined> {
  const row = await tables(store.write)
    .updateTable('users')
    .set((eb) => ({ version: eb.ref('version') }))
    .where('project_id', '=', project_id)
    .where('user_id', '=', user_id)
    .returning('version')
    .executeTakeFirst()
  return row?.version
}

/** Removes a user; false when there was none. */
export async function deleteUserRow(store: Store, project_id: string, user_id: string): Promise<boolean> {
  const { numDeletedRows } = await tables(store.write)
    .deleteFrom('users')
    .where('project_id', '=', project_id)
    .where('user_id', '=', user_id)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** How many active users there are. */
export async function countActiveUsers(store: Store, project_id: string): Promise<number> {
  const { count } = await tables(store.read)
    .selectFrom('users')
    .select(sql<number>`count(*)`.as('count'))
    .where('project_id', '=', project_id)
    .where('status', '=', 'active')
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Notes until when a contact that was added to a user must be proven. */
export async function insertProvisional(store: Store, row: ProvisionalContact): Promise<void> {
  await tables(store.write)
    .insertInto('provisional_contacts')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'contact_id']).doUpdateSet({ expires_at: row.expires_at }),
    )
    .execute()
}

/** Until when a contact must be proven; undefined when it stays. */
export async function selectProvisional(
  store: Store,
  project_id: string,
  contact_id: string,
): Promise<number | undefined> {
  const row = await tables(store.write)
    .selectFrom('provisional_contacts')
    .select('expires_at')
    .where('project_id', '=', project_id)
    .where('contact_id', '=', contact_id)
    .executeTakeFirst()
  return row?.expires_at
}

/** Those of the contacts that were added and have to be proven, with the time until when. */
export function selectProvisionals(
  store: Store,
  project_id: string,
  contact_ids: string[],
): Promise<ProvisionalContact[]> {
  return tables(store.read)
    .selectFrom('provisional_contacts')
    .selectAll()
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'contact_id', contact_ids))
    .execute()
}

/** A contact stays: it was proven, or is gone. */
export async function deleteProvisional(store: Store, project_id: string, contact_id: string): Promise<void> {
  await tables(store.write)
    .deleteFrom('provisional_contacts')
    .where('project_id', '=', project_id)
    .where('contact_id', '=', contact_id)
    .execute()
}

/** Takes the mark from a contact that was not proven by that time; false when it was, or has more time. */
export async function deleteLapsed(
  store: Store,
  project_id: string,
  contact_id: string,
  time: number,
): Promise<boolean> {
  const { numDeletedRows } = await tables(store.write)
    .deleteFrom('provisional_contacts')
    .where('project_id', '=', project_id)
    .where('contact_id', '=', contact_id)
    .where('expires_at', '<=', time)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** At most `limit` contacts whose time to be proven ended before that time. */
export function selectLapsed(store: Store, time: number, limit: number): Promise<ProvisionalContact[]> {
  return tables(store.read)
    .selectFrom('provisional_contacts')
    .selectAll()
    .where('expires_at', '<=', time)
    .limit(limit)
    .execute()
}
