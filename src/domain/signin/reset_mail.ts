/** Mails that reset a password: what their requests share, and their two links (reference: consumer.md §3.4, b2b.md §7.3). */
import type { Link, Locale } from '../../delivery/message.ts'
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import type { App } from '../app.ts'
import { type Attributes, checkAttributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import type { EmailTemplate } from '../email_templates/row.ts'
import { type LinkKind, linkTo } from '../messages/link.ts'
import { sendMessage } from '../messages/message.ts'
import { namedTemplate } from '../messages/template.ts'
import {
  issueOneTimeToken,
  linkMinutes,
  type OneTimeToken,
  type TokenDetails,
  type TokenPurpose,
} from '../proofs/one_time_token.ts'
import { checkCodeChallenge } from '../proofs/pkce.ts'
import { defaultOf, type RedirectUrlType } from '../redirect_urls/placement.ts'
import { resolveRedirectUrl } from '../redirect_urls/resolve.ts'

const usualMinutes = 30

export type ResetMailRequest = {
  reset_password_redirect_url?: string | undefined
  reset_password_expiration_minutes?: number | undefined
  reset_password_template_id?: string | undefined
  verify_email_template_id?: string | undefined
  attributes?: Partial<Attributes> | undefined
  locale?: Locale | undefined
}

/** What the mail says: that a password can be reset, or that the first one comes with the proof of the address. */
export type ResetTemplate = 'reset_password' | 'verify_email'

/** A request that was found in order. */
export type ResetDraft = Pick<TokenDetails, 'attributes' | 'code_challenge'> & {
  email_address: string
  minutes: number
  locale: Locale
  /** Where the link to reset leads. */
  reset_url: string
  /** Where the link to go on without the password leads; undefined where no such URL is known: a reset does not depend on it. */
  other_url: string | undefined
  /** What the request names for either mail. */
  templates: Record<ResetTemplate, EmailTemplate | undefined>
}

/** A link of the mail: what it looks like, and what the token in it opens. */
export type ResetLink = { kind: LinkKind; purpose: TokenPurpose; flow: TokenDetails['kind'] }

/**
 * Checks a request before anybody is looked up. Refuses with `invalid_email`, `invalid_expiration`, `email_template_not_found`,
 * `invalid_template_id`, `invalid_pkce_code_challenge`, and with the errors of redirect URLs.
 */
export async function readResetRequest(
  app: App,
  environment: Environment,
  request: ResetMailRequest,
  more: {
    email_address: string
    code_challenge: string | undefined
    other: readonly [RedirectUrlType, string | undefined]
  },
): Promise<ResetDraft> {
  const email_address = parseEmail(more.email_address) ?? fail('invalid_email')
  const given = request.reset_password_expiration_minutes
  const minutes = linkMinutes('reset_password_expiration_minutes', given, usualMinutes)
  const { reset_password_template_id: reset, verify_email_template_id: verify } = request
  const templates = {
    reset_password: await namedTemplate(app, environment, 'RESET_PASSWORD', reset),
    verify_email: await namedTemplate(app, environment, 'VERIFY_EMAIL_PASSWORD_RESET', verify),
  }
  const attributes = checkAttributes(request.attributes)
  const code_challenge = checkCodeChallenge(more.code_challenge)
  const reset_url = resolveRedirectUrl(environment, 'RESET_PASSWORD', request.reset_password_redirect_url)
  const [type, url] = more.other
  const other_url = url ? resolveRedirectUrl(environment, type, url) : defaultOf(environment.redirect_urls, type)?.url
  const locale = request.locale ?? 'en'
  return { email_address, minutes, locale, reset_url, other_url, attributes, code_challenge, templates }
}

/**
 * Makes the links and queues the mail; belongs into the transaction that has found whose they are. Without `other`, or a URL for it,
 * there is one link only.
 */
export async function mailReset(
  app: App,
  environment: Environment,
  { email_address, minutes, locale, attributes, code_challenge, templates, ...urls }: ResetDraft,
  template: ResetTemplate,
  of: Pick<OneTimeToken, 'owner_id' | 'method_id'>,
  { reset, other }: { reset: ResetLink; other?: ResetLink | undefined },
): Promise<void> {
  const link = async (purpose: Link['purpose'], one: ResetLink, redirect_url: string): Promise<Link> => {
    const details = { kind: one.flow, attributes, code_challenge, redirect_url }
    const issue = { ...of, purpose: one.purpose, details, minutes }
    const token = await issueOneTimeToken(app, environment, issue)
    return { purpose, url: linkTo(app, environment, one.kind, token), token }
  }
  const links = [await link('reset_password', reset, urls.reset_url)]
  if (other && urls.other_url !== undefined) links.push(await link('login', other, urls.other_url))
  const letter = { channel: 'email', template, locale, links, minutes } as const
  await sendMessage(app, environment, email_address, letter, templates[template])
}
