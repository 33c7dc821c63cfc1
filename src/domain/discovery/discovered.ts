/** The organizations that somebody can go to with what they have proven (reference: b2b.md §6.2). */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { IntermediateSession } from '../intermediate_sessions/intermediate_session.ts'
import { findMembersOf, withMemberIn } from '../members/reference.ts'
import type { Member } from '../members/row.ts'
import { admitsByEmail, claimerOf, domainOf } from '../organizations/domains.ts'
import { findOrganizations, organizationsListing } from '../organizations/reference.ts'
import type { Organization } from '../organizations/row.ts'
import { isImpersonated } from '../sessions/factors.ts'
import type { PresentedMember } from '../sessions/presented.ts'
import { carriedFactors, provesSomebody } from '../signin/exchange.ts'
import { type MfaRequired, mfaOptionsOf, ownFactors } from '../signin/member.ts'
import { type Evidence, type Requirements, requirementsOf } from '../signin/policy.ts'

/** What somebody is to an organization, or how they may become a member. */
export type Membership =
  | { type: 'active_member' | 'invited_member' | 'pending_member'; details: null; member: Member }
  | { type: 'eligible_to_join_by_email_domain'; details: { domain: string }; member: null }
  | { type: 'eligible_to_join_by_oauth_tenant'; details: { provider: string; tenant: string }; member: null }

/** An organization with what it would still ask for; `null` for what is met. Nothing was sent. */
export type DiscoveredOrganization = {
  organization: Organization
  membership: Membership
  primary_required: Requirements['primary_required']
  mfa_required: MfaRequired | null
}

/** Somebody who would become a member. */
type Newcomer = Evidence['member'] & Pick<Member, 'email_id'>

/** What an organization would still ask of a member, or of somebody who would become one. */
type Asking = (organization: Organization, member: Member | Newcomer) => Requirements

const order: Membership['type'][] = [
  'active_member',
  'invited_member',
  'pending_member',
  'eligible_to_join_by_email_domain',
  'eligible_to_join_by_oauth_tenant',
]

/**
 * The organizations that an intermediate session can be exchanged for: those of which its address is a member's, and those
 * that let its domain in and where somebody else has proven an address in it. Members first (active, invited, pending),
 * then by name. Five queries at most, however many organizations there are; changes nothing.
 */
export async function listDiscovered(
  app: App,
  environment: Environment,
  {
    email_address,
    authentication_factors,
    details,
  }: Pick<IntermediateSession, 'email_address' | 'authentication_factors' | 'details'>,
): Promise<DiscoveredOrganization[]> {
  const asking: Asking = ({ settings }, member) =>
    requirementsOf({
      settings,
      member,
      factors: ownFactors(member, authentication_factors),
      address_proven: details.address_proven === true,
    })
  const members = await findMembersOf(app, environment, email_address)
  const joinable = await joinableByDomain(app, environment, email_address, members)
  return discovered(app, environment, members, { email_address, joinable }, asking)
}

/**
 * The organizations that a session can be exchanged for: those of which the address of its member is a member's, its own
 * among them; its own alone when it does not show whose address it is, for that may be somebody else's. Like `listDiscovered`
 * otherwise.
 */
export async function listDiscoveredBySession(
  app: App,
  environment: Environment,
  { session: { authentication_factors: factors }, member: source }: Pick<PresentedMember, 'session' | 'member'>,
): Promise<DiscoveredOrganization[]> {
  const counts = provesSomebody(source, factors)
  const asking: Asking = ({ settings }, target) => {
    const isOwn = 'member_id' in target && target.member_id === source.member_id
    if (isOwn && !isImpersonated(factors)) return { primary_required: null, mfa_required: false }
    const carried = counts && 'member_id' in target ? carriedFactors(environment, source, target, factors) : []
    const address_proven = counts && source.email_address_verified
    return requirementsOf({ settings, member: target, factors: carried, address_proven })
  }
  const { email_address } = source
  const members = counts ? await findMembersOf(app, environment, email_address) : [source]
  return discovered(app, environment, members, { email_address, joinable: [] }, asking)
}

async function discovered(
  app: App,
  environment: Environment,
  members: Member[],
  { email_address, joinable }: { email_address: string; joinable: string[] },
  asking: Asking,
): Promise<DiscoveredOrganization[]> {
  const own = new Map(members.map((member) => [member.organization_id, member]))
  const organizations = await findOrganizations(app, environment, [...own.keys(), ...joinable])
  const newcomer = newcomerWith(email_address)
  return organizations
    .filter((organization) => own.has(organization.organization_id) || admitsByEmail(organization, email_address))
    .map((organization) => {
      const member = own.get(organization.organization_id)
      const { primary_required, mfa_required } = asking(organization, member ?? newcomer)
      const membership = member ? membershipOf(member) : byDomain(email_address)
      const options = { member_options: mfaOptionsOf(member ?? newcomer), secondary_auth_initiated: null }
      return { organization, membership, primary_required, mfa_required: mfa_required ? options : null }
    })
    .sort(inOrder)
}

/**
 * Where the address would be let in without an invitation. An organization shows itself only to a domain of which it has a
 * member already: else anybody could put theirs before the eyes of a company (reference: b2b.md §6.2).
 */
async function joinableByDomain(
  app: App,
  environment: Environment,
  email_address: string,
  members: Member[],
): Promise<string[]> {
  const domain = domainOf(email_address)
  const own = new Set(members.map(({ organization_id }) => organization_id))
  const listing = (await organizationsListing(app, environment, domain)).filter((id) => !own.has(id))
  const joinable = await withMemberIn(app, environment, listing, domain)
  if (joinable.length === 0) return []
  const claimer = await claimerOf(app, environment, email_address)
  return claimer === undefined ? joinable : joinable.filter((id) => id === claimer)
}

function membershipOf(member: Member): Membership {
  const status = member.status as Exclude<Member['status'], 'deleted'>
  return { type: `${status}_member`, details: null, member }
}

function byDomain(email_address: string): Membership {
  return { type: 'eligible_to_join_by_email_domain', details: { domain: domainOf(email_address) }, member: null }
}

function newcomerWith(email_address: string): Newcomer {
  return {
    status: 'pending',
    email_id: '',
    email_address,
    email_address_verified: false,
    is_breakglass: false,
    mfa_enrolled: false,
    mfa_phone: null,
    totp: null,
  }
}

function inOrder(one: DiscoveredOrganization, other: DiscoveredOrganization): number {
  const rank = order.indexOf(one.membership.type) - order.indexOf(other.membership.type)
  return rank || compare(nameOf(one), nameOf(other)) || compare(idOf(one), idOf(other))
}

const nameOf = ({ organization }: DiscoveredOrganization) => organization.organization_name.toLowerCase()
const idOf = ({ organization }: DiscoveredOrganization) => organization.organization_id

function compare(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
