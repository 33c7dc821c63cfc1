/** Magic links by email to members, known or new (reference: b2b.md §7.1). */
import type { Locale } from '../../../delivery/message.ts'
import type { App } from '../../app.ts'
import { checkAttributes } from '../../attributes.ts'
import type { Environment } from '../../configuration/environment.ts'
import type { EmailTemplate } from '../../email_templates/row.ts'
import { countAgainst } from '../../limits/limit.ts'
import type { Member } from '../../members/row.ts'
import { linkTo } from '../../messages/link.ts'
import { sendMessage } from '../../messages/message.ts'
import { namedTemplates } from '../../messages/template.ts'
import { issueOneTimeToken, linkMinutes } from '../../proofs/one_time_token.ts'
import { checkCodeChallenge } from '../../proofs/pkce.ts'
import { resolveRedirectUrl } from '../../redirect_urls/resolve.ts'
import { type MemberAddressee, memberAddressee } from '../member_addressee.ts'
import { emailContact } from './mail.ts'

/** What a request for a login or sign-up link may say; every field but the first two may be missing. */
export type MemberLinkRequest = {
  organization_id: string
  email_address: string
  login_redirect_url?: string | undefined
  signup_redirect_url?: string | undefined
  login_expiration_minutes?: number | undefined
  signup_expiration_minutes?: number | undefined
  login_template_id?: string | undefined
  signup_template_id?: string | undefined
  pkce_code_challenge?: string | undefined
  locale?: Locale | undefined
}

/** A link on its way into a mail. */
type Draft = {
  kind: 'login' | 'signup' | 'invite'
  minutes: number
  redirect_url: string
  code_challenge?: string | undefined
  locale: Locale | undefined
  template: EmailTemplate | undefined
}

/** How many minutes a link lasts unless the request says otherwise. */
const usualMinutes = 60

/**
 * Mails a link to the member who has the address, or to a new one. Refuses as `memberAddressee` does, with
 * `too_many_requests` the second link to an address in a second, and whatever the request has wrong.
 */
export async function mailMemberLink(
  app: App,
  environment: Environment,
  request: MemberLinkRequest,
): Promise<MemberAddressee> {
  const { value: email_address } = emailContact(request.email_address)
  const { login_expiration_minutes: login, signup_expiration_minutes: signup, locale } = request
  const minutes = {
    login: linkMinutes('login_expiration_minutes', login, usualMinutes),
    signup: linkMinutes('signup_expiration_minutes', signup, usualMinutes),
  }
  const urls = { login: request.login_redirect_url, signup: request.signup_redirect_url }
  if (urls.login) resolveRedirectUrl(environment, 'LOGIN', urls.login)
  if (urls.signup) resolveRedirectUrl(environment, 'SIGNUP', urls.signup)
  const templates = await namedTemplates(app, environment, 'link', request)
  const code_challenge = checkCodeChallenge(request.pkce_code_challenge)
  return app.transaction(async (app) => {
    await countAgainst(app, environment, 'email_links', email_address)
    const addressee = await memberAddressee(app, environment, request.organization_id, email_address, 'magic_link')
    const kind = addressee.is_signup ? 'signup' : 'login'
    // Only now is it known which of the two is needed: a project without sign-ups needs no URL for them.
    const redirect_url = resolveRedirectUrl(environment, kind === 'signup' ? 'SIGNUP' : 'LOGIN', urls[kind])
    const draft = { kind, minutes: minutes[kind], redirect_url, code_challenge, locale } as const
    await mailMemberDraft(app, environment, addressee.member, { ...draft, template: templates[kind] })
    return addressee
  })
}

/** Makes the link and queues the mail; belongs into the transaction that has found whom it goes to. */
export async function mailMemberDraft(
  app: App,
  environment: Environment,
  { member_id: owner_id, email_id: method_id, email_address }: Member,
  { kind, minutes, redirect_url, code_challenge, locale = 'en', template }: Draft,
): Promise<void> {
  const details = { kind, attributes: checkAttributes(undefined), code_challenge, redirect_url }
  const issue = { purpose: 'magic link', owner_id, method_id, minutes, details } as const
  const token = await issueOneTimeToken(app, environment, issue)
  const links = [{ purpose: kind, url: linkTo(app, environment, 'multi_tenant_magic_links', token), token }]
  const letter = { channel: 'email', template: kind, locale, links, minutes } as const
  await sendMessage(app, environment, email_address, letter, template)
}
