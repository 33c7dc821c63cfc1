/** The Organization object, and its settings as requests give them. */
import { z } from 'zod'
import type { Organization as OrganizationRecord } from '../domain/organizations/row.ts'
import { rfc3339 } from '../values/time.ts'
import { component, jsonObject, maybe, refusals, timestamp } from './shape.ts'

const openness = ['ALL_ALLOWED', 'RESTRICTED', 'NOT_ALLOWED'] as const
const restrictable = ['ALL_ALLOWED', 'RESTRICTED'] as const
const byRestriction = ['RESTRICTED', 'NOT_ALLOWED'] as const
const mfaPolicies = ['OPTIONAL', 'REQUIRED_FOR_ALL'] as const

const implicitRole = { domain: z.string(), role_id: z.string() }
const EmailImplicitRoleAssignment = component(
  'api_organization_v1_EmailImplicitRoleAssignment',
  z.strictObject(implicitRole),
)
const CustomRole = component(
  'api_organization_v1_CustomRole',
  z.strictObject({
    role_id: z.string(),
    description: z.string(),
    permissions: z.array(
      component(
        'api_organization_v1_CustomRolePermission',
        z.strictObject({ resource_id: z.string(), actions: z.array(z.string()) }),
      ),
    ),
  }),
)
const ActiveSsoConnection = component(
  'api_organization_v1_ActiveSSOConnection',
  z.strictObject({ connection_id: z.string(), display_name: z.string(), identity_provider: z.string() }),
)
const ActiveScimConnection = component(
  'api_organization_v1_ActiveSCIMConnection',
  z.strictObject({
    connection_id: z.string(),
    display_name: z.string(),
    bearer_token_last_four: z.string(),
    bearer_token_expires_at: timestamp.optional(),
  }),
)

export const Organization = component(
  'api_organization_v1_Organization',
  z.strictObject({
    organization_id: z.string(),
    organization_name: z.string(),
    organization_slug: z.string().describe('Unique in the project without regard to case.'),
    organization_logo_url: z.string().describe('Empty when unset.'),
    organization_external_id: z.string().nullable().describe("The caller's own id; accepted wherever an id is."),
    trusted_metadata: jsonObject.describe('Metadata that only the backend can write.'),
    sso_default_connection_id: z.string().nullable(),
    sso_jit_provisioning: z.enum(openness).describe('Whether an SSO login can make somebody a member.'),
    sso_jit_provisioning_allowed_connections: z.array(z.string()),
    sso_active_connections: z.array(ActiveSsoConnection),
    scim_active_connection: ActiveScimConnection.nullable(),
    email_allowed_domains: z.array(z.string()).describe('The domains that RESTRICTED email settings let in.'),
    email_jit_provisioning: z.enum(byRestriction).describe('Whether a proven address can make somebody a member.'),
    email_invites: z.enum(openness).describe('Who can be invited.'),
    oauth_tenant_jit_provisioning: z.enum(byRestriction),
    allowed_oauth_tenants: jsonObject.describe('Lists of tenants by provider: slack, hubspot, github.'),
    claimed_email_domains: z.array(z.string()).describe('Addresses in them can be members here only.'),
    auth_methods: z.enum(restrictable),
    allowed_auth_methods: z.array(z.string()).describe('The methods that count when auth_methods is RESTRICTED.'),
    mfa_policy: z.enum(mfaPolicies).describe('Whether every member needs a second factor.'),
    mfa_methods: z.enum(restrictable),
    allowed_mfa_methods: z.array(z.string()).describe('The methods that count when mfa_methods is RESTRICTED.'),
    rbac_email_implicit_role_assignments: z
      .array(EmailImplicitRoleAssignment)
      .describe('Roles that members with a verified address in a domain hold.'),
    first_party_connected_apps_allowed_type: z.enum(openness),
    allowed_first_party_connected_apps: z.array(z.string()),
    third_party_connected_apps_allowed_type: z.enum(openness),
    allowed_third_party_connected_apps: z.array(z.string()),
    custom_roles: z.array(CustomRole).describe('The roles of the organization itself, beside those of the project.'),
    created_at: timestamp,
    updated_at: timestamp,
  }),
)

/** The wire form of an organization. */
export function organizationToWire(organization: OrganizationRecord): z.input<typeof Organization> {
  return {
    organization_id: organization.organization_id,
    organization_name: organization.organization_name,
    organization_slug: organization.organization_slug,
    organization_logo_url: organization.organization_logo_url,
    organization_external_id: organization.organization_external_id,
    trusted_metadata: organization.trusted_metadata,
    sso_active_connections: [],
    scim_active_connection: null,
    ...organization.settings,
    custom_roles: organization.custom_roles,
    created_at: rfc3339(organization.created_at),
    updated_at: rfc3339(organization.updated_at),
  }
}

/** The name of a new organization. */
export const organizationName = z.string().describe('1 to 128 characters.')
refusals.add(organizationName, { type: 'organization_name_missing' })

/** The fields that creating and updating an organization share; `request` is the stem of the published components. */
export function organizationGiven(request: string) {
  const connectedApps = (party: string) =>
    component(`${request}Request${party}PartyConnectedAppsAllowedType`, z.enum(openness))
  const methods = (type: 'invalid_organization_allowed_auth_methods' | 'invalid_organization_allowed_mfa_methods') =>
    maybe(z.array(z.string()), type)
  return {
    organization_slug: maybe(z.string()).describe('2 to 128 of A-Z a-z 0-9 - . _ ~, unique without regard to case.'),
    organization_logo_url: maybe(z.string()),
    organization_external_id: maybe(z.string()).describe(
      'Your own id: 1 to 128 of A-Z a-z 0-9 . _ - |, unique in the project.',
    ),
    trusted_metadata: maybe(jsonObject, 'metadata_invalid_format'),
    sso_jit_provisioning: maybe(z.enum(openness)),
    email_allowed_domains: maybe(z.array(z.string())).describe('At most 100 domains, none of a consumer provider.'),
    email_jit_provisioning: maybe(z.enum(byRestriction)),
    email_invites: maybe(z.enum(openness)),
    auth_methods: maybe(z.enum(restrictable)),
    allowed_auth_methods: methods('invalid_organization_allowed_auth_methods'),
    mfa_policy: maybe(z.enum(mfaPolicies), 'invalid_organization_mfa_policy'),
    mfa_methods: maybe(z.enum(restrictable), 'invalid_organization_mfa_factor_setting'),
    allowed_mfa_methods: methods('invalid_organization_allowed_mfa_methods'),
    rbac_email_implicit_role_assignments: maybe(z.array(z.object(implicitRole))),
    oauth_tenant_jit_provisioning: maybe(z.enum(byRestriction)),
    allowed_oauth_tenants: maybe(jsonObject, 'invalid_oauth_allowed_tenants_format'),
    claimed_email_domains: maybe(z.array(z.string())),
    first_party_connected_apps_allowed_type: maybe(connectedApps('First')),
    allowed_first_party_connected_apps: maybe(z.array(z.string())),
    third_party_connected_apps_allowed_type: maybe(connectedApps('Third')),
    allowed_third_party_connected_apps: maybe(z.array(z.string())),
  }
}
