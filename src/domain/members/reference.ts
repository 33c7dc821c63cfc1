/** How requests name a member: by id, or by external id within an organization (reference: b2b.md §0.5). */
import { fail } from '../../errors.ts'
import { findOwner } from '../../store/identifiers.ts'
import { parseEmail } from '../../values/email.ts'
import { isExternalId, parseId, startsLikeId } from '../../values/id.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { Organization } from '../organizations/row.ts'
import { checkOwnId, requireOwnId } from '../own_id.ts'
import type { Member } from './row.ts'
import { selectMember, selectMembersOf, selectWithMemberIn } from './table.ts'

/** Where identifiers of members are unique: in their organization. */
export function memberScope({ organization_id }: Pick<Organization, 'organization_id'>): string {
  return organization_id
}

/**
 * The member of an organization that a `member_id` field names. Refuses with `invalid_id` what can be none, with the two
 * wrong-environment types an id of the other environment type, and with `member_not_found` what names nobody there, the
 * deleted ones too.
 */
export async function getMember(
  app: App,
  environment: Environment,
  organization: Organization,
  reference: string,
): Promise<Member> {
  if (!isExternalId(reference)) fail('invalid_id', 'member_id format is invalid.')
  checkOwnId(environment, reference)
  const isId = parseId(reference)?.prefix === 'member'
  if (!isId && startsLikeId(reference, 'member')) fail('invalid_id', 'member_id format is invalid.')
  const member = isId
    ? await selectMember(app.store, environment.project_id, reference)
    : await findMemberBy(app, organization, 'external_id', reference)
  if (!member || member.status === 'deleted' || member.organization_id !== organization.organization_id) {
    fail('member_not_found')
  }
  return member
}

/**
 * The member of an organization that is named by id, by address, or by both when they agree. Refuses with
 * `invalid_member_get_fields` when by neither, with `invalid_email`, and as `getMember` does.
 */
export async function getMemberByFields(
  app: App,
  environment: Environment,
  organization: Organization,
  { member_id, email_address }: { member_id?: string | undefined; email_address?: string | undefined },
): Promise<Member> {
  if (!member_id && !email_address) fail('invalid_member_get_fields')
  const address = email_address ? (parseEmail(email_address) ?? fail('invalid_email')) : undefined
  const member = member_id
    ? await getMember(app, environment, organization, member_id)
    : await findMemberByAddress(app, organization, address as string)
  if (!member || (address && member.email_address !== address)) fail('member_not_found')
  return member
}

/**
 * The member with that id in any organization, a deleted one only when asked for. Refuses with `invalid_id` and
 * `member_not_found`.
 */
export async function getMemberAnywhere(
  app: App,
  environment: Environment,
  member_id: string,
  include_deleted: boolean,
): Promise<Member> {
  const member = await findMember(app, environment, member_id)
  if (!member || (member.status === 'deleted' && !include_deleted)) fail('member_not_found')
  return member
}

/** The member with that id in any organization, deleted ones too; for fields that take nothing but an id. */
export function findMember(app: App, environment: Environment, member_id: string): Promise<Member | undefined> {
  requireOwnId(environment, member_id, 'member', 'invalid_id')
  return selectMember(app.store, environment.project_id, member_id)
}

/** The member of an organization who holds an identifier; `email` finds retired addresses too. */
export async function findMemberBy(
  app: App,
  organization: Pick<Organization, 'project_id' | 'organization_id'>,
  kind: 'email' | 'email_id' | 'external_id' | 'phone_number' | 'phone_id' | 'password_id' | 'totp_id',
  value: string,
): Promise<Member | undefined> {
  const { project_id } = organization
  const owner = await findOwner(app.store, project_id, { scope: memberScope(organization), kind, value })
  return owner === undefined ? undefined : selectMember(app.store, project_id, owner)
}

/**
 * The members of all organizations whose primary address it is, in the order in which whoever needs them all takes their
 * turns; deleted ones not.
 */
export function findMembersOf(
  app: App,
  { project_id }: Pick<Environment, 'project_id'>,
  email_address: string,
): Promise<Member[]> {
  return selectMembersOf(app.store, project_id, email_address)
}

/** Those of the organizations in which somebody active has proven an address in the domain. */
export async function withMemberIn(
  app: App,
  { project_id }: Pick<Environment, 'project_id'>,
  organization_ids: string[],
  domain: string,
): Promise<string[]> {
  if (organization_ids.length === 0) return []
  return selectWithMemberIn(app.store, project_id, organization_ids, domain)
}

/** The member of an organization whose primary address it is; not one who has it as a retired address. */
export async function findMemberByAddress(
  app: App,
  organization: Pick<Organization, 'project_id' | 'organization_id'>,
  email_address: string,
): Promise<Member | undefined> {
  const member = await findMemberBy(app, organization, 'email', email_address)
  return member?.email_address === email_address ? member : undefined
}
