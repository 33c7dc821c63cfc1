/** Sending one-time codes to phones and mailboxes (reference: consumer.md §3.0, §3.3). */
import type { Locale } from '../../delivery/message.ts'
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import { callingCodeOf, parsePhoneNumber } from '../../values/phone.ts'
import type { App } from '../app.ts'
import { type Attributes, checkAttributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import { checkCountryAllowed, type PhoneChannel } from '../country_codes/country_code.ts'
import { countAgainst } from '../limits/limit.ts'
import { sendMessage } from '../messages/message.ts'
import { type NamedTemplates, namedTemplates } from '../messages/template.ts'
import { type CodeDetails, issueOneTimeCode } from '../proofs/one_time_code.ts'
import type { Presented } from '../sessions/presented.ts'
import type { Contact } from '../users/contacts.ts'
import { type Addressee, createAddressee, selectAddressee } from './addressee.ts'

type Given = {
  expiration_minutes?: number | undefined
  attributes?: Partial<Attributes> | undefined
  locale?: Locale | undefined
}
type GivenPhone = Given & { phone_number: string }
type GivenEmail = Given & {
  email: string
  login_template_id?: string | undefined
  signup_template_id?: string | undefined
}

/** What a request asks for, checked: which code to send whereto. */
export type CodeRequest = {
  contact: Contact
  /** The channel, and what the caller says about the device. */
  details: CodeDetails
  minutes: number
  locale: Locale
  templates?: NamedTemplates
}

const usualMinutes = 2
const mostMinutes = 10

/**
 * Reads a request for a code by text message. Refuses with `invalid_phone_number`, `invalid_phone_number_country_code`,
 * `invalid_expiration_otp`, and attributes as `checkAttributes` does.
 */
export function readPhoneRequest(environment: Environment, channel: PhoneChannel, given: GivenPhone): CodeRequest {
  const value = parsePhoneNumber(given.phone_number) ?? fail('invalid_phone_number')
  checkCountryAllowed(environment, channel, value)
  return { contact: { kind: 'phone_number', value }, ...readRest(channel, given) }
}

/**
 * Reads a request for a code by email. Refuses with `invalid_email`, `invalid_expiration_otp`, attributes as
 * `checkAttributes` does, and templates as `namedTemplate` does.
 */
export async function readEmailRequest(app: App, environment: Environment, given: GivenEmail): Promise<CodeRequest> {
  const value = parseEmail(given.email) ?? fail('invalid_email')
  const request: CodeRequest = { contact: { kind: 'email', value }, ...readRest('email', given) }
  return { ...request, templates: await namedTemplates(app, environment, 'code', given) }
}

function readRest(channel: CodeDetails['channel'], given: Given): Omit<CodeRequest, 'contact'> {
  const { expiration_minutes: minutes = usualMinutes, locale = 'en' } = given
  if (minutes < 1 || minutes > mostMinutes) fail('invalid_expiration_otp')
  return { details: { channel, attributes: checkAttributes(given.attributes) }, minutes, locale }
}

/**
 * Sends a code to the user who has the contact, or adds the contact to the selected user. Refuses as `selectAddressee` and
 * `sendMessage` do, and with `too_many_requests`; then nothing was added, counted or superseded.
 */
export function sendCode(
  app: App,
  environment: Environment,
  request: CodeRequest,
  selection: { user_id?: string | undefined; presented?: Presented | undefined },
): Promise<Addressee> {
  return send(app, environment, request, (app) => selectAddressee(app, environment, request.contact, selection))
}

/** Sends a code to the user who has the contact, or to one who is created with it. Refuses as `sendCode` does. */
export function sendCodeOrCreate(
  app: App,
  environment: Environment,
  request: CodeRequest,
  options: { create_user_as_pending?: boolean | undefined },
): Promise<Addressee> {
  return send(app, environment, request, (app) => createAddressee(app, environment, request.contact, options))
}

function send(
  app: App,
  environment: Environment,
  { contact: { kind, value }, details, minutes, locale, templates }: CodeRequest,
  find: (app: App) => Promise<Addressee>,
): Promise<Addressee> {
  return app.transaction(async (app) => {
    const addressee = await find(app)
    const { user, contact, is_signup } = addressee
    if (kind === 'email') {
      await countAgainst(app, environment, 'email_codes', value)
    } else {
      await countAgainst(app, environment, 'phone_number', value)
      await countAgainst(app, environment, 'phone_prefix', callingCodeOf(value))
    }
    const issue = { owner_id: user.user_id, method_id: contact.id, details, minutes }
    const code = await issueOneTimeCode(app, environment, issue)
    const step = is_signup ? 'signup' : 'login'
    const letter = { channel: details.channel, template: `otp_${step}`, locale, code, links: [], minutes } as const
    await sendMessage(app, environment, value, { ...letter, links: [] }, templates?.[step])
    return addressee
  })
}
