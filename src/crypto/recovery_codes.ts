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

/**
 * The form in which codes are compared, those of other systems too: as issued where it has the form of ours, otherwise without
 * surrounding spaces and capitals.
 */
export function plainRecoveryCode(text: string): string {
  return parseRecoveryCode(text) ?? text.trim().toLowerCase()
}

/**
 * Whether a text can be a recovery code, of whatever system: 6 to 64 visible characters of ASCII. Six digits are the code of
 * an authenticator app.
 */
export function isRecoveryCodeShaped(text: string): boolean {
  return /^[!-~]{6,64}$/.test(text) && !/^[0-9]{6}$/.test(text)
}
