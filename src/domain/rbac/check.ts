/** Which roles somebody holds, and whether they allow an action. */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { standingOf } from '../members/roles.ts'
import type { Member } from '../members/row.ts'
import { findOrganization } from '../organizations/reference.ts'
import type { Organization } from '../organizations/row.ts'
import type { Vertical } from '../projects/project.ts'
import { presentAction } from './builtin.ts'
import { type Policy, rolesOf } from './policy.ts'

export type AuthorizationCheck = { resource_id: string; action: string }
export type Verdict = { authorized: boolean; granting_roles: string[] }

/** The roles of a user at this moment: the default one, then the assigned ones that the policy still defines. */
export function userRoles(policy: Policy, assigned: string[]): string[] {
  return ['stytch_user', ...assigned.filter((role) => policy.custom_roles.some(({ role_id }) => role_id === role))]
}

/** Refuses roles that cannot be assigned: the default one and those the policy does not define. */
export function checkAssignable(policy: Policy, roles: string[]): void {
  for (const role of roles) {
    if (role === 'stytch_user') fail('cannot_assign_default_rbac_role_id')
    if (!policy.custom_roles.some(({ role_id }) => role_id === role)) {
      fail('invalid_rbac_role_id', `"${role.slice(0, 128)}" is not a role of the RBAC policy.`)
    }
  }
}

/** The roles among `held` that grant the action on the resource: that action, or `*` (reference: consumer.md §1.14). */
export function authorize(policy: Policy, vertical: Vertical, held: string[], check: AuthorizationCheck): Verdict {
  if (check.resource_id === '') fail('empty_rbac_resource_id')
  const { resource_id: resource, action } = check
  const granting_roles = rolesOf(policy, vertical)
    .filter(({ role_id }) => held.includes(role_id))
    .filter(({ permissions }) =>
      permissions.some(
        ({ resource_id, actions }) =>
          resource_id === resource &&
          actions.some(
            (granted) => granted === '*' || presentAction(resource, granted) === presentAction(resource, action),
          ),
      ),
    )
    .map(({ role_id }) => role_id)
  return { authorized: granting_roles.length > 0, granting_roles: [...new Set(granting_roles)] }
}

/** The verdict on a check that a user must pass; refuses with `consumer_session_authorization_error` otherwise. */
export function authorizeUser(
  { policy, vertical }: { policy: Policy; vertical: Vertical },
  held: string[],
  check: AuthorizationCheck,
): Verdict {
  const verdict = authorize(policy, vertical, held, check)
  if (!verdict.authorized) fail('consumer_session_authorization_error')
  return verdict
}

/** The policy that holds in an organization: the project's, with the organization's own roles. */
export function policyIn(policy: Policy, { custom_roles }: Pick<Organization, 'custom_roles'>): Policy {
  return custom_roles.length === 0 ? policy : { ...policy, custom_roles: [...policy.custom_roles, ...custom_roles] }
}

/**
 * The verdict on a check that a member must pass in the own organization, with the roles of the project and those of the
 * organization. Refuses with `session_authorization_tenancy_error` a check that names any other organization, and with
 * `session_authorization_error` when no role allows the action.
 */
export async function authorizeMember(
  app: App,
  environment: Environment,
  { member, organization }: { member: Member; organization: Organization },
  { organization_id, ...check }: AuthorizationCheck & { organization_id: string },
): Promise<Verdict> {
  if (!(await isNameOf(app, environment, organization, organization_id))) fail('session_authorization_tenancy_error')
  const held = standingOf(environment.policy, organization, member).role_ids
  const verdict = authorize(policyIn(environment.policy, organization), environment.vertical, held, check)
  if (!verdict.authorized) fail('session_authorization_error')
  return verdict
}

/** Whether an `organization_id` field names that organization. Asks nobody when it does so to the letter, as it mostly does. */
async function isNameOf(
  app: App,
  environment: Environment,
  { organization_id, organization_slug, organization_external_id }: Organization,
  reference: string,
): Promise<boolean> {
  if ([organization_id, organization_slug, organization_external_id].includes(reference)) return true
  return (await findOrganization(app, environment, reference))?.organization_id === organization_id
}
