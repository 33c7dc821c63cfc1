/** The variables of templates: which ones a kind of mail has, and how they are filled in (reference: wire.md §9). */
import { oneLine, unbroken } from '../../delivery/clean.ts'
import type { Words } from '../../delivery/message.ts'
import { fail } from '../../errors.ts'
import { html } from '../../values/html.ts'
import type { CustomHtml, CustomType } from './row.ts'

/** What every kind of mail can say. */
const everywhere = ['user_email', 'project_name', 'expiration_minutes'] as const

/** What a kind of mail is sent for: without it nobody could do what the mail asks. */
const essential = {
  LOGIN: 'magic_link_url',
  SIGNUP: 'magic_link_url',
  INVITE: 'magic_link_url',
  UNLOCK: 'magic_link_url',
  ONE_TIME_PASSCODE: 'otp_code',
  ONE_TIME_PASSCODE_SIGNUP: 'otp_code',
  RESET_PASSWORD: 'reset_password_url',
  VERIFY_EMAIL_PASSWORD_RESET: 'reset_password_url',
} as const satisfies Record<CustomType, string>

/** `action` is the link or the code of the mail. */
export type Values = Record<(typeof everywhere)[number] | 'action', string>

const opening = '{{'
const variable = /\{\{[ \t]*([a-z_]+)[ \t]*\}\}/y

/**
 * Refuses with `invalid_email_template_parameters` a text with a variable that its kind of mail does not have, or without
 * the one it is sent for. A subject needs none, and shows no link.
 */
export function checkVariables(
  field: 'html_content' | 'plaintext_content' | 'subject',
  text: string,
  type: CustomType,
) {
  const needed = essential[type]
  const isShown = field !== 'subject' || needed === 'otp_code'
  const known: string[] = isShown ? [needed, ...everywhere] : [...everywhere]
  const found = new Set<string>()
  for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, variable.lastIndex)) {
    variable.lastIndex = at
    const [, name] = variable.exec(text) ?? []
    if (name === undefined || !known.includes(name)) {
      const what = oneLine(name ?? text.slice(at, at + 40), 40)
      fail(
        'invalid_email_template_parameters',
        `${field}: "${what}" is no variable of ${type} templates there; they have ${known.join(', ')}.`,
      )
    }
    found.add(name)
  }
  if (field !== 'subject' && !found.has(needed)) {
    fail('invalid_email_template_parameters', `${field} of a ${type} template needs the variable {{${needed}}}.`)
  }
}

/**
 * The words of a mail with the values in their places, each put in once: what looks like a variable or a tag in a value is
 * text. `plain` stands in for the text that the template has not.
 */
export function fillIn(custom: CustomHtml, values: Values, plain: string): Words {
  const { template_type, subject, html_content, plaintext_content } = custom
  const fill = (text: string, write: (value: string) => string) =>
    text.replace(new RegExp(variable.source, 'g'), (_, name: string) =>
      write(name === essential[template_type] ? values.action : values[name as keyof Values]),
    )
  return {
    subject: unbroken(fill(subject, (value) => value)),
    text: plaintext_content === undefined ? plain : fill(plaintext_content, (value) => value),
    html: fill(html_content, (value) => html`${value}`.text),
  }
}
