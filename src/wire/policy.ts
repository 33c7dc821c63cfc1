/** RBAC policies as backends read them. */
import { z } from 'zod'
import type { Policy as PolicyRecord, Resource, Role } from '../domain/rbac/policy.ts'
import { component } from './shape.ts'

const permission = { resource_id: z.string(), actions: z.array(z.string()) }

export const Policy = component(
  'api_consumer_rbac_v1_Policy',
  z.strictObject({
    roles: z.array(
      component(
        'api_consumer_rbac_v1_PolicyRole',
        z.strictObject({
          role_id: z.string(),
          description: z.string(),
          permissions: z.array(component('api_consumer_rbac_v1_PolicyRolePermission', z.strictObject(permission))),
        }),
      ),
    ),
    resources: z.array(
      component(
        'api_consumer_rbac_v1_PolicyResource',
        z.strictObject({ resource_id: z.string(), description: z.string(), actions: z.array(z.string()) }),
      ),
    ),
    scopes: z.array(
      component(
        'api_consumer_rbac_v1_PolicyScope',
        z.strictObject({
          scope: z.string(),
          description: z.string(),
          permissions: z.array(component('api_consumer_rbac_v1_PolicyScopePermission', z.strictObject(permission))),
        }),
      ),
    ),
  }),
)

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
