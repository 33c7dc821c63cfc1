/** POST /v1/magic_links/email/login_or_create: mails a magic link to an address, and creates its user if there is none. */
import { z } from 'zod'
import { mailLinkOrCreate } from '../../../../domain/signin/magic_links/mail.ts'
import { mailedLink } from '../../../../wire/magic_link.ts'
import { locale } from '../../../../wire/sending.ts'
import { maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { sandboxEmailSent } from '../../sandbox.ts'

export const loginOrCreate = operation({
  route: 'POST /v1/magic_links/email/login_or_create',
  name: 'api_magic_v1_magic_links_email_LoginOrCreate',
  sdk: 'magicLinks.email.loginOrCreate',
  summary: 'Mails a magic link to the user with that address, or to a new one.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    ...mailedLink,
    create_user_as_pending: maybe(z.boolean()).describe(
      'Whether a new user stays pending until the first authentication.',
    ),
    ...locale('api_magic_v1_LoginOrCreateRequestLocale'),
  },
  reply: { user_id: z.string(), email_id: z.string(), user_created: z.boolean() },
  sandbox: (_, { environment, body }) => sandboxEmailSent(environment, body.email, { user_created: false }),
  async run(app, { environment, body }) {
    const { user, contact, user_created } = await mailLinkOrCreate(app, environment, body)
    return { user_id: user.user_id, email_id: contact.id, user_created }
  },
})
