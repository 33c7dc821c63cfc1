/** The rows of addresses that are locked, have been failed with, or were written to in turn. */
import { type Kysely, sql } from 'kysely'
import { type Handle, keyTable, type Store } from '../../store/store.ts'
import type { Address } from './address.ts'

const tables = (handle: Handle) => handle as Kysely<{ addresses: Address }>

/** The row of an address. */
export function selectAddress(store: Store, project_id: string, email_address: string): Promise<Address | undefined> {
  return tables(store.read)
    .selectFrom('addresses')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('email_address', '=', email_address)
    .executeTakeFirst()
}

/** Writes how long an address is remembered, which holds its row until the transaction ends, and returns the row. */
export function touchAddress(
  store: Store,
  key: Pick<Address, 'project_id' | 'email_address' | 'expires_at'>,
): Promise<Address> {
  const { expires_at } = key
  return tables(store.write)
    .insertInto('addresses')
    .values({ ...key, lock_created_at: null, lock_expires_at: null })
    .onConflict((conflict) => conflict.columns(['project_id', 'email_address']).doUpdateSet({ expires_at }))
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Does for many addresses, in the order given, what `touchAddress` does for one. */
export async function touchAddresses(
  store: Store,
  project_id: string,
  addresses: string[],
  expires_at: number,
): Promise<void> {
  const keys = keyTable(
    store,
    'k',
    ['email_address'],
    addresses.map((address) => [address]),
  )
  // `where true` tells SQLite's parser that what follows is no join.
  await sql`insert into addresses (project_id, email_address, expires_at)
    select ${project_id}, k.email_address, cast(${expires_at} as bigint) from ${keys} where true
    on conflict (project_id, email_address) do update set expires_at = excluded.expires_at`.execute(store.write)
}

/** Writes the lock of an address; false when the row has gone. */
export async function updateLock(
  store: Store,
  { project_id, email_address, lock_created_at, lock_expires_at }: Address,
): Promise<boolean> {
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('addresses')
    .set({ lock_created_at, lock_expires_at })
    .where('project_id', '=', project_id)
    .where('email_address', '=', email_address)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Removes at most `limit` addresses that were to be remembered until before that time and returns which. */
export async function deleteExpiredAddresses(
  store: Store,
  time: number,
  limit: number,
): Promise<Pick<Address, 'project_id' | 'email_address'>[]> {
  const { rows } = await sql<Pick<Address, 'project_id' | 'email_address'>>`delete from addresses
    where expires_at < ${time} and (project_id, email_address) in
      (select project_id, email_address from addresses where expires_at < ${time} order by expires_at limit ${limit})
    returning project_id, email_address`.execute(store.write)
  return rows
}
