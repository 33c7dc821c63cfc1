/** One-time codes by email to members, known or new (reference: b2b.md §7.2). */
import type { Locale } from '../../delivery/message.ts'
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import type { App } from '../app.ts'
import { checkAttributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import { countAgainst } from '../limits/limit.ts'
import { sendMessage } from '../messages/message.ts'
import { checkTemplates } from '../messages/template.ts'
import { issueOneTimeCode } from '../proofs/one_time_code.ts'
import { type MemberAddressee, memberAddressee } from './member_addressee.ts'

/** What a request for a code may say; every field but the first two may be missing. */
export type MemberCodeRequest = {
  organization_id: string
  email_address: string
  login_expiration_minutes?: number | undefined
  signup_expiration_minutes?: number | undefined
  login_template_id?: string | undefined
  signup_template_id?: string | undefined
  locale?: Locale | undefined
}

/** How many minutes a code lasts unless the request says otherwise. */
const usualMinutes = 10

/**
 * Sends a code to the member who has the address, or to a new one; earlier codes to the address are superseded. Refuses as
 * `memberAddressee` and `sendMessage` do, with `invalid_email`, `invalid_expiration_otp`, `email_template_not_found`, and with
 * `too_many_requests` the second code to an address in a second.
 */
export async function sendMemberCode(
  app: App,
  environment: Environment,
  request: MemberCodeRequest,
): Promise<MemberAddressee> {
  const email_address = parseEmail(request.email_address) ?? fail('invalid_email')
  const { login_expiration_minutes, signup_expiration_minutes, locale = 'en' } = request
  const minutes = {
    login: codeMinutes('login_expiration_minutes', login_expiration_minutes),
    signup: codeMinutes('signup_expiration_minutes', signup_expiration_minutes),
  }
  checkTemplates(request.login_template_id, request.signup_template_id)
  return app.transaction(async (app) => {
    await countAgainst(app, environment, 'email_codes', email_address)
    const addressee = await memberAddressee(app, environment, request.organization_id, email_address, 'email_otp')
    const kind = addressee.is_signup ? 'signup' : 'login'
    await issueAndSend(app, environment, addressee, { kind, minutes: minutes[kind], locale })
    return addressee
  })
}

async function issueAndSend(
  app: App,
  environment: Environment,
  { member: { member_id: owner_id, email_id: method_id, email_address } }: MemberAddressee,
  { kind, minutes, locale }: { kind: 'login' | 'signup'; minutes: number; locale: Locale },
): Promise<void> {
  const details = { channel: 'email' as const, attributes: checkAttributes(undefined) }
  const code = await issueOneTimeCode(app, environment, { owner_id, method_id, details, minutes })
  const letter = { channel: 'email', template: `otp_${kind}`, locale, code, links: [], minutes } as const
  await sendMessage(app, environment, email_address, { ...letter, links: [] })
}

/** How long a code lasts: the minutes that the field gives, or else ten. Refuses with `invalid_expiration_otp`. */
export function codeMinutes(field: string, given: number | undefined): number {
  const minutes = given ?? usualMinutes
  if (minutes < 2 || minutes > 15) fail('invalid_expiration_otp', `${field} must be between 2 and 15.`)
  return minutes
}
