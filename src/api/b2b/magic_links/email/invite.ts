/** POST /v1/b2b/magic_links/email/invite: invites somebody to an organization by a mailed link. */
import { z } from 'zod'
import { inviteMember } from '../../../../domain/signin/magic_links/member_invite.ts'
import { organizationId } from '../../../../wire/member_sign_in.ts'
import { locale, minutes, templateId } from '../../../../wire/sending.ts'
import { jsonObject, maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { memberReply, memberReplyShape } from '../../member_reply.ts'

export const invite = operation({
  route: 'POST /v1/b2b/magic_links/email/invite',
  name: 'api_b2b_magic_v1_b2b_magic_links_email_Invite',
  sdk: 'magicLinks.email.invite',
  summary:
    'Invites somebody by email; only the newest invitation counts, until its link is used or the member deleted.',
  caller: 'project',
  vertical: 'b2b',
  permission: { resource: 'stytch.member', action: 'create', fields: { roles: 'update.settings.roles' } },
  body: {
    organization_id: organizationId,
    email_address: z.string(),
    invite_redirect_url: maybe(z.string()).describe('A registered INVITE redirect URL; the default one without it.'),
    invited_by_member_id: maybe(z.string()).describe('The member in whose name it is sent, by id or external id.'),
    name: maybe(z.string()),
    trusted_metadata: maybe(jsonObject, 'metadata_invalid_format'),
    untrusted_metadata: maybe(jsonObject, 'metadata_invalid_format'),
    invite_template_id: templateId,
    invite_expiration_minutes: minutes('How long the link can be used: 5 to 10080 minutes, 10080 without it.'),
    roles: maybe(z.array(z.string())).describe('Roles to assign directly, in place of those assigned before.'),
    ...locale('api_b2b_magic_v1_InviteRequestLocale'),
  },
  reply: memberReplyShape,
  async run(app, { environment, body }) {
    const { organization, member } = await inviteMember(app, environment, body)
    return memberReply(app, environment, organization, member)
  },
})
