/** PUT /v1/b2b/rbac/organizations/{organization_id}: replaces the roles that an organization defines for itself. */
import { setOrganizationRoles } from '../../../../domain/organizations/policy.ts'
import { OrgPolicy, OrgPolicyGiven } from '../../../../wire/policy.ts'
import { operation } from '../../../operation.ts'

export const setOrgPolicy = operation({
  route: 'PUT /v1/b2b/rbac/organizations/{organization_id}',
  name: 'api_b2b_rbac_v1_b2b_rbac_organizations_SetOrgPolicy',
  sdk: 'rbac.organizations.setOrgPolicy',
  summary: 'Replaces the own roles of an organization; members lose those that go.',
  caller: 'project',
  vertical: 'b2b',
  body: { org_policy: OrgPolicyGiven },
  reply: { org_policy: OrgPolicy },
  async run(app, { environment, params, body }) {
    const { roles } = body.org_policy
    const { custom_roles } = await setOrganizationRoles(app, environment, params.organization_id, roles)
    return { org_policy: { roles: custom_roles } }
  },
})
