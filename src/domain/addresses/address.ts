/**
 * Email addresses as far as they are more than one member's: what locks those that somebody signs in with before an
 * organization is chosen, and the turns of whoever changes what members share by them (reference: b2b.md §0.8, §6, §7.3).
 */
import { WriteConflict } from '../../store/store.ts'
import { DAY } from '../../values/time.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { Organization } from '../organizations/row.ts'
import { deleteExpiredAddresses, selectAddress, touchAddress, touchAddresses, updateLock } from './table.ts'

export type Address = {
  project_id: string
  email_address: string
  lock_created_at: number | null
  lock_expires_at: number | null
  /** When nothing needs to be known of it any more. */
  expires_at: number
}

/** So long failures of an address count after the last one; longer than any lock lasts. */
const memory = 8 * DAY

/** What is known of an address at this moment; one that nobody has failed with is not locked. */
export async function findAddress(
  app: App,
  { project_id }: Pick<Environment, 'project_id'>,
  email_address: string,
): Promise<Address> {
  const found = await selectAddress(app.store, project_id, email_address)
  return found ?? { project_id, email_address, lock_created_at: null, lock_expires_at: null, expires_at: 0 }
}

/**
 * An address that is nobody's in an organization. Failed attempts there are counted as for a member, apart from those elsewhere,
 * so that nothing tells the two from each other.
 */
export function findStranger(
  app: App,
  { project_id, organization_id }: Pick<Organization, 'project_id' | 'organization_id'>,
  email_address: string,
): Promise<Address> {
  return findAddress(app, { project_id }, `${email_address} ${organization_id}`)
}

/**
 * Holds an address and returns it as it is then: transactions over one address take turns from here on, and each sees what
 * the one before it has left. It is remembered for eight days more.
 */
export function takeAddressTurn(
  app: App,
  { project_id, email_address }: Pick<Address, 'project_id' | 'email_address'>,
): Promise<Address> {
  return touchAddress(app.store, { project_id, email_address, expires_at: app.now() + memory })
}

/** Holds many addresses like `takeAddressTurn`, always in the same order: no two transactions wait for each other. */
export function takeAddressTurns(
  app: App,
  { project_id }: Pick<Environment, 'project_id'>,
  addresses: string[],
): Promise<void> {
  return touchAddresses(app.store, project_id, [...new Set(addresses)].sort(), app.now() + memory)
}

/** Locks or unlocks an address that the transaction holds. */
export async function lockAddress(
  app: App,
  address: Address,
  lock: Pick<Address, 'lock_created_at' | 'lock_expires_at'>,
): Promise<Address> {
  const next = { ...address, ...lock }
  if (!(await updateLock(app.store, next))) throw new WriteConflict()
  return next
}

/** Forgets at most `limit` addresses that were last failed with long ago and returns which. */
export function forgetAddresses(
  app: App,
  time: number,
  limit: number,
): Promise<Pick<Address, 'project_id' | 'email_address'>[]> {
  return deleteExpiredAddresses(app.store, time, limit)
}
