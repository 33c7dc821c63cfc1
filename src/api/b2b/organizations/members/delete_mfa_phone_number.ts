/** DELETE /v1/b2b/organizations/{organization_id}/members/mfa_phone_numbers/{member_id}: takes the number from a member. */
import { deleteMfaPhone } from '../../../../domain/members/factors.ts'
import { getMember } from '../../../../domain/members/reference.ts'
import { getOrganization } from '../../../../domain/organizations/reference.ts'
import { operation } from '../../../operation.ts'
import { memberReply, memberReplyShape } from '../../member_reply.ts'

export const deleteMFAPhoneNumber = operation({
  route: 'DELETE /v1/b2b/organizations/{organization_id}/members/mfa_phone_numbers/{member_id}',
  name: 'api_organization_v1_organizations_members_DeleteMFAPhoneNumber',
  sdk: 'organizations.members.deleteMFAPhoneNumber',
  summary: 'Deletes the phone number of a member; sessions stay.',
  caller: 'project',
  vertical: 'b2b',
  permission: { resource: 'stytch.member', action: 'update.info.delete.mfa-phone', self: true },
  reply: memberReplyShape,
  async run(app, { environment, params }) {
    const organization = await getOrganization(app, environment, params.organization_id)
    const known = await getMember(app, environment, organization, params.member_id)
    return memberReply(app, environment, organization, await deleteMfaPhone(app, environment, known))
  },
})
