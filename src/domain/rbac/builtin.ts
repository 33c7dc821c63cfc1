/** What every policy contains from the start: the resources of the platform and the permissions of the default roles. */
import type { Vertical } from '../projects/project.ts'
import type { Permission, Resource } from './policy.ts'

const memberDetails = [
  'update.info.name',
  'update.info.untrusted-metadata',
  'update.info.mfa-phone',
  'update.info.email',
  'update.info.delete.mfa-phone',
  'update.info.delete.mfa-totp',
  'update.info.delete.password',
  'update.info.unlink.retired-email',
]
const crud = ['create', 'get', 'update', 'delete']

/** Resources of B2B projects (reference: management.md §10). */
const b2bResources: Resource[] = [
  {
    resource_id: 'stytch.organization',
    description: 'The organization itself: its details and its settings.',
    available_actions: [
      'delete',
      'update.info.name',
      'update.info.slug',
      'update.info.untrusted-metadata',
      'update.info.logo-url',
      'update.settings.default-sso-connection',
      'update.settings.sso-jit-provisioning',
      'update.settings.allowed-domains',
      'update.settings.email-jit-provisioning',
      'update.settings.email-invites',
      'update.settings.mfa-policy',
      'update.settings.implicit-roles',
      'update.settings.allowed-auth-methods',
      'update.settings.allowed-mfa-methods',
      'update.settings.oauth-tenant-jit-provisioning',
      'update.settings.allowed-oauth-tenants',
      'update.settings.allowed-first-party-connected-apps',
      'update.settings.allowed-third-party-connected-apps',
    ],
  },
  {
    resource_id: 'stytch.member',
    description: 'Every member of the organization.',
    available_actions: [
      'create',
      'search',
      'delete',
      ...memberDetails,
      'update.settings.is-breakglass',
      'update.settings.mfa-enrolled',
      'update.settings.roles',
      'update.settings.default-mfa-method',
      'get.connected-apps',
      'revoke.connected-app',
      'revoke-sessions',
    ],
  },
  {
    resource_id: 'stytch.self',
    description: 'The member who makes the call.',
    available_actions: [
      'delete',
      ...memberDetails,
      'update.settings.mfa-enrolled',
      'update.settings.default-mfa-method',
      'get.connected-apps',
      'revoke.connected-app',
      'revoke-sessions',
    ],
  },
  { resource_id: 'stytch.sso', description: 'The SSO connections of the organization.', available_actions: crud },
  { resource_id: 'stytch.scim', description: 'The SCIM connections of the organization.', available_actions: crud },
  {
    resource_id: 'stytch.custom-org-roles',
    description: 'The roles that the organization defines for itself.',
    available_actions: crud,
  },
]

/** The platform's own resources; consumer projects have none. */
export function builtinResources(vertical: Vertical): Resource[] {
  return vertical === 'B2B' ? b2bResources : []
}

const settings = new Set(
  b2bResources
    .filter(({ resource_id }) => resource_id === 'stytch.organization')
    .flatMap(({ available_actions }) => available_actions)
    .filter((action) => action.startsWith('update.settings.')),
)

/**
 * The present name of an action. The platform's own actions have older spellings that must still count, with underscores
 * and with settings of the organization filed under `update.info`; custom actions are what they are.
 */
export function presentAction(resource_id: string, action: string): string {
  if (!resource_id.startsWith('stytch.')) return action
  const hyphenated = action.replaceAll('_', '-')
  const setting = hyphenated.replace(/^update\.info\./, 'update.settings.')
  return resource_id === 'stytch.organization' && settings.has(setting) ? setting : hyphenated
}

const ownActions = b2bResources.find(({ resource_id }) => resource_id === 'stytch.self')?.available_actions ?? []

/** The default roles of each vertical with what they may do until somebody changes it. */
export const defaultRoles: Record<Vertical, Record<string, { description: string; permissions: Permission[] }>> = {
  CONSUMER: { stytch_user: { description: 'Held by every user.', permissions: [] } },
  B2B: {
    stytch_member: {
      description: 'Held by every member of an organization.',
      permissions: [{ resource_id: 'stytch.self', actions: ownActions }],
    },
    stytch_admin: {
      description: 'Administers an organization.',
      permissions: ['stytch.organization', 'stytch.member', 'stytch.sso', 'stytch.scim'].map((resource_id) => ({
        resource_id,
        actions: ['*'],
      })),
    },
  },
}
