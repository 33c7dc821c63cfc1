/** From discovery into an organization: `discovery.intermediateSessions.exchange` (reference: b2b.md §6.3). */
import type { Locale } from '../../delivery/message.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import {
  getIntermediateSession,
  type IntermediateSession,
  refuseBoundElsewhere,
} from '../intermediate_sessions/intermediate_session.ts'
import type { Member } from '../members/row.ts'
import { getOrganization } from '../organizations/reference.ts'
import type { Organization } from '../organizations/row.ts'
import type { SessionChange } from '../sessions/session.ts'
import { type MemberSignIn, signInMember } from '../signin/member.ts'
import { addAddressee, holdAddressee, refuseUnadmitted } from '../signin/member_addressee.ts'

/**
 * Signs the person behind an intermediate session in to the organization that `reference` names: as the member they are, or as
 * a new one where the organization lets the domain of the address in. With all requirements met the intermediate session is
 * used up; else the same one goes on, and who is not let in yet is pending. Refuses with `intermediate_session_not_found`,
 * `organization_not_found`, `invalid_intermediate_session_token_for_organization`, a locked member, and an address that may
 * not join: `email_jit_provisioning_not_allowed`, `invalid_email_for_jit_provisioning`,
 * `action_not_allowed_email_domain_is_claimed`, `retired_member_email`.
 */
export function exchangeIntermediateSession(
  app: App,
  environment: Environment,
  { token, reference }: { token: string; reference: string },
  context: { change: SessionChange; locale: Locale },
): Promise<MemberSignIn> {
  return app.transaction(async (app) => {
    const record = await getIntermediateSession(app, environment, token)
    const organization = await getOrganization(app, environment, reference)
    refuseBoundElsewhere(record, organization)
    const member =
      (await holdAddressee(app, organization, record.email_address)) ??
      (await join(app, environment, organization, record))
    const intermediate = { record, token }
    return signInMember(app, environment, organization, member, undefined, { ...context, intermediate })
  })
}

/** Adds the person as a pending member; the sign-in lets them in, if what they have proven is enough. */
function join(
  app: App,
  environment: Environment,
  organization: Organization,
  { email_address, details }: IntermediateSession,
): Promise<Member> {
  refuseUnadmitted(organization, email_address)
  return addAddressee(app, environment, organization, { email_address, status: 'pending', name: details.full_name })
}
