/** The DiscoveredOrganization object, and the replies of operations that lead to organizations. */
import { z } from 'zod'
import { Member } from './member.ts'
import { MfaRequired, PrimaryRequired } from './member_session.ts'
import { Organization } from './organization.ts'
import { component, jsonObject, timestamp } from './shape.ts'

const Membership = component(
  'api_discovery_v1_Membership',
  z.strictObject({
    type: z.enum([
      'active_member',
      'pending_member',
      'invited_member',
      'eligible_to_join_by_email_domain',
      'eligible_to_join_by_oauth_tenant',
    ]),
    details: jsonObject
      .nullable()
      .describe('The domain, or the provider and tenant, by which one is eligible to join.'),
    member: Member.nullable().describe('Null for who is only eligible to join.'),
  }),
)

export const DiscoveredOrganization = component(
  'api_discovery_v1_DiscoveredOrganization',
  z.strictObject({
    organization: Organization,
    membership: Membership,
    member_authenticated: z.boolean().describe('Whether what has been proven would do for a session.'),
    primary_required: PrimaryRequired.nullable(),
    mfa_required: MfaRequired.nullable(),
  }),
)

/** The organizations in a reply. */
export const discoveredShape = {
  email_address: z.string().describe('The address that was proven.'),
  discovered_organizations: z
    .array(DiscoveredOrganization)
    .describe('Members first (active, invited, pending), then where one may join; by name.'),
}

/** The reply of operations that start a discovery. */
export const discoveryShape = {
  ...discoveredShape,
  intermediate_session_token: z.string().describe('What the person goes on with; ten minutes, one session.'),
  intermediate_session_token_expires_at: timestamp,
}
