/** GET /v1/b2b/rbac/organizations/{organization_id}: the roles that an organization defines for itself. */
import { getOrganization } from '../../../../domain/organizations/reference.ts'
import { OrgPolicy } from '../../../../wire/policy.ts'
import { operation } from '../../../operation.ts'

export const getOrgPolicy = operation({
  route: 'GET /v1/b2b/rbac/organizations/{organization_id}',
  name: 'api_b2b_rbac_v1_b2b_rbac_organizations_GetOrgPolicy',
  sdk: 'rbac.organizations.getOrgPolicy',
  summary: 'Returns the own roles of an organization, without those of the project.',
  caller: 'project',
  vertical: 'b2b',
  reply: { org_policy: OrgPolicy },
  async run(app, { environment, params }) {
    const { custom_roles } = await getOrganization(app, environment, params.organization_id)
    return { org_policy: { roles: custom_roles } }
  },
})
