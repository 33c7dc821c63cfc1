/** What members need to hold to change or delete their organization by themselves (reference: b2b.md §7.7.5). */
import type { MemberPermission } from '../rbac/acting.ts'

const settings = 'update.settings'
const sso = `${settings}.sso-jit-provisioning`
const authMethods = `${settings}.allowed-auth-methods`
const mfaMethods = `${settings}.allowed-mfa-methods`
const tenants = `${settings}.allowed-oauth-tenants`
const firstPartyApps = `${settings}.allowed-first-party-connected-apps`
const thirdPartyApps = `${settings}.allowed-third-party-connected-apps`
/** For what no action is published for: all of them. */
const everything = '*'

/** Each field of an update needs its own action. Trusted metadata is not for members, whatever they hold. */
export const updatePermission: MemberPermission = {
  resource: 'stytch.organization',
  fields: {
    organization_name: 'update.info.name',
    organization_slug: 'update.info.slug',
    organization_logo_url: 'update.info.logo-url',
    organization_external_id: everything,
    sso_default_connection_id: `${settings}.default-sso-connection`,
    sso_jit_provisioning: sso,
    sso_jit_provisioning_allowed_connections: sso,
    email_allowed_domains: `${settings}.allowed-domains`,
    email_jit_provisioning: `${settings}.email-jit-provisioning`,
    email_invites: `${settings}.email-invites`,
    auth_methods: authMethods,
    allowed_auth_methods: authMethods,
    mfa_policy: `${settings}.mfa-policy`,
    mfa_methods: mfaMethods,
    allowed_mfa_methods: mfaMethods,
    rbac_email_implicit_role_assignments: `${settings}.implicit-roles`,
    oauth_tenant_jit_provisioning: `${settings}.oauth-tenant-jit-provisioning`,
    allowed_oauth_tenants: tenants,
    claimed_email_domains: everything,
    first_party_connected_apps_allowed_type: firstPartyApps,
    allowed_first_party_connected_apps: firstPartyApps,
    third_party_connected_apps_allowed_type: thirdPartyApps,
    allowed_third_party_connected_apps: thirdPartyApps,
  },
}

export const deletePermission: MemberPermission = { resource: 'stytch.organization', action: 'delete' }

export const deleteExternalIdPermission: MemberPermission = { resource: 'stytch.organization', action: everything }
