/** The rows of users. */
import { type Kysely, sql } from 'kysely'
import type { Handle, Store } from '../../store/store.ts'
import { WriteConflict } from '../../store/store.ts'
import type { Environment } from '../configuration/environment.ts'
import { toRow, toUser, type User, type UserRow } from './row.ts'

const tables = (handle: Handle) => handle as Kysely<{ users: UserRow }>

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

/** Holds a user until the transaction ends, so that nobody deletes it meanwhile; false when somebody has. */
export async function holdUserRow(store: Store, project_id: string, user_id: string): Promise<boolean> {
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('users')
    .set((eb) => ({ version: eb.ref('version') }))
    .where('project_id', '=', project_id)
    .where('user_id', '=', user_id)
    .executeTakeFirst()
  return numUpdatedRows > 0n
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
