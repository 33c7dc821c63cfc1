/** POST /v1/b2b/organizations/{organization_id}/members: adds a member to an organization. */
import { z } from 'zod'
import { createMember } from '../../../../domain/members/member.ts'
import { createPermission } from '../../../../domain/members/permissions.ts'
import { getOrganization } from '../../../../domain/organizations/reference.ts'
import { jsonObject, maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { memberReply, memberReplyShape } from '../../member_reply.ts'

export const create = operation({
  route: 'POST /v1/b2b/organizations/{organization_id}/members',
  name: 'api_organization_v1_organizations_members_Create',
  sdk: 'organizations.members.create',
  summary: 'Creates a member with an email address that is not verified yet. Nothing is sent.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    email_address: z.string(),
    name: maybe(z.string()),
    trusted_metadata: maybe(jsonObject, 'metadata_invalid_format'),
    untrusted_metadata: maybe(jsonObject, 'metadata_invalid_format'),
    create_member_as_pending: maybe(z.boolean()).describe('Whether the member stays pending until the first login.'),
    is_breakglass: maybe(z.boolean()),
    mfa_phone_number: maybe(z.string()).describe('In E.164, unique in the organization.'),
    mfa_enrolled: maybe(z.boolean()),
    roles: maybe(z.array(z.string())).describe('Roles of the project or the organization.'),
    external_id: maybe(z.string()).describe(
      'Your own id: 1 to 128 of A-Z a-z 0-9 . _ - |, unique in the organization.',
    ),
  },
  permission: createPermission,
  reply: memberReplyShape,
  async run(app, { environment, acting, params, body }) {
    const organization = await getOrganization(app, environment, params.organization_id)
    const status = body.create_member_as_pending ? 'pending' : 'active'
    const member = await createMember(app, environment, organization, {
      ...body,
      status,
      by_member: acting !== undefined,
    })
    return memberReply(app, environment, organization, member)
  },
})
