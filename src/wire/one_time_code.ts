/** The requests that ask for a one-time code, and their replies. */
import { z } from 'zod'
import { attributes, locale, minutes, templateId, userSelection } from './sending.ts'
import { maybe } from './shape.ts'

const shared = {
  expiration_minutes: minutes('How many minutes the code can be used, 1 to 10; 2 unless given.'),
  ...attributes,
}

/** The fields of every `send` operation. */
export const sendFields = { ...shared, ...locale('api_otp_v1_SendRequestLocale'), ...userSelection }

/** The fields of every `login_or_create` operation. */
export const loginOrCreateFields = {
  ...shared,
  ...locale('api_otp_v1_LoginOrCreateRequestLocale'),
  create_user_as_pending: maybe(z.boolean()).describe(
    'Whether a new user stays pending until the first successful authentication.',
  ),
}

/** Where a text message goes. */
export const phoneFields = { phone_number: z.string().describe('The number in E.164, for example +14155550123.') }

/** Where an email goes, and what it looks like. */
export const emailFields = {
  email: z.string().describe('The email address.'),
  login_template_id: templateId,
  signup_template_id: templateId,
}

/** The reply to a text message. */
export const phoneSentShape = {
  user_id: z.string(),
  phone_id: z.string().describe('The method_id to authenticate the code with.'),
}

/** The reply to an email. */
export const emailSentShape = {
  user_id: z.string(),
  email_id: z.string().describe('The method_id to authenticate the code with.'),
}

/** What `login_or_create` adds to the reply. */
export const createdShape = { user_created: z.boolean() }
