/** The rows of workspace keys and of facts about the installation. */
import type { Kysely } from 'kysely'
import type { Handle, Store } from '../../store/store.ts'
import type { WorkspaceKey } from './key.ts'

type Tables = { workspace_keys: WorkspaceKey; installation: { name: string; value: string } }
const tables = (handle: Handle) => handle as Kysely<Tables>

/** Adds a workspace key. */
export async function insertKey(store: Store, key: WorkspaceKey): Promise<void> {
  await tables(store.write).insertInto('workspace_keys').values(key).execute()
}

/** The workspace key with that id. */
export function selectKey(store: Store, key_id: string): Promise<WorkspaceKey | undefined> {
  return tables(store.read).selectFrom('workspace_keys').selectAll().where('key_id', '=', key_id).executeTakeFirst()
}

/** A fact about the installation. */
export async function selectFact(store: Store, name: string): Promise<string | undefined> {
  const row = await tables(store.write)
    .selectFrom('installation')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.value
}

/** Changes a fact about the installation. */
export async function updateFact(store: Store, name: string, value: string): Promise<void> {
  await tables(store.write).updateTable('installation').set({ value }).where('name', '=', name).execute()
}

/** Adds a fact about the installation; false when it is known already. */
export async function insertFact(store: Store, name: string, value: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(store.write)
    .insertInto('installation')
    .values({ name, value })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}
