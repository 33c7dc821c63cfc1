/** The rows of signing keys. */
import type { Kysely } from 'kysely'
import type { Handle, Store } from '../../store/store.ts'

export type SigningKeyRow = {
  project_id: string
  kid: string
  public_jwk: string
  sealed_private_key: string
  created_at: number
  active_at: number
  retired_at: number | null
}
const tables = (handle: Handle) => handle as Kysely<{ signing_keys: SigningKeyRow }>

/** The keys of an environment, in the order in which they sign. */
export function selectSigningKeys(store: Store, project_id: string): Promise<SigningKeyRow[]> {
  return tables(store.read)
    .selectFrom('signing_keys')
    .selectAll()
    .where('project_id', '=', project_id)
    .orderBy('active_at')
    .orderBy('created_at')
    .execute()
}

/** Adds a key. */
export async function insertSigningKey(store: Store, row: SigningKeyRow): Promise<void> {
  await tables(store.write).insertInto('signing_keys').values(row).execute()
}

/** Replaces the sealed private half of a key. */
export async function updateSealedKey(
  store: Store,
  { project_id, kid, sealed_private_key }: Pick<SigningKeyRow, 'project_id' | 'kid' | 'sealed_private_key'>,
): Promise<void> {
  await tables(store.write)
    .updateTable('signing_keys')
    .set({ sealed_private_key })
    .where('project_id', '=', project_id)
    .where('kid', '=', kid)
    .execute()
}

/** Lets all keys but one retire at that time, unless they retire earlier already. */
export async function retireOthers(store: Store, project_id: string, kid: string, retired_at: number): Promise<void> {
  await tables(store.write)
    .updateTable('signing_keys')
    .set({ retired_at })
    .where('project_id', '=', project_id)
    .where('kid', '!=', kid)
    .where((eb) => eb.or([eb('retired_at', 'is', null), eb('retired_at', '>', retired_at)]))
    .execute()
}

/** Removes the keys that retired before that time. */
export async function deleteRetired(store: Store, project_id: string, time: number): Promise<void> {
  await tables(store.write)
    .deleteFrom('signing_keys')
    .where('project_id', '=', project_id)
    .where('retired_at', '<', time)
    .execute()
}
