/** DELETE /v1/b2b/organizations/{organization_id}/members/passwords/{member_password_id}: takes a password from its member. */
import { deletePassword } from '../../../../domain/members/factors.ts'
import { findMemberBy } from '../../../../domain/members/reference.ts'
import { getOrganization } from '../../../../domain/organizations/reference.ts'
import { operation } from '../../../operation.ts'
import { memberReply, memberReplyShape } from '../../member_reply.ts'

export const removePassword = operation({
  route: 'DELETE /v1/b2b/organizations/{organization_id}/members/passwords/{member_password_id}',
  name: 'api_organization_v1_organizations_members_DeletePassword',
  sdk: 'organizations.members.deletePassword',
  summary: "Deletes the password of a member, where passwords are the organization's own.",
  caller: 'project',
  vertical: 'b2b',
  permission: { resource: 'stytch.member', action: 'update.info.delete.password', self: true },
  async target(app, { environment, params }) {
    const organization = await getOrganization(app, environment, params.organization_id)
    const owner = await findMemberBy(app, organization, 'password_id', params.member_password_id)
    return { organizations: [organization.organization_id], member: owner?.member_id }
  },
  reply: memberReplyShape,
  async run(app, { environment, params }) {
    const organization = await getOrganization(app, environment, params.organization_id)
    const member = await deletePassword(app, environment, organization, params.member_password_id)
    return memberReply(app, environment, organization, member)
  },
})
