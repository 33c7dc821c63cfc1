/** POST /v1/b2b/passwords/email/reset/start: mails a member a link that resets the password. */
import { z } from 'zod'
import { startMemberPasswordReset } from '../../../../domain/signin/member_password_reset_start.ts'
import { Member } from '../../../../wire/member.ts'
import { organizationId } from '../../../../wire/member_sign_in.ts'
import { memberResetFields } from '../../../../wire/password.ts'
import { codeChallenge, locale } from '../../../../wire/sending.ts'
import { maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { memberReply } from '../../member_reply.ts'

export const resetStart = operation({
  route: 'POST /v1/b2b/passwords/email/reset/start',
  name: 'api_b2b_password_v1_b2b_passwords_email_ResetStart',
  sdk: 'passwords.email.resetStart',
  summary:
    'Mails a link to reset the password, and one to log in without it, to a member or to who may become one by the address.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    organization_id: organizationId,
    email_address: z.string(),
    ...memberResetFields,
    login_redirect_url: maybe(z.string()).describe('Where the link to log in without the password leads.'),
    ...codeChallenge,
    ...locale('api_b2b_password_v1_ResetStartRequestLocale'),
  },
  reply: { member_id: z.string(), member_email_id: z.string(), member: Member },
  async run(app, { environment, body }) {
    const { organization, member: known } = await startMemberPasswordReset(app, environment, body)
    const { member_id, member } = memberReply(app, environment, organization, known)
    return { member_id, member, member_email_id: known.email_id }
  },
})
