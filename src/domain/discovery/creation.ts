/** From discovery into a new organization: `discovery.organizations.create` (reference: b2b.md §6.4). */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { getIntermediateSession, refuseBoundElsewhere } from '../intermediate_sessions/intermediate_session.ts'
import { createMember } from '../members/member.ts'
import { adminRole } from '../members/roles.ts'
import { isPersonalDomain, refuseClaimedDomain, registeredLabelOf } from '../organizations/domains.ts'
import { createOrganization, type OrganizationGiven } from '../organizations/organization.ts'
import { drawnSlugsFor } from '../organizations/slug.ts'
import type { SessionChange } from '../sessions/session.ts'
import { type MemberSignIn, signInMember } from '../signin/member.ts'

/**
 * Creates an organization with the person behind an intermediate session as its administrator, and signs them in, all or
 * nothing: of many calls at once with an intermediate session that is used up by the first, one leaves an organization. While
 * the new settings ask for more, organization and administrator stay, pending if the address is not proven. Refuses with
 * `intermediate_session_not_found`, `invalid_intermediate_session_token_for_organization`,
 * `action_not_allowed_email_domain_is_claimed`, and as `createOrganization` does.
 */
export function createByDiscovery(
  app: App,
  environment: Environment,
  token: string,
  given: OrganizationGiven,
  change: SessionChange,
): Promise<MemberSignIn> {
  return app.transaction(async (app) => {
    const record = await getIntermediateSession(app, environment, token)
    refuseBoundElsewhere(record, undefined)
    const { email_address, details } = record
    await refuseClaimedDomain(app, environment, undefined, email_address)
    const named = { ...given, organization_name: given.organization_name || nameFor(email_address) }
    const organization = await createOrganization(app, environment, named, drawnSlugsFor)
    const creator = { email_address, status: 'pending', name: details.full_name, roles: [adminRole] } as const
    const member = await createMember(app, environment, organization, { ...creator, roles: [...creator.roles] })
    return signInMember(app, environment, organization, member, undefined, { change, intermediate: { record, token } })
  })
}

/** `acme` for ada@mail.acme.co.uk; where many people share a domain, `ada.lovelace` for ada.lovelace+work@gmail.com. */
function nameFor(email_address: string): string {
  const [mailbox = '', domain = ''] = email_address.split('@')
  return isPersonalDomain(domain) ? mailbox.replace(/\+.*$/, '') || mailbox : registeredLabelOf(domain)
}
