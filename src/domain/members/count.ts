/** How many members there are (reference: b2b.md §5.2, consumer.md "projects/metrics"). */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { Organization } from '../organizations/row.ts'
import { countActive, countMembersIn } from './table.ts'

/** How many members an organization has, whatever their status but `deleted`. */
export function countMembersOf(
  app: App,
  { project_id, organization_id }: Pick<Organization, 'project_id' | 'organization_id'>,
): Promise<number> {
  return countMembersIn(app.store, project_id, organization_id)
}

/** How many active members all organizations of the environment have. */
export function countMembers(app: App, { project_id }: Pick<Environment, 'project_id'>): Promise<number> {
  return countActive(app.store, project_id)
}
