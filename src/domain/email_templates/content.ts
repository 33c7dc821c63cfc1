/** Which names, looks and texts a template may have. */
import { isLine } from '../../delivery/clean.ts'
import type { Look } from '../../delivery/message.ts'
import { fail } from '../../errors.ts'
import { type CustomHtml, customTypes } from './row.ts'
import { checkVariables } from './variables.ts'

const longestName = 256
const longestSubject = 256
/** In bytes of UTF-8. A mail that is any longer is cut by mail programs long before. */
const longestHtml = 128 * 1024
const longestPlaintext = 64 * 1024
const largestRadius = 100

/** What is given of a mail of the project's own. */
export type CustomHtmlGiven = { [Field in keyof CustomHtml]?: string | undefined }

/** The name of a template; refuses with `invalid_template_values` one that is no line. */
export function readName(name: string): string {
  if (!isLine(name, longestName)) {
    fail('invalid_template_values', `name must be one line of at most ${longestName} characters.`)
  }
  return name
}

/** A look; refuses with `invalid_template_values` what is no colour or no radius. */
export function readLook(given: Look): Look {
  const { button_border_radius: radius } = given
  if (radius !== undefined && !(radius >= 0 && radius <= largestRadius)) {
    fail('invalid_template_values', `prebuilt_customization.button_border_radius must be 0 to ${largestRadius} pixels.`)
  }
  for (const field of ['button_color', 'button_text_color'] as const) {
    if (given[field] !== undefined && !/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(given[field])) {
      fail('invalid_template_values', `prebuilt_customization.${field} must be a colour such as #2f4fc4.`)
    }
  }
  return given
}

/**
 * A mail of the project's own. Refuses with `invalid_email_template_content` an unknown kind, with `invalid_email_subject`,
 * `invalid_email_html` and `invalid_email_plaintext` texts that are missing, too long or, of a subject, no line, and with
 * `invalid_email_template_parameters` variables that do not fit the kind.
 */
export function readCustomHtml({
  template_type,
  html_content,
  plaintext_content,
  subject,
}: CustomHtmlGiven): CustomHtml {
  const type =
    customTypes.find((one) => one === template_type) ??
    fail(
      'invalid_email_template_content',
      `custom_html_customization.template_type must be one of ${customTypes.join(', ')}.`,
    )
  if (!subject?.trim() || !isLine(subject, longestSubject)) fail('invalid_email_subject')
  if (!html_content?.trim() || !fits(html_content, longestHtml)) fail('invalid_email_html')
  if (
    plaintext_content !== undefined &&
    (plaintext_content.trim() === '' || !fits(plaintext_content, longestPlaintext))
  ) {
    fail('invalid_email_plaintext')
  }
  checkVariables('subject', subject, type)
  checkVariables('html_content', html_content, type)
  if (plaintext_content !== undefined) checkVariables('plaintext_content', plaintext_content, type)
  return { template_type: type, html_content, plaintext_content, subject }
}

function fits(text: string, bytes: number): boolean {
  return text.isWellFormed() && Buffer.byteLength(text) <= bytes
}
