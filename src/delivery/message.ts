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

/** How an email looks where it does not look as usual. Colours are `#rgb` or `#rrggbb`, the radius is in pixels. */
export type Look = {
  button_border_radius?: number | undefined
  button_color?: string | undefined
  button_text_color?: string | undefined
  font_family?: FontFamily | undefined
  text_alignment?: 'LEFT' | 'CENTER' | undefined
}

export type FontFamily =
  | 'ARIAL'
  | 'BRUSH_SCRIPT_MT'
  | 'COURIER_NEW'
  | 'GEORGIA'
  | 'HELVETICA'
  | 'TAHOMA'
  | 'TIMES_NEW_ROMAN'
  | 'TREBUCHET_MS'
  | 'VERDANA'

/** Who an email is from, and who gets the answers; whatever is missing is as the carrier has it. */
export type Sender = {
  name?: string | undefined
  local_part?: string | undefined
  domain?: string | undefined
  /** At the same domain. */
  reply_to?: { name?: string | undefined; local_part: string } | undefined
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
  /** What it says where a template of the project says it, in place of our words. */
  words?: Words | undefined
  look?: Look | undefined
  sender?: Sender | undefined
}

/** The words of a message; only email has a subject and an HTML form. */
export type Words = { subject?: string; text: string; html?: string }
