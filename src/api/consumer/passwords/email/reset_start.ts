/** POST /v1/passwords/email/reset/start: mails a link that resets a password. */
import { z } from 'zod'
import { startPasswordReset } from '../../../../domain/signin/password_reset_start.ts'
import { attributes, codeChallenge, locale, minutes, templateId } from '../../../../wire/sending.ts'
import { maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'

export const resetStart = operation({
  route: 'POST /v1/passwords/email/reset/start',
  name: 'api_password_v1_passwords_email_ResetStart',
  sdk: 'passwords.email.resetStart',
  summary: 'Mails a user a link to reset the password, and one to log in without it.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    email: z.string(),
    reset_password_redirect_url: maybe(z.string()).describe(
      'Where the link leads; the default of its type without it.',
    ),
    reset_password_expiration_minutes: minutes('How long the link can be used, 5 to 10080 minutes; 30 without it.'),
    login_redirect_url: maybe(z.string()).describe('Where the link to log in without the password leads.'),
    reset_password_template_id: templateId,
    ...attributes,
    ...codeChallenge,
    ...locale('api_password_v1_ResetStartRequestLocale'),
  },
  reply: { user_id: z.string(), email_id: z.string() },
  async run(app, { environment, body }) {
    const { user, contact } = await startPasswordReset(app, environment, body)
    return { user_id: user.user_id, email_id: contact.id }
  },
})
