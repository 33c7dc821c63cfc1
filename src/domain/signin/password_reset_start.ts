/** Mailing a link that resets a password (reference: consumer.md §3.4). */
import type { Locale } from '../../delivery/message.ts'
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import type { App } from '../app.ts'
import { type Attributes, checkAttributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import { countAgainst } from '../limits/limit.ts'
import { linkTo } from '../messages/link.ts'
import { sendMessage } from '../messages/message.ts'
import { namedTemplate } from '../messages/template.ts'
import { issueOneTimeToken, type TokenDetails } from '../proofs/one_time_token.ts'
import { checkCodeChallenge } from '../proofs/pkce.ts'
import { defaultOf } from '../redirect_urls/placement.ts'
import { resolveRedirectUrl } from '../redirect_urls/resolve.ts'
import { findContactOwner, type OwnContact } from '../users/contacts.ts'
import type { User } from '../users/row.ts'
import { holdUser } from '../users/user.ts'

const defaultMinutes = 30

export type ResetRequest = {
  email: string
  reset_password_redirect_url?: string | undefined
  reset_password_expiration_minutes?: number | undefined
  reset_password_template_id?: string | undefined
  login_redirect_url?: string | undefined
  code_challenge?: string | undefined
  attributes?: Partial<Attributes> | undefined
  locale?: Locale | undefined
}

/**
 * Mails the user of that address a link to reset the password, and one to log in without it where the environment has a
 * login URL. Refuses with `email_not_found`, with the errors of redirect URLs, `invalid_expiration`,
 * `invalid_pkce_code_challenge`, `email_template_not_found`, `invalid_template_id`, and with `too_many_requests` more than one a
 * second to an address.
 */
export async function startPasswordReset(
  app: App,
  environment: Environment,
  given: ResetRequest,
): Promise<{ user: User; contact: OwnContact }> {
  const email = parseEmail(given.email) ?? fail('invalid_email')
  const minutes = given.reset_password_expiration_minutes ?? defaultMinutes
  if (minutes < 5 || minutes > 10_080) fail('invalid_expiration')
  const template = await namedTemplate(app, environment, 'RESET_PASSWORD', given.reset_password_template_id)
  const shared = {
    attributes: checkAttributes(given.attributes),
    code_challenge: checkCodeChallenge(given.code_challenge),
  }
  const reset_url = resolveRedirectUrl(environment, 'RESET_PASSWORD', given.reset_password_redirect_url)
  const login_url = loginUrl(environment, given.login_redirect_url)
  return app.transaction(async (app) => {
    const found = (await findContactOwner(app, environment, 'email', email)) ?? fail('email_not_found')
    await countAgainst(app, environment, 'email_resets', email)
    await holdUser(app, found.user)
    const link = (kind: LinkKind, redirect_url: string) =>
      makeLink(app, environment, found, kind, { ...shared, redirect_url }, minutes)
    const links = [await link('reset_password', reset_url)]
    if (login_url !== undefined) links.push(await link('login', login_url))
    const { locale = 'en' } = given
    const letter = { channel: 'email', template: 'reset_password', locale, links, minutes } as const
    await sendMessage(app, environment, email, letter, template)
    return found
  })
}

type LinkKind = 'reset_password' | 'login'

/** The second link is a magic link like any other: `magic_links/authenticate` redeems it. */
async function makeLink(
  app: App,
  environment: Environment,
  { user, contact }: { user: User; contact: OwnContact },
  kind: LinkKind,
  details: Omit<TokenDetails, 'kind'>,
  minutes: number,
) {
  const token = await issueOneTimeToken(app, environment, {
    purpose: kind === 'login' ? 'magic link' : 'password reset',
    owner_id: user.user_id,
    method_id: contact.id,
    details: { ...details, kind },
    minutes,
  })
  return { purpose: kind, url: linkTo(app, environment, kind, token), token }
}

/** Where the second link leads; it is left out where no login URL is known, because a reset does not depend on it. */
function loginUrl(environment: Environment, given: string | undefined): string | undefined {
  if (given) return resolveRedirectUrl(environment, 'LOGIN', given)
  return defaultOf(environment.redirect_urls, 'LOGIN')?.url
}
