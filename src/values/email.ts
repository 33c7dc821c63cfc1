/** Email addresses: strict, bounded, compared without regard to case. */

const local = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const label = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

/**
 * Reads an address as a dot-atom (RFC 5321 §4.1.2 without quoted strings and address literals) and returns it trimmed and
 * lower-cased; undefined when it is not one. Internationalised domains are accepted in their ASCII (`xn--`) form only, so
 * that two spellings that look alike can never be two accounts.
 */
export function parseEmail(text: string): string | undefined {
  const address = text.trim()
  if (address.length > 254) return undefined
  const at = address.lastIndexOf('@')
  const mailbox = address.slice(0, at)
  const labels = address.slice(at + 1).split('.')
  if (at < 1 || mailbox.length > 64 || !local.test(mailbox)) return undefined
  if (labels.length < 2 || !labels.every((part) => label.test(part)) || !/[A-Za-z]/.test(labels.at(-1) ?? ''))
    return undefined
  return address.toLowerCase()
}
