/** What is unique about a member in the organization: claimed and released with the write that needs it (reference: b2b.md §5.4). */
import { type ErrorType, fail } from '../../errors.ts'
import {
  claimIdentifiers,
  findOwner,
  type Identifier,
  releaseAllIdentifiers,
  releaseIdentifiers,
} from '../../store/identifiers.ts'
import type { App } from '../app.ts'
import { memberScope } from './reference.ts'
import type { Member } from './row.ts'
import { selectMember } from './table.ts'

type Owner = Pick<Member, 'project_id' | 'organization_id' | 'member_id'>

/** The identifiers of an address, the primary one or a retired one: the address and its id. */
export function addressIdentifiers(
  owner: Pick<Member, 'organization_id'>,
  { email_address, email_id }: Member['retired_email_addresses'][number],
): Identifier[] {
  return [identifier(owner, 'email', email_address), identifier(owner, 'email_id', email_id)]
}

/** The identifiers of the phone number: the number and its id. */
export function phoneIdentifiers(
  owner: Pick<Member, 'organization_id'>,
  { phone_number, phone_id }: Pick<NonNullable<Member['mfa_phone']>, 'phone_number' | 'phone_id'>,
): Identifier[] {
  return [identifier(owner, 'phone_number', phone_number), identifier(owner, 'phone_id', phone_id)]
}

/** One identifier of a member. `email_update` is an address that is being changed to. */
export function identifier(
  owner: Pick<Member, 'organization_id'>,
  kind: 'email' | 'email_id' | 'email_update' | 'external_id' | 'phone_number' | 'phone_id' | 'totp_id' | 'password_id',
  value: string,
): Identifier {
  return { scope: memberScope(owner), kind, value }
}

/** Gives identifiers of a member free. */
export function release(app: App, { project_id, member_id }: Owner, identifiers: Identifier[]): Promise<void> {
  return releaseIdentifiers(app.store, project_id, member_id, identifiers)
}

/** Gives everything free that a member holds. */
export function releaseAll(app: App, { project_id, member_id }: Owner): Promise<void> {
  return releaseAllIdentifiers(app.store, project_id, member_id)
}

/** Claims identifiers for a member and returns those that somebody has. */
export function tryToClaim(
  app: App,
  { project_id, member_id }: Owner,
  identifiers: Identifier[],
): Promise<Identifier[]> {
  return claimIdentifiers(app.store, project_id, member_id, identifiers)
}

const duplicates: Record<string, ErrorType> = {
  phone_number: 'duplicate_member_phone_number',
  external_id: 'duplicate_member_external_id',
}

/**
 * Claims identifiers for a member. Refuses with the `duplicate_member_…` type of one that another member of the organization
 * has; an address that the other one has retired is `retired_member_email`.
 */
export async function claim(app: App, owner: Owner, identifiers: Identifier[]): Promise<void> {
  const [taken] = await tryToClaim(app, owner, identifiers)
  if (!taken) return
  if (taken.kind !== 'email') fail(duplicates[taken.kind] ?? 'internal_server_error')
  fail((await isRetired(app, owner, taken.value)) ? 'retired_member_email' : 'duplicate_member_email')
}

/** Whether the member of the organization who has that address has retired it. */
async function isRetired(app: App, owner: Owner, email_address: string): Promise<boolean> {
  const { project_id } = owner
  const holder = await findOwner(app.store, project_id, identifier(owner, 'email', email_address))
  const other = holder === undefined ? undefined : await selectMember(app.store, project_id, holder)
  return other !== undefined && other.email_address !== email_address
}
