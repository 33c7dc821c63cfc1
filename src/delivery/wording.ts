/** What a language has to say; the compiler tells when one of them says less than the others. */
import type { Template } from './message.ts'

type CodeTemplate = 'otp_login' | 'otp_signup' | 'otp_mfa'
type LinkTemplate = Exclude<Template, CodeTemplate>

/** The sentences of an email. `app` is the name of the application. */
export type Sentences = {
  heading(app: string): string
  /** What to do with the link or the code. */
  lead(app: string): string
  /** What to do when it came unasked. */
  unasked(app: string): string
}
type LinkSentences = Sentences & { subject(app: string): string; button: string }

export type Wording = {
  /** As in the `lang` attribute (BCP 47). */
  lang: string
  links: Record<LinkTemplate, LinkSentences>
  codes: Record<CodeTemplate, Sentences>
  /** The subject of an email with a code. */
  code_subject(code: string, app: string): string
  /** How long a link or a code can be used; `duration` is like "10 minutes". */
  link_validity(duration: string): string
  code_validity(duration: string): string
  /** Before the address of the button, written out. */
  fallback: string
  /** Before a second link, with which to log in instead of choosing a new password. */
  without_password: { question: string; link: string }
  footer(app: string): string
  /** The whole of a text message: in letters that a plain SMS has (GSM 03.38), so that it stays one SMS. */
  short_code(code: string, app: string, duration: string): string
}
