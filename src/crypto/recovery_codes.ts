/** Recovery codes: what gets somebody in who has lost the authenticator app (reference: consumer.md §3.5). */
import { randomInt } from 'node:crypto'

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** A new code of the form `xxxx-xxxx-xxxx` in lower-case letters and digits: 62 random bits. */
export function newRecoveryCode(): string {
  // `randomInt` draws again where a remainder would favour some characters.
  const group = () => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join('')
  return [group(), group(), group()].join('-')
}

/**
 * Reads a code as somebody may type it from paper: capitals and surrounding spaces do not matter, the hyphens may be
 * missing. Returns the form that was issued, and undefined when the text is none.
 */
export function parseRecoveryCode(text: string): string | undefined {
  const groups = /^([a-z0-9]{4})-?([a-z0-9]{4})-?([a-z0-9]{4})$/.exec(text.trim().toLowerCase())
  return groups?.slice(1).join('-')
}
