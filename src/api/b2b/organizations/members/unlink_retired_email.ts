/** POST /v1/b2b/organizations/{organization_id}/members/{member_id}/unlink_retired_email: frees a retired address. */
import { z } from 'zod'
import { unlinkRetiredEmail as unlink } from '../../../../domain/members/address.ts'
import { getMember } from '../../../../domain/members/reference.ts'
import { getOrganization } from '../../../../domain/organizations/reference.ts'
import { maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { memberReply, memberReplyShape } from '../../member_reply.ts'

export const unlinkRetiredEmail = operation({
  route: 'POST /v1/b2b/organizations/{organization_id}/members/{member_id}/unlink_retired_email',
  name: 'api_organization_v1_organizations_members_UnlinkRetiredEmail',
  sdk: 'organizations.members.unlinkRetiredEmail',
  summary: 'Lets other members have an address that this one had before.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    email_id: maybe(z.string()),
    email_address: maybe(z.string()).describe('When both are given, they must be of one address.'),
  },
  permission: { resource: 'stytch.member', action: 'update.info.unlink.retired-email', self: true },
  reply: { organization_id: z.string(), ...memberReplyShape },
  async run(app, { environment, params, body }) {
    const organization = await getOrganization(app, environment, params.organization_id)
    const known = await getMember(app, environment, organization, params.member_id)
    const member = await unlink(app, known, body)
    const { organization_id } = organization
    return { organization_id, ...memberReply(app, environment, organization, member) }
  },
})
