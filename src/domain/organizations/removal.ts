/** Deleting an organization with everything in it. */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { removeMembersOf } from '../members/clearing.ts'
import { deleteOrganization } from './organization.ts'
import { getOrganization } from './reference.ts'
import type { Organization } from './row.ts'

/** Deletes an organization with its members and returns what was deleted. Refuses with `organization_not_found`. */
export function removeOrganization(app: App, environment: Environment, reference: string): Promise<Organization> {
  return app.transaction(async (app) => {
    const organization = await getOrganization(app, environment, reference)
    // The organization goes first: who adds a member has locked it, so all of them are seen now, and none follows.
    await deleteOrganization(app, environment, organization)
    await removeMembersOf(app, environment, organization)
    return organization
  })
}
