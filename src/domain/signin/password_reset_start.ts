/** Mailing a link that resets a password (reference: consumer.md §3.4). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { countAgainst } from '../limits/limit.ts'
import { findContactOwner, type OwnContact } from '../users/contacts.ts'
import type { User } from '../users/row.ts'
import { holdUser } from '../users/user.ts'
import { mailReset, type ResetMailRequest, readResetRequest } from './reset_mail.ts'

export type ResetRequest = ResetMailRequest & {
  email: string
  login_redirect_url?: string | undefined
  code_challenge?: string | undefined
}

const links = {
  reset: { kind: 'reset_password', purpose: 'password reset', flow: 'reset_password' },
  // A magic link like any other: `magic_links/authenticate` redeems it.
  other: { kind: 'login', purpose: 'magic link', flow: 'login' },
} as const

/**
 * Mails the user of that address a link to reset the password, and one to log in without it where the environment has a
 * login URL. Refuses with `email_not_found`, as `readResetRequest` does, and with `too_many_requests` more than one a second to
 * an address.
 */
export async function startPasswordReset(
  app: App,
  environment: Environment,
  given: ResetRequest,
): Promise<{ user: User; contact: OwnContact }> {
  const { email: email_address, code_challenge, login_redirect_url } = given
  const more = { email_address, code_challenge, other: ['LOGIN', login_redirect_url] } as const
  const draft = await readResetRequest(app, environment, given, more)
  return app.transaction(async (app) => {
    const found = (await findContactOwner(app, environment, 'email', draft.email_address)) ?? fail('email_not_found')
    await countAgainst(app, environment, 'email_resets', draft.email_address)
    await holdUser(app, found.user)
    const of = { owner_id: found.user.user_id, method_id: found.contact.id }
    await mailReset(app, environment, draft, 'reset_password', of, links)
    return found
  })
}
