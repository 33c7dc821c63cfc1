/** Messages to people: what one says before it has words, and what a transport gets to send. */

export type Channel = 'email' | 'sms' | 'whatsapp'

/** The languages that there are texts in. */
export type Locale = 'en' | 'es' | 'pt-br' | 'fr'

export type Template =
  | 'login'
  | 'signup'
  | 'invite'
  | 'reset_password'
  | 'verify_email'
  | 'unlock'
  | 'otp_login'
  | 'otp_signup'
  | 'otp_mfa'

/** A link in a message. `token` is what it carries, for those who test without a browser. */
export type Link = {
  purpose: 'login' | 'signup' | 'invite' | 'reset_password' | 'verify_email' | 'unlock'
  url: string
  token: string
}

/** A message before it has words. The first link is that of the main action. */
export type Letter = {
  channel: Channel
  template: Template
  locale: Locale
  /** The name of the application, as people know it. */
  project_name: string
  code?: string | undefined
  links: Link[]
  /** How many minutes the code or the first link can be used. */
  minutes: number
}

/** The words of a message; only email has a subject and an HTML form. */
export type Words = { subject?: string; text: string; html?: string }
