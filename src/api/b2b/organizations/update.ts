/** PUT /v1/b2b/organizations/{organization_id}: changes the parts of an organization that are given. */
import { z } from 'zod'
import { updateOrganization } from '../../../domain/organizations/organization.ts'
import { updatePermission } from '../../../domain/organizations/permissions.ts'
import { Organization, organizationGiven, organizationToWire } from '../../../wire/organization.ts'
import { maybe } from '../../../wire/shape.ts'
import { operation } from '../../operation.ts'

export const update = operation({
  route: 'PUT /v1/b2b/organizations/{organization_id}',
  name: 'api_organization_v1_Update',
  sdk: 'organizations.update',
  summary: 'Updates an organization: lists and maps as a whole, metadata by key.',
  caller: 'project',
  vertical: 'b2b',
  permission: updatePermission,
  body: {
    organization_name: maybe(z.string()),
    ...organizationGiven('api_organization_v1_Update'),
    sso_default_connection_id: maybe(z.string()).describe('An active connection. Empty to unset.'),
    sso_jit_provisioning_allowed_connections: maybe(z.array(z.string())),
  },
  reply: { organization: Organization },
  async run(app, { environment, acting, params, body }) {
    const organization = await updateOrganization(app, environment, params.organization_id, body, acting?.member)
    return { organization: organizationToWire(organization) }
  },
})
