/** GET /v1/b2b/organizations/members/dangerously_get/{member_id}: one member, whatever the organization. */
import { z } from 'zod'
import { getMemberAnywhere } from '../../../../domain/members/reference.ts'
import { getOrganization } from '../../../../domain/organizations/reference.ts'
import { maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { memberReply, memberReplyShape } from '../../member_reply.ts'

export const dangerouslyGet = operation({
  route: 'GET /v1/b2b/organizations/members/dangerously_get/{member_id}',
  name: 'api_organization_v1_organizations_members_DangerouslyGet',
  sdk: 'organizations.members.dangerouslyGet',
  summary: 'Returns a member by id alone; nothing tells whether the caller meant that organization.',
  caller: 'project',
  vertical: 'b2b',
  query: {
    include_deleted: maybe(z.enum(['true', 'false']))
      .transform((value) => value === 'true')
      .describe('Whether a deleted member is returned, too.'),
  },
  reply: memberReplyShape,
  async run(app, { environment, params, query }) {
    const member = await getMemberAnywhere(app, environment, params.member_id, query.include_deleted)
    const organization = await getOrganization(app, environment, member.organization_id)
    return memberReply(app, environment, organization, member)
  },
})
