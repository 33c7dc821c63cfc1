/** The settings of an organization: defaults, what requests may give, and what fits together (reference: b2b.md §5.1–5.3). */
import { type ErrorType, fail } from '../../errors.ts'
import type { JsonObject } from '../../values/json.ts'
import { isRole } from '../members/roles.ts'
import type { Policy } from '../rbac/policy.ts'
import { readDomain, readDomains } from './domains.ts'
import { authMethods, mfaMethods, type Organization, type OrganizationSettings } from './row.ts'

type Loose = 'sso_default_connection_id' | 'allowed_auth_methods' | 'allowed_mfa_methods'

/** Settings as requests give them: what is undefined stays, lists and maps replace the old ones as a whole. */
export type SettingsGiven = {
  [Name in Exclude<keyof OrganizationSettings, Loose>]?: OrganizationSettings[Name] | undefined
} & {
  /** Empty to unset. */
  sso_default_connection_id?: string | undefined
  allowed_auth_methods?: string[] | undefined
  allowed_mfa_methods?: string[] | undefined
}

const defaults: OrganizationSettings = {
  sso_default_connection_id: null,
  sso_jit_provisioning: 'ALL_ALLOWED',
  sso_jit_provisioning_allowed_connections: [],
  email_allowed_domains: [],
  email_jit_provisioning: 'NOT_ALLOWED',
  email_invites: 'ALL_ALLOWED',
  oauth_tenant_jit_provisioning: 'NOT_ALLOWED',
  allowed_oauth_tenants: {},
  auth_methods: 'ALL_ALLOWED',
  allowed_auth_methods: [],
  mfa_policy: 'OPTIONAL',
  mfa_methods: 'ALL_ALLOWED',
  allowed_mfa_methods: [],
  rbac_email_implicit_role_assignments: [],
  claimed_email_domains: [],
  first_party_connected_apps_allowed_type: 'ALL_ALLOWED',
  allowed_first_party_connected_apps: [],
  third_party_connected_apps_allowed_type: 'ALL_ALLOWED',
  allowed_third_party_connected_apps: [],
}

/** Who sets any of these up wants to decide who comes in, so invitations are off unless they are set, too. */
const authSettings = [
  'sso_jit_provisioning',
  'email_allowed_domains',
  'email_jit_provisioning',
  'email_invites',
  'auth_methods',
  'allowed_auth_methods',
  'mfa_policy',
  'mfa_methods',
  'allowed_mfa_methods',
  'oauth_tenant_jit_provisioning',
  'allowed_oauth_tenants',
] as const satisfies (keyof OrganizationSettings)[]

const oauthTenantProviders = ['slack', 'hubspot', 'github']
const mostEntries = 100
const longestEntry = 128

/** The settings of a new organization, which may have own roles. Refuses like `changedSettings`. */
export function newSettings(
  policy: Policy,
  given: SettingsGiven,
  custom_roles: Organization['custom_roles'] = [],
): OrganizationSettings {
  const decided = authSettings.some((name) => given[name] !== undefined)
  const email_invites = decided ? 'NOT_ALLOWED' : 'ALL_ALLOWED'
  return changedSettings(policy, { settings: { ...defaults, email_invites }, custom_roles }, given)
}

/**
 * The settings of an organization with what is given put in their place. Refuses values that are none, roles that no
 * policy defines, connections that do not exist, and what does not fit together.
 */
export function changedSettings(
  policy: Policy,
  { settings, custom_roles }: Pick<Organization, 'settings' | 'custom_roles'>,
  given: SettingsGiven,
): OrganizationSettings {
  const { sso_default_connection_id: connection, ...rest } = given
  const present = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Omit<
    Partial<OrganizationSettings>,
    Loose
  >
  if (connection) fail('invalid_sso_default_connection_id')
  if (given.sso_jit_provisioning_allowed_connections?.length) fail('invalid_connection_for_jit_provisioning')
  const next: OrganizationSettings = {
    ...settings,
    ...present,
    ...(connection === undefined ? {} : { sso_default_connection_id: null }),
    ...readLists(given),
  }
  if (given.rbac_email_implicit_role_assignments) {
    next.rbac_email_implicit_role_assignments = readImplicitRoles(
      policy,
      { custom_roles },
      given.rbac_email_implicit_role_assignments,
    )
  }
  checkTogether(next)
  return next
}

