/** DELETE /v1/b2b/organizations/{organization_id}: removes an organization with its members. */
import { z } from 'zod'
import { deletePermission } from '../../../domain/organizations/permissions.ts'
import { removeOrganization } from '../../../domain/organizations/removal.ts'
import { operation } from '../../operation.ts'

export const remove = operation({
  route: 'DELETE /v1/b2b/organizations/{organization_id}',
  name: 'api_organization_v1_Delete',
  sdk: 'organizations.delete',
  summary: 'Deletes an organization and all its members for good; their sessions end at once.',
  caller: 'project',
  vertical: 'b2b',
  permission: deletePermission,
  reply: { organization_id: z.string() },
  async run(app, { environment, params }) {
    const { organization_id } = await removeOrganization(app, environment, params.organization_id)
    return { organization_id }
  },
})
