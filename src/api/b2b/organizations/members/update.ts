/** PUT /v1/b2b/organizations/{organization_id}/members/{member_id}: changes the parts of a member that are given. */
import { z } from 'zod'
import { updatePermission } from '../../../../domain/members/permissions.ts'
import { getMember } from '../../../../domain/members/reference.ts'
import { updateMember } from '../../../../domain/members/update.ts'
import { getOrganization } from '../../../../domain/organizations/reference.ts'
import { jsonObject, maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { memberReply, memberReplyShape } from '../../member_reply.ts'

export const update = operation({
  route: 'PUT /v1/b2b/organizations/{organization_id}/members/{member_id}',
  name: 'api_organization_v1_organizations_members_Update',
  sdk: 'organizations.members.update',
  summary: 'Updates a member. A new email address is unverified, and the old one is retired.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    name: maybe(z.string()),
    trusted_metadata: maybe(jsonObject, 'metadata_invalid_format').describe(
      'Merged by top-level key; null deletes one.',
    ),
    untrusted_metadata: maybe(jsonObject, 'metadata_invalid_format').describe(
      'Merged by top-level key; null deletes one.',
    ),
    is_breakglass: maybe(z.boolean()),
    mfa_phone_number: maybe(z.string()).describe('In E.164; only while the member has none.'),
    mfa_enrolled: maybe(z.boolean()),
    roles: maybe(z.array(z.string())).describe('Replaces the assigned roles.'),
    preserve_existing_sessions: maybe(z.boolean()),
    default_mfa_method: maybe(z.string()).describe('sms_otp or totp; the member must have the factor.'),
    email_address: maybe(z.string()),
    external_id: maybe(z.string()),
    unlink_email: maybe(z.boolean()).describe('Whether the old address becomes free at once instead of being retired.'),
  },
  permission: updatePermission,
  reply: memberReplyShape,
  async run(app, { environment, acting, params, body }) {
    const organization = await getOrganization(app, environment, params.organization_id)
    const known = await getMember(app, environment, organization, params.member_id)
    const member = await updateMember(app, environment, organization, known, body, acting?.member.member_id)
    return memberReply(app, environment, organization, member)
  },
})
