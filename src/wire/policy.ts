/** RBAC policies as backends read them. */
import { z } from 'zod'
import type { Policy as PolicyRecord, Resource, Role } from '../domain/rbac/policy.ts'
import { rolesGiven } from './rbac_policy.ts'
import { component } from './shape.ts'

const permission = { resource_id: z.string(), actions: z.array(z.string()) }

/** The parts of a policy under the names of an audience's components. */
function shapesOf(stem: string) {
  const Role = component(
    `${stem}_PolicyRole`,
    z.strictObject({
      role_id: z.string(),
      description: z.string(),
      permissions: z.array(component(`${stem}_PolicyRolePermission`, z.strictObject(permission))),
    }),
  )
  const Resource = component(
    `${stem}_PolicyResource`,
    z.strictObject({ resource_id: z.string(), description: z.string(), actions: z.array(z.string()) }),
  )
  const Scope = component(
    `${stem}_PolicyScope`,
    z.strictObject({
      scope: z.string(),
      description: z.string(),
      permissions: z.array(component(`${stem}_PolicyScopePermission`, z.strictObject(permission))),
    }),
  )
  const Policy = component(
    `${stem}_Policy`,
    z.strictObject({ roles: z.array(Role), resources: z.array(Resource), scopes: z.array(Scope) }),
  )
  return { Role, Policy }
}

export const { Policy } = shapesOf('api_consumer_rbac_v1')
const b2b = shapesOf('api_b2b_rbac_v1')
export const B2bPolicy = b2b.Policy

/** The roles of an organization itself, as replies show them. */
export const OrgPolicy = component('api_b2b_rbac_v1_OrgPolicy', z.strictObject({ roles: z.array(b2b.Role) }))

/** The same as requests give them. */
export const OrgPolicyGiven = z.object({ roles: rolesGiven })

/** The wire form of a policy with all its roles and resources, the default ones included. */
export function policyToWire(policy: PolicyRecord, roles: Role[], resources: Resource[]): z.input<typeof Policy> {
  return {
    roles,
    resources: resources.map(({ resource_id, description, available_actions }) => ({
      resource_id,
      description,
      actions: available_actions,
    })),
    scopes: policy.custom_scopes,
  }
}
