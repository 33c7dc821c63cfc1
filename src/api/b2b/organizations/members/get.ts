/** GET /v1/b2b/organizations/{organization_id}/member: one member, by id or email address. */
import { z } from 'zod'
import { getMemberByFields } from '../../../../domain/members/reference.ts'
import { getOrganization } from '../../../../domain/organizations/reference.ts'
import { maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { memberReply, memberReplyShape } from '../../member_reply.ts'

export const get = operation({
  route: 'GET /v1/b2b/organizations/{organization_id}/member',
  name: 'api_organization_v1_organizations_members_Get',
  sdk: 'organizations.members.get',
  summary: 'Returns a member, named by id, external id or email address.',
  caller: 'project',
  vertical: 'b2b',
  query: {
    member_id: maybe(z.string()).describe('Id or external id.'),
    email_address: maybe(z.string()).describe('When both are given, they must be of one member.'),
  },
  reply: memberReplyShape,
  async run(app, { environment, params, query }) {
    const organization = await getOrganization(app, environment, params.organization_id)
    const member = await getMemberByFields(app, environment, organization, query)
    return memberReply(app, environment, organization, member)
  },
})
