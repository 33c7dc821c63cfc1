/** DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}/external_id: takes the external id from a member. */
import { getMember } from '../../../../domain/members/reference.ts'
import { deleteExternalId as deleteId } from '../../../../domain/members/update.ts'
import { getOrganization } from '../../../../domain/organizations/reference.ts'
import { operation } from '../../../operation.ts'
import { memberReply, memberReplyShape } from '../../member_reply.ts'

export const deleteExternalId = operation({
  route: 'DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}/external_id',
  name: 'api_organization_v1_organizations_members_DeleteExternalId',
  sdk: 'organizations.members.deleteExternalId',
  summary: 'Deletes the external id of a member.',
  caller: 'project',
  vertical: 'b2b',
  permission: { resource: 'stytch.member', action: '*' },
  reply: memberReplyShape,
  async run(app, { environment, params }) {
    const organization = await getOrganization(app, environment, params.organization_id)
    const known = await getMember(app, environment, organization, params.member_id)
    return memberReply(app, environment, organization, await deleteId(app, known))
  },
})
