/** DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}/totp: takes the authenticator app from a member. */
import { deleteTotp } from '../../../../domain/members/factors.ts'
import { getMember } from '../../../../domain/members/reference.ts'
import { getOrganization } from '../../../../domain/organizations/reference.ts'
import { operation } from '../../../operation.ts'
import { memberReply, memberReplyShape } from '../../member_reply.ts'

export const deleteTOTP = operation({
  route: 'DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}/totp',
  name: 'api_organization_v1_organizations_members_DeleteTOTP',
  sdk: 'organizations.members.deleteTOTP',
  summary: 'Deletes the authenticator app of a member with its recovery codes; sessions stay.',
  caller: 'project',
  vertical: 'b2b',
  permission: { resource: 'stytch.member', action: 'update.info.delete.mfa-totp', self: true },
  reply: memberReplyShape,
  async run(app, { environment, params }) {
    const organization = await getOrganization(app, environment, params.organization_id)
    const known = await getMember(app, environment, organization, params.member_id)
    return memberReply(app, environment, organization, await deleteTotp(app, environment, known))
  },
})
