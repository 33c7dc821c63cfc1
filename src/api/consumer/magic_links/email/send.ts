/** POST /v1/magic_links/email/send: mails a magic link to who has the address, or adds the address to a user. */
import { z } from 'zod'
import { lookUpPresented, requirePresented } from '../../../../domain/sessions/presented.ts'
import { checkSelection } from '../../../../domain/signin/addressee.ts'
import { mailLink } from '../../../../domain/signin/magic_links/mail.ts'
import { mailedLink } from '../../../../wire/magic_link.ts'
import { locale, userSelection } from '../../../../wire/sending.ts'
import { operation } from '../../../operation.ts'
import { sandboxEmailSent } from '../../sandbox.ts'

export const send = operation({
  route: 'POST /v1/magic_links/email/send',
  name: 'api_magic_v1_magic_links_email_Send',
  sdk: 'magicLinks.email.send',
  summary: 'Mails a magic link to a user; an address that nobody has is added to the user the request selects.',
  caller: 'project',
  vertical: 'consumer',
  body: { ...mailedLink, ...userSelection, ...locale('api_magic_v1_SendRequestLocale') },
  reply: { user_id: z.string(), email_id: z.string() },
  async look_up(app, { project_id, body }) {
    checkSelection(body)
    return lookUpPresented(app, project_id, body)
  },
  sandbox: (_, { environment, body }) => sandboxEmailSent(environment, body.email),
  async run(app, { environment, body }, lookup) {
    const presented = await requirePresented(app, environment, body, lookup)
    const { user, contact } = await mailLink(app, environment, body, presented)
    return { user_id: user.user_id, email_id: contact.id }
  },
})
