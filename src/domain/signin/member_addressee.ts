/** Which member a code or link is for: the one who has the address, or a new one where the organization lets the address in (reference: b2b.md §5.7). */
import { type ErrorType, fail } from '../../errors.ts'
import { WriteConflict } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { createMember, type NewMember, takeMemberTurn } from '../members/member.ts'
import { findMemberByAddress } from '../members/reference.ts'
import type { Member } from '../members/row.ts'
import { admitsByEmail, refuseClaimedDomain } from '../organizations/domains.ts'
import { holdOrganization } from '../organizations/organization.ts'
import { getOrganization } from '../organizations/reference.ts'
import type { AuthMethod, Organization } from '../organizations/row.ts'
import { beginningAgain } from './again.ts'
import { refuseForbiddenMethod } from './policy.ts'

/** `is_signup`: the message greets somebody who has not been let in yet, with the texts, links and expiries of sign-ups. */
export type MemberAddressee = {
  organization: Organization
  member: Member
  member_created: boolean
  is_signup: boolean
}

/**
 * The addressee of a `login_or_signup` operation; belongs into the transaction of the code or link. An address that nobody
 * has becomes a pending member's. Refuses with `organization_not_found`, with
 * `operation_restricted_by_organization_auth_methods` a method that cannot be used, and an address that may not join:
 * `email_jit_provisioning_not_allowed`, `invalid_email_for_jit_provisioning`, `action_not_allowed_email_domain_is_claimed`,
 * `retired_member_email`. With `unadmitted`, an address that is not let in is refused by that.
 */
export async function memberAddressee(
  app: App,
  environment: Environment,
  reference: string,
  email_address: string,
  method: AuthMethod,
  unadmitted?: ErrorType,
): Promise<MemberAddressee> {
  const organization = await getOrganization(app, environment, reference)
  const member = await holdAddressee(app, organization, email_address)
  refuseForbiddenMethod(organization, member, method)
  if (member) return { organization, member, member_created: false, is_signup: member.status !== 'active' }
  refuseUnadmitted(organization, email_address, unadmitted)
  const created = await addAddressee(app, environment, organization, { email_address, status: 'pending' })
  return { organization, member: created, member_created: true, is_signup: true }
}

/**
 * The member whose primary address it is, held until the transaction ends; undefined when there is none. What is sent to one
 * member is sent in turn.
 */
export async function holdAddressee(
  app: App,
  organization: Organization,
  email_address: string,
): Promise<Member | undefined> {
  const known = await findMemberByAddress(app, organization, email_address)
  if (!known) return undefined
  const member = await takeMemberTurn(app, known)
  // The address has changed hands meanwhile.
  if (member.email_address !== email_address) throw new WriteConflict()
  return member
}

/** Adds somebody to an organization whom a message is to reach. Refuses a claimed domain, and as `createMember` does. */
export async function addAddressee(
  app: App,
  environment: Environment,
  organization: Organization,
  given: NewMember,
): Promise<Member> {
  await holdOrganization(app, organization)
  await refuseClaimedDomain(app, environment, organization, given.email_address)
  return beginningAgain(createMember(app, environment, organization, given))
}

/** Refuses an address that may not join the organization unasked; with `refusal`, by that. */
export function refuseUnadmitted(organization: Organization, email_address: string, refusal?: ErrorType): void {
  if (admitsByEmail(organization, email_address)) return
  const { email_jit_provisioning } = organization.settings
  const isRestricted = email_jit_provisioning === 'RESTRICTED'
  fail(refusal ?? (isRestricted ? 'invalid_email_for_jit_provisioning' : 'email_jit_provisioning_not_allowed'))
}
