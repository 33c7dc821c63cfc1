/** Members by the hundred, for imports and exports: found, added and read in batches. */
import { claimAll, type Identifier } from '../../store/identifiers.ts'
import { WriteConflict } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvents } from '../events/event.ts'
import { sharesPasswords } from './address_password.ts'
import { addressIdentifiers, identifier, phoneIdentifiers } from './identifiers.ts'
import type { Member } from './row.ts'
import { insertMembers, selectMemberNames, selectMembersAfter, selectMembersOfAddresses } from './table.ts'

/** Those of the members who exist, the deleted ones too, by the ids they go by. */
export function namesOfMembers(
  app: App,
  { project_id }: Environment,
  member_ids: string[],
): Promise<Pick<Member, 'member_id' | 'organization_id' | 'external_id'>[]> {
  return selectMemberNames(app.store, project_id, member_ids)
}

/** The members of all organizations whose primary addresses these are, deleted ones not. */
export function membersOfAddresses(
  app: App,
  { project_id }: Environment,
  email_addresses: string[],
): Promise<Member[]> {
  return selectMembersOfAddresses(app.store, project_id, email_addresses)
}

/**
 * Everything that is unique about a member in the organization; nothing, once the member is deleted. A password that is shared
 * by an address is nobody's alone.
 */
export function identifiersOfMember(environment: Pick<Environment, 'settings'>, member: Member): Identifier[] {
  if (member.status === 'deleted') return []
  const { external_id, password, totp, mfa_phone } = member
  return [
    ...[member, ...member.retired_email_addresses].flatMap((address) => addressIdentifiers(member, address)),
    ...(external_id === null ? [] : [identifier(member, 'external_id', external_id)]),
    ...(mfa_phone ? phoneIdentifiers(member, mfa_phone) : []),
    ...(password && !sharesPasswords(environment) ? [identifier(member, 'password_id', password.password_id)] : []),
    ...(totp ? [identifier(member, 'totp_id', totp.totp_id)] : []),
  ]
}

/**
 * Adds members as they are, checked by the caller, who also holds their organizations. Throws `WriteConflict` when somebody has
 * anything that is unique about them, so that the caller's transaction begins again and finds them.
 */
export async function addMembers(app: App, environment: Environment, members: Member[]): Promise<void> {
  const { project_id } = environment
  const claims = members.flatMap((member) =>
    identifiersOfMember(environment, member).map((one) => ({ ...one, owner_id: member.member_id })),
  )
  if (!(await claimAll(app.store, project_id, claims))) throw new WriteConflict()
  await insertMembers(app.store, members)
  await recordEvents(
    app,
    project_id,
    members.map(({ member_id, organization_id, password }) => ({
      type: 'member.created' as const,
      subject_id: member_id,
      details: { organization_id, imported: true, password: password !== null },
    })),
  )
}

/** The next members of all organizations after that id, at most `limit`, in the order of ids, the deleted ones too. */
export function listMembersAfter(
  app: App,
  { project_id }: Environment,
  member_id: string,
  limit: number,
): Promise<Member[]> {
  return selectMembersAfter(app.store, project_id, member_id, limit)
}
