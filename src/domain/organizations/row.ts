/** Organizations, and how one is written as a single row (reference: b2b.md §5.1). */
import type { JsonObject } from '../../values/json.ts'
import type { Role } from '../rbac/policy.ts'

/** The primary methods that an organization can restrict itself to, in the order they are shown. */
export const authMethods = [
  'sso',
  'magic_link',
  'email_otp',
  'password',
  'google_oauth',
  'microsoft_oauth',
  'slack_oauth',
  'github_oauth',
  'hubspot_oauth',
] as const
export type AuthMethod = (typeof authMethods)[number]

export const mfaMethods = ['sms_otp', 'totp'] as const
export type MfaMethod = (typeof mfaMethods)[number]

export type Openness = 'ALL_ALLOWED' | 'RESTRICTED' | 'NOT_ALLOWED'

/** Who may sign in and join, and how. Domains are in lower case. */
export type OrganizationSettings = {
  sso_default_connection_id: string | null
  sso_jit_provisioning: Openness
  sso_jit_provisioning_allowed_connections: string[]
  email_allowed_domains: string[]
  email_jit_provisioning: 'RESTRICTED' | 'NOT_ALLOWED'
  email_invites: Openness
  oauth_tenant_jit_provisioning: 'RESTRICTED' | 'NOT_ALLOWED'
  allowed_oauth_tenants: JsonObject
  auth_methods: 'ALL_ALLOWED' | 'RESTRICTED'
  allowed_auth_methods: AuthMethod[]
  mfa_policy: 'OPTIONAL' | 'REQUIRED_FOR_ALL'
  mfa_methods: 'ALL_ALLOWED' | 'RESTRICTED'
  allowed_mfa_methods: MfaMethod[]
  rbac_email_implicit_role_assignments: { domain: string; role_id: string }[]
  claimed_email_domains: string[]
  first_party_connected_apps_allowed_type: Openness
  allowed_first_party_connected_apps: string[]
  third_party_connected_apps_allowed_type: Openness
  allowed_third_party_connected_apps: string[]
}

export type Organization = {
  project_id: string
  organization_id: string
  organization_name: string
  /** As it was given; found and kept unique without regard to case. */
  organization_slug: string
  organization_external_id: string | null
  organization_logo_url: string
  settings: OrganizationSettings
  /** The organization's own roles, beside those of the project. */
  custom_roles: Role[]
  trusted_metadata: JsonObject
  created_at: number
  updated_at: number
  /** Counts the writes, so that one made on an outdated reading is noticed. */
  version: number
}

export type OrganizationRow = Omit<Organization, 'settings' | 'custom_roles' | 'trusted_metadata'> & {
  settings: string
  custom_roles: string
  trusted_metadata: string
  /** The name in lower case as search looks at it. */
  name_search: string
}

/** The columns of an organization. */
export const organizationColumns = [
  'project_id',
  'organization_id',
  'organization_name',
  'organization_slug',
  'organization_external_id',
  'organization_logo_url',
  'settings',
  'custom_roles',
  'trusted_metadata',
  'name_search',
  'created_at',
  'updated_at',
  'version',
] as const satisfies (keyof OrganizationRow)[]

/** The organization of a row. */
export function toOrganization({ name_search: _, ...row }: OrganizationRow): Organization {
  return {
    ...row,
    settings: JSON.parse(row.settings) as OrganizationSettings,
    custom_roles: JSON.parse(row.custom_roles) as Role[],
    trusted_metadata: JSON.parse(row.trusted_metadata) as JsonObject,
  }
}

/** The row of an organization. */
export function toRow(organization: Organization): OrganizationRow {
  return {
    ...organization,
    settings: JSON.stringify(organization.settings),
    custom_roles: JSON.stringify(organization.custom_roles),
    trusted_metadata: JSON.stringify(organization.trusted_metadata),
    name_search: organization.organization_name.toLowerCase(),
  }
}
