/** The roles of a member, each with where it comes from (reference: b2b.md §5.4, §7.7.4). */
import { fail } from '../../errors.ts'
import type { Organization } from '../organizations/row.ts'
import type { Policy } from '../rbac/policy.ts'
import type { Member } from './row.ts'

export type RoleSource =
  | { type: 'direct_assignment'; details: Record<string, never> }
  | { type: 'email_assignment'; details: { email_domain: string } }
export type MemberRole = { role_id: string; sources: RoleSource[] }

/** What every member has. */
export const defaultRole = 'stytch_member'
/** What who founds an organization has. */
export const adminRole = 'stytch_admin'

/** Whether a role of that id can be held: the project's, the organization's, or one of the two default ones. */
export function isRole(policy: Policy, organization: Pick<Organization, 'custom_roles'>, role_id: string): boolean {
  return [
    ...Object.keys(policy.default_roles).map((id) => ({ role_id: id })),
    ...policy.custom_roles,
    ...organization.custom_roles,
  ].some((role) => role.role_id === role_id)
}

/**
 * The roles of a member at this moment, the default one first: directly assigned, and by the domain of the address when it
 * is verified. A role that no policy defines any more is held by nobody.
 */
function rolesOfMember(policy: Policy, organization: Organization, member: Member): MemberRole[] {
  const domain = member.email_address.slice(member.email_address.lastIndexOf('@') + 1)
  const roles = new Map<string, RoleSource[]>([[defaultRole, []]])
  const add = (role_id: string, source: RoleSource) => roles.set(role_id, [...(roles.get(role_id) ?? []), source])
  add(defaultRole, { type: 'direct_assignment', details: {} })
  for (const role_id of member.assigned_roles) add(role_id, { type: 'direct_assignment', details: {} })
  for (const implicit of organization.settings.rbac_email_implicit_role_assignments) {
    if (!member.email_address_verified || implicit.domain !== domain) continue
    add(implicit.role_id, { type: 'email_assignment', details: { email_domain: domain } })
  }
  return [...roles]
    .filter(([role_id]) => isRole(policy, organization, role_id))
    .map(([role_id, sources]) => ({ role_id, sources }))
}

/** What a member may do, as the Member object shows it; `role_ids` are those of the roles. */
export type Standing = { roles: MemberRole[]; role_ids: string[]; is_admin: boolean }

/** What members are by the policy of the moment, kept as long as all of it stays the same objects. */
const standings = new WeakMap<Member, { policy: Policy; organization: Organization; standing: Standing }>()

/** What a member may do at this moment. */
export function standingOf(policy: Policy, organization: Organization, member: Member): Standing {
  const known = standings.get(member)
  if (known?.policy === policy && known.organization === organization) return known.standing
  const roles = rolesOfMember(policy, organization, member)
  const standing = { roles, role_ids: roles.map(({ role_id }) => role_id), is_admin: isAdmin(roles) }
  standings.set(member, { policy, organization, standing })
  return standing
}

/** Whether a member administers the organization. */
export function isAdmin(roles: MemberRole[]): boolean {
  return roles.some(({ role_id }) => role_id === adminRole)
}

/**
 * The roles of a request as they are assigned: once each, without the default one, which everybody has. Refuses with
 * `invalid_rbac_role_assignment` what no policy defines.
 */
export function assignable(policy: Policy, organization: Organization, role_ids: string[]): string[] {
  const asked = [...new Set(role_ids)].filter((role_id) => role_id !== defaultRole)
  for (const role_id of asked) {
    if (!isRole(policy, organization, role_id)) {
      fail(
        'invalid_rbac_role_assignment',
        `"${role_id.slice(0, 128)}" is not a role of the project or the organization.`,
      )
    }
  }
  return asked
}
