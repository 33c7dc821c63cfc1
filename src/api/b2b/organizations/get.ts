/** GET /v1/b2b/organizations/{organization_id}: one organization. */
import { getOrganization } from '../../../domain/organizations/reference.ts'
import { Organization, organizationToWire } from '../../../wire/organization.ts'
import { operation } from '../../operation.ts'

export const get = operation({
  route: 'GET /v1/b2b/organizations/{organization_id}',
  name: 'api_organization_v1_Get',
  sdk: 'organizations.get',
  summary: 'Returns an organization, named by id, slug or external id.',
  caller: 'project',
  vertical: 'b2b',
  reply: { organization: Organization },
  async run(app, { environment, params }) {
    return { organization: organizationToWire(await getOrganization(app, environment, params.organization_id)) }
  },
})