/** The lists and maps that are given, as they are kept. */
function readLists(given: SettingsGiven): Partial<OrganizationSettings> {
  const { allowed_auth_methods, allowed_mfa_methods, allowed_oauth_tenants } = given
  const { email_allowed_domains, claimed_email_domains } = given
  return {
    ...(email_allowed_domains && {
      email_allowed_domains: readDomains(email_allowed_domains, {
        invalid: 'organization_settings_invalid_domain',
        too_common: 'organization_settings_domain_too_common',
        duplicate: 'organization_settings_duplicate_domain',
      }),
    }),
    ...(claimed_email_domains && {
      claimed_email_domains: readDomains(claimed_email_domains, {
        invalid: 'organization_settings_invalid_claimed_domain',
        too_common: 'organization_settings_claimed_domain_too_common',
        duplicate: 'organization_settings_duplicate_claimed_domain',
      }),
    }),
    ...(allowed_auth_methods && {
      allowed_auth_methods: readMethods(
        authMethods,
        allowed_auth_methods,
        'allowed_auth_methods',
        'invalid_organization_allowed_auth_methods',
      ),
    }),
    ...(allowed_mfa_methods && {
      allowed_mfa_methods: readMethods(
        mfaMethods,
        allowed_mfa_methods,
        'allowed_mfa_methods',
        'invalid_organization_allowed_mfa_methods',
      ),
    }),
    ...(allowed_oauth_tenants && { allowed_oauth_tenants: readTenants(allowed_oauth_tenants) }),
    ...readApps(given, 'allowed_first_party_connected_apps'),
    ...readApps(given, 'allowed_third_party_connected_apps'),
  }
}

function readMethods<Method extends string>(
  known: readonly Method[],
  given: string[],
  field: string,
  invalid: ErrorType,
): Method[] {
  const isKnown = (text: string): text is Method => known.some((method) => method === text)
  for (const text of given) {
    if (!isKnown(text)) fail(invalid, `${field}: "${text.slice(0, 64)}" is none of ${known.join(', ')}.`)
  }
  return [...new Set(given.filter(isKnown))]
}

function readTenants(given: JsonObject): JsonObject {
  const entries = Object.entries(given).filter(([, tenants]) => tenants !== null)
  for (const [provider, tenants] of entries) {
    if (!oauthTenantProviders.includes(provider)) fail('invalid_oauth_allowed_tenants_format')
    if (!Array.isArray(tenants) || tenants.length > mostEntries) fail('invalid_oauth_allowed_tenants_format')
    if (!tenants.every((tenant) => typeof tenant === 'string' && tenant !== '' && tenant.length <= longestEntry)) {
      fail('invalid_oauth_allowed_tenants_format')
    }
  }
  return Object.fromEntries(entries)
}

function readApps(
  given: SettingsGiven,
  field: 'allowed_first_party_connected_apps' | 'allowed_third_party_connected_apps',
): Partial<OrganizationSettings> {
  const apps = given[field]
  if (!apps) return {}
  if (apps.length > mostEntries || apps.some((app) => app === '' || app.length > longestEntry)) {
    fail('bad_request', `${field}: at most ${mostEntries} client ids of at most ${longestEntry} characters.`)
  }
  return { [field]: [...new Set(apps)] }
}

function readImplicitRoles(
  policy: Policy,
  organization: Pick<Organization, 'custom_roles'>,
  given: OrganizationSettings['rbac_email_implicit_role_assignments'],
): OrganizationSettings['rbac_email_implicit_role_assignments'] {
  if (given.length > mostEntries) fail('too_many_domains')
  const read = given.map(({ domain, role_id }) => {
    if (!isRole(policy, organization, role_id)) {
      fail('invalid_rbac_role_assignment', `"${role_id.slice(0, 128)}" is not a role of the project or organization.`)
    }
    return {
      domain: readDomain(domain, { invalid: 'rbac_invalid_domain', too_common: 'rbac_domain_too_common' }),
      role_id,
    }
  })
  return read.filter(
    ({ domain, role_id }, index) =>
      read.findIndex((other) => other.domain === domain && other.role_id === role_id) === index,
  )
}

/** Refuses settings that contradict each other. */
function checkTogether(settings: OrganizationSettings): void {
  const { sso_jit_provisioning, email_jit_provisioning, email_invites } = settings
  if ([sso_jit_provisioning, email_jit_provisioning, email_invites].every((openness) => openness === 'NOT_ALLOWED')) {
    fail('invalid_organization_auth_factor_setting')
  }
  if (sso_jit_provisioning === 'RESTRICTED' && settings.sso_jit_provisioning_allowed_connections.length === 0) {
    fail('invalid_restricted_sso_setting')
  }
  const byDomain = email_jit_provisioning === 'RESTRICTED' || email_invites === 'RESTRICTED'
  if (byDomain && settings.email_allowed_domains.length === 0) fail('invalid_restricted_email_setting')
  const tenants = Object.values(settings.allowed_oauth_tenants).flat()
  if (settings.oauth_tenant_jit_provisioning === 'RESTRICTED' && tenants.length === 0) {
    fail('invalid_restricted_oauth_tenants_setting')
  }
  if (settings.auth_methods === 'RESTRICTED' && settings.allowed_auth_methods.length === 0) {
    fail('allowed_auth_methods_required_for_restricted')
  }
  if (settings.mfa_methods === 'RESTRICTED' && settings.allowed_mfa_methods.length === 0) {
    fail('allowed_mfa_methods_required_for_restricted')
  }
}
