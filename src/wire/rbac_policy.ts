/** RBAC policies as operators read and write them. */
import { z } from 'zod'
import type { Policy as PolicyRecord, Resource as ResourceRecord } from '../domain/rbac/policy.ts'
import { component, maybe } from './shape.ts'

const Permission = component(
  'pwa_rbac_v3_Permission',
  z.strictObject({ resource_id: z.string(), actions: z.array(z.string()) }),
)
const permissions = z.array(Permission)
const Resource = component(
  'pwa_rbac_v3_Resource',
  z.strictObject({ resource_id: z.string(), description: z.string(), available_actions: z.array(z.string()) }),
)
const DefaultRole = component('pwa_rbac_v3_DefaultRole', z.strictObject({ permissions }))
const Role = component(
  'pwa_rbac_v3_Role',
  z.strictObject({ role_id: z.string(), description: z.string(), permissions }),
)
const Scope = component(
  'pwa_rbac_v3_Scope',
  z.strictObject({ scope: z.string(), description: z.string(), permissions }),
)

export const RbacPolicy = component(
  'pwa_rbac_v3_Policy',
  z.strictObject({
    stytch_resources: z.array(Resource).describe("The platform's own resources."),
    custom_roles: z.array(Role),
    custom_resources: z.array(Resource),
    custom_scopes: z.array(Scope),
    stytch_member: DefaultRole.optional().describe('Held by every member; B2B projects only.'),
    stytch_admin: DefaultRole.optional().describe('Held by administrators of an organization; B2B projects only.'),
    stytch_user: DefaultRole.optional().describe('Held by every user; consumer projects only.'),
  }),
)

/** The wire form of a policy, whose default roles are those of its vertical, with the platform's own resources. */
export function rbacPolicyToWire(
  { custom_roles, custom_resources, custom_scopes, default_roles }: PolicyRecord,
  stytch_resources: ResourceRecord[],
): z.input<typeof RbacPolicy> {
  return { stytch_resources, custom_roles, custom_resources, custom_scopes, ...default_roles }
}

// Clients that leave empty values out must be understood: a missing list is empty, and so is a missing description.
const list = <T extends z.ZodType>(item: T) => maybe(z.array(item)).transform((items) => items ?? [])
const description = maybe(z.string()).transform((text) => text ?? '')
const permissionsGiven = list(z.object({ resource_id: z.string(), actions: list(z.string()) }))
const defaultRoleGiven = maybe(z.object({ permissions: permissionsGiven })).describe('Stays as it is when absent.')

/** Roles as requests give them. */
export const rolesGiven = z.array(z.object({ role_id: z.string(), description, permissions: permissionsGiven }))

/** A policy as requests give it. */
export const policyGiven = {
  stytch_member: defaultRoleGiven,
  stytch_admin: defaultRoleGiven,
  stytch_user: defaultRoleGiven,
  custom_roles: maybe(rolesGiven).describe('All custom roles; absent means none.'),
  custom_resources: maybe(
    z.array(z.object({ resource_id: z.string(), description, available_actions: list(z.string()) })),
  ).describe('All custom resources; absent means none.'),
  custom_scopes: maybe(z.array(z.object({ scope: z.string(), description, permissions: permissionsGiven }))).describe(
    'All custom scopes; absent means none.',
  ),
}
