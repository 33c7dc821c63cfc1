/** DELETE /v1/b2b/organizations/{organization_id}/external_id: takes the external id from an organization. */
import { deleteExternalId } from '../../../domain/organizations/organization.ts'
import { deleteExternalIdPermission } from '../../../domain/organizations/permissions.ts'
import { Organization, organizationToWire } from '../../../wire/organization.ts'
import { operation } from '../../operation.ts'

export const removeExternalId = operation({
  route: 'DELETE /v1/b2b/organizations/{organization_id}/external_id',
  name: 'api_organization_v1_DeleteExternalId',
  sdk: 'organizations.deleteExternalId',
  summary: 'Deletes the external id of an organization.',
  caller: 'project',
  vertical: 'b2b',
  permission: deleteExternalIdPermission,
  reply: { organization: Organization },
  async run(app, { environment, params }) {
    return { organization: organizationToWire(await deleteExternalId(app, environment, params.organization_id)) }
  },
})
