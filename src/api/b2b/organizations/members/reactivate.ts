/** PUT /v1/b2b/organizations/{organization_id}/members/{member_id}/reactivate: brings a deleted member back. */
import { reactivateMember } from '../../../../domain/members/removal.ts'
import { getOrganization } from '../../../../domain/organizations/reference.ts'
import { operation } from '../../../operation.ts'
import { memberReply, memberReplyShape } from '../../member_reply.ts'

export const reactivate = operation({
  route: 'PUT /v1/b2b/organizations/{organization_id}/members/{member_id}/reactivate',
  name: 'api_organization_v1_organizations_members_Reactivate',
  sdk: 'organizations.members.reactivate',
  summary: 'Makes a deleted member with a verified address active again, without credentials and assigned roles.',
  caller: 'project',
  vertical: 'b2b',
  body: {},
  permission: { resource: 'stytch.member', action: 'create' },
  // The member is deleted, so there is nobody to be oneself.
  target: async (_, { params }) => ({ organizations: [params.organization_id] }),
  reply: memberReplyShape,
  async run(app, { environment, acting, params }) {
    const organization = await getOrganization(app, environment, params.organization_id)
    const by_member = acting !== undefined
    const member = await reactivateMember(app, environment, organization, params.member_id, { by_member })
    return memberReply(app, environment, organization, member)
  },
})
