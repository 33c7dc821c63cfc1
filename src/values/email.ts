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
  if (!isLocalPart(address.slice(0, Math.max(at, 0))) || !isMailDomain(address.slice(at + 1))) return undefined
  return address.toLowerCase()
}

/** Whether a text can stand before the `@` of an address. */
export function isLocalPart(text: string): boolean {
  return text.length <= 64 && local.test(text)
}

/** Whether a text can stand after the `@` of an address: two labels or more in ASCII, the last with a letter. */
export function isMailDomain(text: string): boolean {
  const labels = text.split('.')
  return (
    text.length <= 253 &&
    labels.length >= 2 &&
    labels.every((part) => label.test(part)) &&
    /[A-Za-z]/.test(labels.at(-1) ?? '')
  )
}
