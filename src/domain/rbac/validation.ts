/** What a policy must satisfy before it is stored. */
import { type ErrorType, fail } from '../../errors.ts'
import { presentAction } from './builtin.ts'
import type { Permission, Policy, Resource, Role } from './policy.ts'

const longestName = 128
const longestDescription = 500
const reservedScopes = new Set(['openid', 'profile', 'email', 'phone', 'offline_access', 'full_access'])

/** Refuses the first rule that the policy breaks; the sentence names the offender. */
export function checkPolicy(policy: Policy, builtin: Resource[]): void {
  const { custom_resources, custom_roles, custom_scopes, default_roles } = policy

  distinct(
    custom_resources.map(({ resource_id }) => resource_id),
    'rbac_resource_duplicate',
  )
  for (const { resource_id, description, available_actions } of custom_resources) {
    checkName(resource_id, 'empty_rbac_resource_id', 'rbac_resource_id_too_long')
    if (resource_id.startsWith('stytch'))
      fail('invalid_stytch_prefixed_resource', about(resource_id, 'starts with "stytch".'))
    checkDescription(resource_id, description)
    if (available_actions.length === 0)
      fail('rbac_resource_missing_actions', about(resource_id, 'has no available action.'))
    if (available_actions.includes('*')) fail('invalid_wildcard_action', about(resource_id, 'lists "*" as an action.'))
    checkActions(resource_id, available_actions)
  }

  const resources = resourcesById(policy, builtin)
  for (const { permissions } of Object.values(default_roles)) checkPermissions(permissions, resources)

  distinct(
    custom_roles.map(({ role_id }) => role_id),
    'rbac_role_duplicate',
  )
  for (const { role_id, description, permissions } of custom_roles) {
    checkName(role_id, 'empty_rbac_role_id', 'rbac_role_id_too_long')
    if (role_id.startsWith('stytch')) fail('invalid_stytch_prefixed_resource', about(role_id, 'starts with "stytch".'))
    checkDescription(role_id, description)
    checkPermissions(permissions, resources)
  }

  distinct(
    custom_scopes.map(({ scope }) => scope),
    'rbac_scope_duplicate',
  )
  for (const { scope, description, permissions } of custom_scopes) {
    checkName(scope, 'empty_rbac_scope', 'rbac_scope_too_long')
    if (reservedScopes.has(scope)) fail('rbac_reserved_scope', about(scope, 'is a reserved scope.'))
    checkDescription(scope, description)
    checkPermissions(permissions, resources)
  }
}

const mostOrganizationRoles = 100

/** The same for the roles of an organization, which are defined beside the policy and in its terms. */
export function checkOrganizationRoles(policy: Policy, builtin: Resource[], roles: Role[]): void {
  if (roles.length > mostOrganizationRoles) fail('too_many_roles')
  distinct(
    roles.map(({ role_id }) => role_id),
    'rbac_role_duplicate',
  )
  const resources = resourcesById(policy, builtin)
  for (const { role_id, description, permissions } of roles) {
    checkName(role_id, 'empty_rbac_role_id', 'rbac_role_id_too_long')
    refuseTaken(policy, role_id)
    if (role_id.startsWith('stytch')) fail('rbac_org_custom_roles_only', about(role_id, 'starts with "stytch".'))
    checkDescription(role_id, description)
    checkPermissions(permissions, resources)
  }
}

/**
 * Refuses a policy that lacks what roles of organizations build on, or that defines one of these roles itself: its holders
 * would have more permissions all at once.
 */
export function checkAgainstOrganizations(policy: Policy, builtin: Resource[], roles: Role[]): void {
  const resources = resourcesById(policy, builtin)
  for (const { role_id, permissions } of roles) {
    refuseTaken(policy, role_id)
    for (const { resource_id, actions } of permissions) {
      const resource = resources.get(resource_id)
      const unknown = resource ? unknownAction(resource, actions) : resource_id
      if (unknown !== undefined) fail('rbac_cannot_delete_attribute_used_in_org_policy', about(unknown, inUse(role_id)))
    }
  }
}

function inUse(role_id: string): string {
  return `is used by the role "${role_id}" of an organization.`
}

function refuseTaken({ default_roles, custom_roles }: Policy, role_id: string): void {
  if (Object.hasOwn(default_roles, role_id) || custom_roles.some((role) => role.role_id === role_id)) {
    fail('rbac_role_duplicate', about(role_id, 'is defined by the project and by an organization.'))
  }
}

function resourcesById({ custom_resources }: Policy, builtin: Resource[]): Map<string, Resource> {
  return new Map([...builtin, ...custom_resources].map((resource) => [resource.resource_id, resource]))
}

function unknownAction({ resource_id, available_actions }: Resource, actions: string[]): string | undefined {
  const available = new Set(available_actions)
  return actions.find((action) => action !== '*' && !available.has(presentAction(resource_id, action)))
}

function checkPermissions(permissions: Permission[], resources: Map<string, Resource>): void {
  for (const { resource_id, actions } of permissions) {
    const resource = resources.get(resource_id)
    if (!resource) fail('invalid_permission_resource', about(resource_id, 'is not a resource of the policy.'))
    if (actions.length === 0) fail('rbac_permission_missing_actions', about(resource_id, 'is granted without actions.'))
    if (actions.includes('*') && actions.length > 1) fail('cannot_specify_wildcard_with_other_actions')
    checkActions(resource_id, actions)
    const unknown = unknownAction(resource, actions)
    if (unknown !== undefined) fail('invalid_permission_action', about(unknown, `is not an action of ${resource_id}.`))
  }
}

function checkActions(resource_id: string, actions: string[]): void {
  distinct(actions, 'rbac_action_duplicate')
  for (const action of actions) {
    if (action === '') fail('bad_request', about(resource_id, 'has an empty action.'))
    if (action.length > longestName) fail('rbac_action_too_long')
  }
}

function checkName(name: string, empty: ErrorType, tooLong: ErrorType): void {
  if (name === '') fail(empty)
  if (name.length > longestName) fail(tooLong)
}

function checkDescription(name: string, description: string): void {
  if (description.length > longestDescription)
    fail('rbac_description_too_long', about(name, 'has too long a description.'))
}

function distinct(names: string[], duplicate: ErrorType): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) fail(duplicate, about(name, 'appears twice.'))
    seen.add(name)
  }
}

/** Names the offender without letting a long one flood the sentence. */
function about(name: string, sentence: string): string {
  return `"${name.slice(0, longestName)}" ${sentence}`
}
