/** POST /v1/magic_links/email/invite: creates a pending user and mails an invitation. */
import { z } from 'zod'
import { inviteUser } from '../../../../domain/signin/magic_links/invite.ts'
import { attributes, locale, minutes, templateId } from '../../../../wire/sending.ts'
import { jsonObject, maybe } from '../../../../wire/shape.ts'
import { NameGiven } from '../../../../wire/user.ts'
import { operation } from '../../../operation.ts'
import { sandboxEmailSent } from '../../sandbox.ts'

export const invite = operation({
  route: 'POST /v1/magic_links/email/invite',
  name: 'api_magic_v1_magic_links_email_Invite',
  sdk: 'magicLinks.email.invite',
  summary: 'Invites somebody by email; the user is pending until the link in the mail is used.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    email: z.string(),
    invite_magic_link_url: maybe(z.string()).describe('A registered INVITE redirect URL; the default one without it.'),
    invite_expiration_minutes: minutes('How long the link can be used: 5 to 10080 minutes, 60 without it.'),
    invite_template_id: templateId,
    name: maybe(NameGiven),
    ...attributes,
    trusted_metadata: maybe(jsonObject, 'metadata_invalid_format'),
    untrusted_metadata: maybe(jsonObject, 'metadata_invalid_format'),
    ...locale('api_magic_v1_InviteRequestLocale'),
  },
  reply: { user_id: z.string(), email_id: z.string() },
  sandbox: (_, { environment, body }) => sandboxEmailSent(environment, body.email),
  async run(app, { environment, body }) {
    const { user, contact } = await inviteUser(app, environment, body)
    return { user_id: user.user_id, email_id: contact.id }
  },
})
