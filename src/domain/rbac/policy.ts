/** RBAC policies: who may do what with which resource, set per environment (reference: management.md §10). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import { recordEvent } from '../events/event.ts'
import { listOwnRoles } from '../organizations/own_roles.ts'
import { changeConfiguration } from '../projects/environment.ts'
import type { Vertical } from '../projects/project.ts'
import { builtinResources, defaultRoles } from './builtin.ts'
import { selectPolicy, upsertPolicy } from './table.ts'
import { checkAgainstOrganizations, checkPolicy } from './validation.ts'

export type Permission = { resource_id: string; actions: string[] }
export type Resource = { resource_id: string; description: string; available_actions: string[] }
export type Role = { role_id: string; description: string; permissions: Permission[] }
export type Scope = { scope: string; description: string; permissions: Permission[] }

export type Policy = {
  /** Permissions of the default roles of the vertical, by role id. */
  default_roles: Record<string, { permissions: Permission[] }>
  custom_roles: Role[]
  custom_resources: Resource[]
  custom_scopes: Scope[]
}

/** A change: custom parts that are absent become empty, default roles that are absent stay. */
export type PolicyChange = Partial<Omit<Policy, 'default_roles'>> & {
  default_roles?: Record<string, { permissions: Permission[] } | undefined>
}

/** The policy of an environment, or the one every environment begins with. */
export async function loadPolicy(app: App, project_id: string, vertical: Vertical): Promise<Policy> {
  const stored = await selectPolicy(app.store, project_id)
  return stored ?? { default_roles: defaultsOf(vertical), custom_roles: [], custom_resources: [], custom_scopes: [] }
}

/** Replaces the custom parts and the default roles that are given; refuses what does not fit together, and stores nothing. */
export function setPolicy(app: App, project_id: string, vertical: Vertical, change: PolicyChange): Promise<Policy> {
  const default_roles: Policy['default_roles'] = {}
  for (const [role, permissions] of Object.entries(change.default_roles ?? {})) {
    if (permissions === undefined) continue
    if (!Object.hasOwn(defaultRoles[vertical], role)) {
      fail('invalid_role_for_vertical', `${role} does not exist for ${vertical} projects.`)
    }
    default_roles[role] = permissions
  }
  return changeConfiguration(app, project_id, async (app) => {
    const before = await loadPolicy(app, project_id, vertical)
    const policy: Policy = {
      default_roles: { ...before.default_roles, ...default_roles },
      custom_roles: change.custom_roles ?? [],
      custom_resources: change.custom_resources ?? [],
      custom_scopes: change.custom_scopes ?? [],
    }
    checkPolicy(policy, builtinResources(vertical))
    checkAgainstOrganizations(policy, builtinResources(vertical), await listOwnRoles(app, project_id))
    await upsertPolicy(app.store, project_id, policy)
    await recordEvent(app, project_id, 'rbac_policy.updated', project_id)
    return policy
  })
}

/** All roles of a policy, the default ones first. */
export function rolesOf(policy: Policy, vertical: Vertical): Role[] {
  const defaults = Object.entries(defaultRoles[vertical]).map(([role_id, { description }]) => ({
    role_id,
    description,
    permissions: policy.default_roles[role_id]?.permissions ?? [],
  }))
  return [...defaults, ...policy.custom_roles]
}

/** All resources of a policy, the platform's own first. */
export function resourcesOf(policy: Policy, vertical: Vertical): Resource[] {
  return [...builtinResources(vertical), ...policy.custom_resources]
}

function defaultsOf(vertical: Vertical): Policy['default_roles'] {
  return Object.fromEntries(
    Object.entries(defaultRoles[vertical]).map(([role_id, { permissions }]) => [role_id, { permissions }]),
  )
}
