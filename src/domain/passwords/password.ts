/** Stored passwords: one an owner, as a hash (reference: consumer.md §3.4). */
import type { PasswordHash } from '../../crypto/passwords/hash.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import {
  deletePasswordRow,
  insertPasswords,
  selectAnyPassword,
  selectPassword,
  selectPasswords,
  updatePassword,
  upsertPassword,
} from './table.ts'

export type StoredPassword = PasswordHash & {
  project_id: string
  /** A user, a member, or the address that members of several organizations share a password by. */
  owner_id: string
  password_id: string
  /** The strength policy it was last found to meet, as `policyName` writes it; empty for an imported hash. */
  accepted_by: string
  /** Whether it counts again only once it has been reset. Users show that themselves, so theirs never say it here. */
  requires_reset: boolean
  created_at: number
  updated_at: number
}

/** The password of a user, a member or an address, if there is one. */
export function findPassword(
  app: App,
  { project_id }: Environment,
  owner_id: string,
): Promise<StoredPassword | undefined> {
  return selectPassword(app.store, project_id, owner_id)
}

/** The passwords of those of the owners who have one. */
export function findPasswords(app: App, { project_id }: Environment, owner_ids: string[]): Promise<StoredPassword[]> {
  return selectPasswords(app.store, project_id, owner_ids)
}

type Given = Pick<StoredPassword, 'project_id' | 'owner_id' | 'password_id' | 'scheme' | 'hash' | 'accepted_by'>

/** Stores the passwords of many owners who have none. Throws `WriteConflict` when one of them has. */
export function addPasswords(app: App, given: (Given & { requires_reset: boolean })[]): Promise<void> {
  const now = app.now()
  return insertPasswords(
    app.store,
    given.map((password) => ({ ...password, created_at: now, updated_at: now })),
  )
}

/** Stores a password; one the owner had before is replaced. */
export function storePassword(app: App, given: Given): Promise<void> {
  const now = app.now()
  return upsertPassword(app.store, { ...given, requires_reset: false, created_at: now, updated_at: now })
}

/** From now on a password has to be reset before it counts again; does nothing when it was replaced meanwhile. */
export function requireReset(app: App, stored: StoredPassword): Promise<void> {
  return updatePassword(app.store, stored, { requires_reset: 1 })
}

/** Keeps the same password under another hash, or notes the policy it meets; does nothing when it was replaced meanwhile. */
export async function renewPassword(
  app: App,
  stored: StoredPassword,
  {
    hash: { scheme, hash } = stored,
    accepted_by = stored.accepted_by,
  }: { hash?: PasswordHash | undefined; accepted_by?: string | undefined },
): Promise<void> {
  if (hash === stored.hash && accepted_by === stored.accepted_by) return
  await updatePassword(app.store, stored, { scheme, hash, accepted_by })
}

/** Whether anybody in an environment has a password. */
export async function hasPasswords(app: App, project_id: string): Promise<boolean> {
  return (await selectAnyPassword(app.store, project_id)) !== undefined
}

/** Removes the password of an owner, or several; one without stays as they are. */
export function removePassword(app: App, { project_id }: Environment, owner_id: string | string[]): Promise<void> {
  return deletePasswordRow(app.store, project_id, owner_id)
}
