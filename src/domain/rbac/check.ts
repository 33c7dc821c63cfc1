/** Which roles somebody holds, and whether they allow an action. */
import { fail } from '../../errors.ts'
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
  return { authorized: granting_roles.length > 0, granting_roles }
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
