/** How discoveries are answered: where the person can go, and what they go on with. */
import type { App } from '../../domain/app.ts'
import type { Environment } from '../../domain/configuration/environment.ts'
import type { DiscoveredOrganization } from '../../domain/discovery/discovered.ts'
import type { Discovery } from '../../domain/discovery/start.ts'
import { rfc3339 } from '../../values/time.ts'
import { organizationToWire } from '../../wire/organization.ts'
import { memberInOrganization } from './member_reply.ts'

/** The wire form of the organizations of `discoveredShape`. */
export function discoveredOrganizations(app: App, environment: Environment, discovered: DiscoveredOrganization[]) {
  return discovered.map(({ organization, membership: { type, details, member }, primary_required, mfa_required }) => ({
    organization: organizationToWire(organization),
    membership: { type, details, member: member && memberInOrganization(app, environment, organization, member) },
    member_authenticated: primary_required === null && mfa_required === null,
    primary_required,
    mfa_required,
  }))
}

/** The reply fields of `discoveryShape`. */
export function discoveryReply(app: App, environment: Environment, discovery: Discovery) {
  const { email_address, intermediate_session_token, expires_at, discovered } = discovery
  return {
    email_address,
    discovered_organizations: discoveredOrganizations(app, environment, discovered),
    intermediate_session_token,
    intermediate_session_token_expires_at: rfc3339(expires_at),
  }
}
