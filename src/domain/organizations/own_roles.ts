/** The roles that organizations define for themselves, as the project's policy has to respect them. */
import type { App } from '../app.ts'
import type { Role } from '../rbac/policy.ts'
import { selectCustomRoles } from './table.ts'

/** The own roles of all organizations of an environment; none in consumer projects. */
export function listOwnRoles(app: App, project_id: string): Promise<Role[]> {
  return selectCustomRoles(app.store, project_id)
}
