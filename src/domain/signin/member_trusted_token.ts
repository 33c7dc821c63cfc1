/** Signing a member in by a trusted auth token: `sessions.attest` (reference: b2b.md §1.10). */
import { fail } from '../../errors.ts'
import { isAssignableExternalId, parseId } from '../../values/id.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { claim, identifier } from '../members/identifiers.ts'
import { createMember } from '../members/member.ts'
import { findMemberBy, findMemberByAddress } from '../members/reference.ts'
import { assignable } from '../members/roles.ts'
import type { Member } from '../members/row.ts'
import { createOrganization } from '../organizations/organization.ts'
import { findOrganization, findOrganizationBy, getOrganization } from '../organizations/reference.ts'
import type { Organization } from '../organizations/row.ts'
import { spendTokenId, type TrustedToken } from '../proofs/trusted_token.ts'
import type { PresentedMember } from '../sessions/presented.ts'
import type { Session, SessionChange } from '../sessions/session.ts'
import { beginningAgain } from './again.ts'
import { admitted, signInVouchedMember } from './vouched_member.ts'

/** What a request says besides the token. */
type Context = {
  /** The organization, by any of its names. */
  organization_id?: string | undefined
  presented: PresentedMember | undefined
  change: SessionChange
}

/**
 * Finds organization and member of a verified token, or creates them where the profile allows it, assigns the roles of the
 * token and signs the member in; one transaction, so a refusal leaves nothing behind.
 */
export function signInMemberByTrustedToken(
  app: App,
  environment: Environment,
  token: TrustedToken,
  { organization_id, presented, change }: Context,
): Promise<{ organization: Organization; member: Member; session: Session }> {
  return app.transaction(async (app) => {
    if (token.single_use) await spendTokenId(app, environment, token)
    const organization = await identifyOrganization(app, environment, token, organization_id)
    const roles = assignable(environment.policy, organization, token.role_ids)
    const known =
      (await findPerson(app, organization, token)) ?? (await provision(app, environment, organization, token, roles))
    if (presented && presented.member.member_id !== known.member_id) fail('member_session_member_id_mismatch')
    const proof = {
      type: 'trusted_auth_token',
      delivery_method: 'trusted_token_exchange',
      trusted_auth_token_factor: { token_id: token.token_id },
    } as const
    const settle = (app: App, member: Member) => settled(app, member, token, roles)
    return {
      organization,
      ...(await signInVouchedMember(app, environment, known, proof, { presented, change, settle })),
    }
  })
}

/** The organization of token and request, which must be one and the same where both name one. */
async function identifyOrganization(
  app: App,
  environment: Environment,
  token: TrustedToken,
  reference: string | undefined,
): Promise<Organization> {
  if (token.organization === undefined) {
    if (token.can_jit_provision || !reference) fail('token_missing_organization_id_claim')
    return getOrganization(app, environment, reference)
  }
  const organization = await claimedOrganization(app, environment, token, token.organization)
  if (reference) {
    const named = await findOrganization(app, environment, reference)
    if (named?.organization_id !== organization.organization_id) {
      fail('invalid_token_organization_id_claim', 'The trusted auth token names another organization than the request.')
    }
  }
  return organization
}

/** The organization that a token names by id or external id; a new one for an external id that nobody has. */
async function claimedOrganization(
  app: App,
  environment: Environment,
  { can_jit_provision }: TrustedToken,
  claim: unknown,
): Promise<Organization> {
  if (typeof claim !== 'string') fail('invalid_token_organization_id_claim')
  if (parseId(claim)?.prefix === 'organization') return getOrganization(app, environment, claim)
  if (!isAssignableExternalId(claim)) fail('invalid_token_organization_id_claim')
  const known = await findOrganizationBy(app, environment, 'external_id', claim)
  if (known) return known
  if (!can_jit_provision) fail('organization_not_found')
  // No organization can have the slug of another one as its external id, and a slug is no claim.
  if ((await findOrganizationBy(app, environment, 'slug', claim))?.organization_slug === claim) {
    fail('invalid_token_organization_id_claim', 'The organization claim is the slug of an organization.')
  }
  const given = { organization_name: claim, organization_external_id: claim }
  return beginningAgain(createOrganization(app, environment, given))
}

/** By external id first, whose address must then be the token's; else by address. */
async function findPerson(app: App, organization: Organization, token: TrustedToken): Promise<Member | undefined> {
  const { email, external_id } = token
  if (external_id !== undefined) {
    const known = await findMemberBy(app, organization, 'external_id', external_id)
    if (known && known.email_address !== email) {
      fail('invalid_trusted_auth_token', 'The external id of the token belongs to a member with another email address.')
    }
    if (known) return known
  }
  return findMemberByAddress(app, organization, email)
}

/** A new member, active and with the address as verified as the issuer is trusted; settings about joining do not apply. */
async function provision(
  app: App,
  environment: Environment,
  organization: Organization,
  { email: email_address, external_id, can_jit_provision }: TrustedToken,
  roles: string[],
): Promise<Member> {
  if (!can_jit_provision) fail('member_not_found')
  const given = { email_address, email_address_verified: true, status: 'active', external_id, roles } as const
  return beginningAgain(createMember(app, environment, organization, given))
}

/** The member with what the token brings: the external id where there is none, further roles, and being let in. */
async function settled(app: App, member: Member, { external_id }: TrustedToken, roles: string[]): Promise<Member> {
  const attaches = external_id !== undefined && member.external_id === null
  if (external_id !== undefined && !attaches && member.external_id !== external_id) {
    fail('invalid_trusted_auth_token', 'The member of that email address has another external id.')
  }
  if (attaches) await beginningAgain(claim(app, member, [identifier(member, 'external_id', external_id)]))
  const added = roles.filter((role) => !member.assigned_roles.includes(role))
  if (!attaches && added.length === 0) return admitted(member)
  return admitted({
    ...member,
    external_id: attaches ? external_id : member.external_id,
    assigned_roles: [...member.assigned_roles, ...added],
  })
}
