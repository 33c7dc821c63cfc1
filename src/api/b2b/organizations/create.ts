/** POST /v1/b2b/organizations: adds an organization. */
import { createOrganization } from '../../../domain/organizations/organization.ts'
import { Organization, organizationGiven, organizationName, organizationToWire } from '../../../wire/organization.ts'
import { operation } from '../../operation.ts'

export const create = operation({
  route: 'POST /v1/b2b/organizations',
  name: 'api_organization_v1_Create',
  sdk: 'organizations.create',
  summary: 'Creates an organization without members. Without a slug, one follows from the name.',
  caller: 'project',
  vertical: 'b2b',
  body: { organization_name: organizationName, ...organizationGiven('api_organization_v1_Create') },
  reply: { organization: Organization },
  async run(app, { environment, body }) {
    return { organization: organizationToWire(await createOrganization(app, environment, body)) }
  },
})
