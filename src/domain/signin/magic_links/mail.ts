/** Magic links by email: to who has the address, or to somebody new (reference: consumer.md §3.0, §3.1). */
import type { Locale } from '../../../delivery/message.ts'
import { fail } from '../../../errors.ts'
import { parseEmail } from '../../../values/email.ts'
import type { App } from '../../app.ts'
import { type Attributes, checkAttributes } from '../../attributes.ts'
import type { Environment } from '../../configuration/environment.ts'
import type { EmailTemplate } from '../../email_templates/row.ts'
import { countAgainst } from '../../limits/limit.ts'
import { linkTo } from '../../messages/link.ts'
import { sendMessage } from '../../messages/message.ts'
import { namedTemplates } from '../../messages/template.ts'
import { issueOneTimeToken, linkMinutes } from '../../proofs/one_time_token.ts'
import { checkCodeChallenge } from '../../proofs/pkce.ts'
import { resolveRedirectUrl } from '../../redirect_urls/resolve.ts'
import type { Presented } from '../../sessions/presented.ts'
import type { Contact } from '../../users/contacts.ts'
import { type Addressee, createAddressee, selectAddressee } from '../addressee.ts'

/** What a request for a login or sign-up link may say; every field but `email` may be missing. */
export type LinkRequest = {
  email: string
  login_magic_link_url?: string | undefined
  signup_magic_link_url?: string | undefined
  login_expiration_minutes?: number | undefined
  signup_expiration_minutes?: number | undefined
  login_template_id?: string | undefined
  signup_template_id?: string | undefined
  attributes?: Partial<Attributes> | undefined
  code_challenge?: string | undefined
  locale?: Locale | undefined
}

/** A link on its way into a mail. */
type Draft = {
  kind: 'login' | 'signup' | 'invite'
  minutes: number
  redirect_url: string
  attributes: Attributes
  code_challenge?: string | undefined
  locale: Locale | undefined
  template: EmailTemplate | undefined
}

/** How many minutes links last unless the request says otherwise. */
export const usualMinutes = { login: 60, signup: 10_080, invite: 60, embedded: 60 }

/**
 * Mails a link to who has the address; one that nobody has is added to the user that the request selects. Refuses as
 * `selectAddressee` and `LinkRequest`'s checks do, and with `too_many_requests` the second link to an address in a second.
 */
export function mailLink(
  app: App,
  environment: Environment,
  request: LinkRequest & { user_id?: string | undefined },
  presented: Presented | undefined,
): Promise<Addressee> {
  const { user_id } = request
  return mail(app, environment, request, (app, contact) =>
    selectAddressee(app, environment, contact, { user_id, presented }),
  )
}

/** Mails a link to who has the address, or to a new user. Refuses as `mailLink` does, but never an unknown address. */
export function mailLinkOrCreate(
  app: App,
  environment: Environment,
  request: LinkRequest & { create_user_as_pending?: boolean | undefined },
): Promise<Addressee> {
  return mail(app, environment, request, (app, contact) => createAddressee(app, environment, contact, request))
}

/** Checks the whole request before anybody is looked up; what depends on who it is follows in the transaction. */
async function mail(
  app: App,
  environment: Environment,
  request: LinkRequest,
  find: (app: App, contact: Contact) => Promise<Addressee>,
): Promise<Addressee> {
  const contact = emailContact(request.email)
  const minutes = minutesOf(request)
  const urls = { login: request.login_magic_link_url, signup: request.signup_magic_link_url }
  if (urls.login) resolveRedirectUrl(environment, 'LOGIN', urls.login)
  if (urls.signup) resolveRedirectUrl(environment, 'SIGNUP', urls.signup)
  const templates = await namedTemplates(app, environment, 'link', request)
  const code_challenge = checkCodeChallenge(request.code_challenge)
  const attributes = checkAttributes(request.attributes)
  return app.transaction(async (app) => {
    await countAgainst(app, environment, 'email_links', contact.value)
    const addressee = await find(app, contact)
    const kind = addressee.is_signup ? 'signup' : 'login'
    // Only now is it known which of the two is needed: a project without sign-ups needs no URL for them.
    const redirect_url = resolveRedirectUrl(environment, kind === 'signup' ? 'SIGNUP' : 'LOGIN', urls[kind])
    const { locale } = request
    const more = { minutes: minutes[kind], redirect_url, attributes, code_challenge, locale }
    await mailDraft(app, environment, addressee, { kind, template: templates[kind], ...more })
    return addressee
  })
}

function minutesOf({ login_expiration_minutes, signup_expiration_minutes }: LinkRequest) {
  return {
    login: linkMinutes('login_expiration_minutes', login_expiration_minutes, usualMinutes.login),
    signup: linkMinutes('signup_expiration_minutes', signup_expiration_minutes, usualMinutes.signup),
  }
}

/** The address of a request. Refuses with `invalid_email`. */
export function emailContact(email: string): Contact {
  return { kind: 'email', value: parseEmail(email) ?? fail('invalid_email') }
}

/** Makes the link and queues the mail; belongs into the transaction that has found whom it goes to. */
export async function mailDraft(
  app: App,
  environment: Environment,
  { user, contact }: Pick<Addressee, 'user' | 'contact'>,
  { kind, minutes, redirect_url, attributes, code_challenge, locale = 'en', template }: Draft,
): Promise<void> {
  const token = await issueOneTimeToken(app, environment, {
    purpose: 'magic link',
    owner_id: user.user_id,
    method_id: contact.id,
    minutes,
    details: { kind, attributes, code_challenge, redirect_url },
  })
  const links = [{ purpose: kind, url: linkTo(app, environment, 'magic_links', token), token }]
  const letter = { channel: 'email', template: kind, locale, links, minutes } as const
  await sendMessage(app, environment, contact.value, letter, template)
}
