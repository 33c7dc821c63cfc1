/** Roles that end take their assignments with them (reference: b2b.md §7.7.6). */
import type { App } from '../app.ts'
import type { Organization } from '../organizations/row.ts'
import { selectAssigned, updateMemberRow } from './table.ts'

/**
 * Takes roles from all members of an organization who have them assigned directly; belongs into the transaction that ends
 * the roles, which begins again when one of the members is changed at the same time.
 */
export async function dropAssignments(
  app: App,
  organization: Pick<Organization, 'project_id' | 'organization_id'>,
  role_ids: string[],
): Promise<void> {
  for (const gone of role_ids) {
    for (const member of await selectAssigned(app.store, organization, gone)) {
      const assigned_roles = member.assigned_roles.filter((role_id) => role_id !== gone)
      if (assigned_roles.length === member.assigned_roles.length) continue
      await updateMemberRow(app.store, { ...member, assigned_roles, updated_at: app.now() })
    }
  }
}
