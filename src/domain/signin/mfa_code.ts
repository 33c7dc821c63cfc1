/** One-time codes as a second factor of members, by SMS (reference: b2b.md §1.5 step 7, §2). */
import type { Locale } from '../../delivery/message.ts'
import { Refusal } from '../../errors.ts'
import { callingCodeOf } from '../../values/phone.ts'
import type { App } from '../app.ts'
import { checkAttributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import { checkCountryAllowed } from '../country_codes/country_code.ts'
import { countAgainst } from '../limits/limit.ts'
import type { Member } from '../members/row.ts'
import { checkSendable, sendMessage } from '../messages/message.ts'
import type { Organization } from '../organizations/row.ts'
import { issueOneTimeCode } from '../proofs/one_time_code.ts'
import { isMfaMethodAllowed } from './policy.ts'

const written: Locale[] = ['en', 'es', 'pt-br', 'fr']

/** The language a code is written in when that one was asked for: English where there is no text, and without a wish. */
export function languageOf(asked: string | undefined): Locale {
  return written.find((locale) => locale === asked) ?? 'en'
}

/** How long a code can be used, in minutes. */
const minutes = 2

/**
 * Sends a code to the number a member has on file; belongs into the transaction that wants it. Refuses numbers outside the
 * allowed countries, and with `too_many_requests`.
 */
export async function sendMfaCode(
  app: App,
  environment: Environment,
  { member_id }: Member,
  { phone_id, phone_number }: NonNullable<Member['mfa_phone']>,
  locale: Locale,
): Promise<void> {
  checkCountryAllowed(environment, 'sms', phone_number)
  // Before anything is written: who catches the refusal keeps the transaction, and the code before this one.
  await checkSendable(app, environment, 'sms', phone_number)
  await countAgainst(app, environment, 'phone_number', phone_number)
  await countAgainst(app, environment, 'phone_prefix', callingCodeOf(phone_number))
  const details = { channel: 'sms' as const, attributes: checkAttributes(undefined) }
  const code = await issueOneTimeCode(app, environment, { owner_id: member_id, method_id: phone_id, details, minutes })
  await sendMessage(app, environment, phone_number, {
    channel: 'sms',
    template: 'otp_mfa',
    locale,
    code,
    links: [],
    minutes,
  })
}

/**
 * Sends a code by itself when a sign-in waits for the second factor, and tells whether it did: only to a verified number,
 * where the organization allows SMS and the member does not prefer the authenticator app. No refusal of a carrier or a
 * limit fails the sign-in.
 */
export async function sendMfaCodeEarly(
  app: App,
  environment: Environment,
  organization: Organization,
  member: Member,
  locale: Locale,
): Promise<boolean> {
  const { mfa_phone, default_mfa_method } = member
  if (!mfa_phone?.verified || default_mfa_method === 'totp') return false
  if (!isMfaMethodAllowed(organization, member, 'sms_otp')) return false
  try {
    await sendMfaCode(app, environment, member, mfa_phone, locale)
    return true
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return false
  }
}
