/** The RBAC policy of an organization: roles beside those of the project (reference: b2b.md §7.7.6). */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { dropAssignments } from '../members/assignments.ts'
import { changeConfiguration } from '../projects/environment.ts'
import { builtinResources } from '../rbac/builtin.ts'
import { loadPolicy, type Role } from '../rbac/policy.ts'
import { checkOrganizationRoles } from '../rbac/validation.ts'
import { changeOrganization, holdOrganization } from './organization.ts'
import type { Organization } from './row.ts'

/**
 * Replaces the own roles of an organization. A role that goes is taken from the members who have it and from the domains it
 * was tied to. Refuses roles that are not the organization's to define, and permissions that the project does not know.
 */
export function setOrganizationRoles(
  app: App,
  environment: Environment,
  reference: string,
  roles: Role[],
): Promise<Organization> {
  const { project_id, vertical } = environment
  // A change of configuration, so that it takes turns with changes of the project's policy, which each has to respect.
  return changeConfiguration(app, project_id, (app) =>
    changeOrganization(app, environment, reference, async (app, organization) => {
      await holdOrganization(app, organization)
      checkOrganizationRoles(await loadPolicy(app, project_id, vertical), builtinResources(vertical), roles)
      const gone = organization.custom_roles
        .map(({ role_id }) => role_id)
        .filter((role_id) => !roles.some((role) => role.role_id === role_id))
      await dropAssignments(app, organization, gone)
      const { settings } = organization
      return {
        ...organization,
        custom_roles: roles,
        settings: {
          ...settings,
          rbac_email_implicit_role_assignments: settings.rbac_email_implicit_role_assignments.filter(
            ({ role_id }) => !gone.includes(role_id),
          ),
        },
      }
    }),
  )
}
