/** One-time passwords of authenticator apps: HOTP (RFC 4226) and TOTP (RFC 6238) with SHA-1, six digits and 30 seconds. */
import { createHmac, randomBytes } from 'node:crypto'
import { sameHash } from './tokens.ts'

const period = 30_000
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** A new secret: 20 random bytes, as long as the output of the hash, in 32 characters of base32. */
export function newTotpSecret(): string {
  return encodeBase32(randomBytes(20))
}

/**
 * Reads a secret of another system: base32 in any case, with or without padding, spaces and hyphens. Returns it as ours are
 * written; undefined when it is none, or has less than 10 bytes or more than 128.
 */
export function parseTotpSecret(text: string): string | undefined {
  const letters = text.replace(/[\s-]/g, '').replace(/=+$/, '').toUpperCase()
  if (!/^[A-Z2-7]+$/.test(letters)) return undefined
  const bytes = decodeBase32(letters)
  return bytes.length >= 10 && bytes.length <= 128 ? encodeBase32(bytes) : undefined
}

/** Whether the text has the form of a code: six digits. */
export function isTotpShaped(text: string): boolean {
  return /^[0-9]{6}$/.test(text)
}

/** The number of the 30 seconds in which a time lies; milliseconds since the epoch. */
export function totpStep(time: number): number {
  return Math.floor(time / period)
}

/** The code of a secret for one step, which is the counter of RFC 4226 §5.3. */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', decodeBase32(secret)).update(counter).digest()
  const offset = (mac.at(-1) as number) & 0xf
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff
  return String(number % 1_000_000).padStart(6, '0')
}

/**
 * The step whose code this is at that time: the current one, the one before or the one after it; undefined when it is of
 * none of them. Where two steps have the same code it is the later one, so that the code cannot count for each of them.
 */
export function matchTotp(secret: string, code: string, time: number): number | undefined {
  const now = totpStep(time)
  // Every step is compared, so the answer takes the same time whichever it is.
  return [now + 1, now, now - 1].filter((step) => sameHash(totpCode(secret, step), code))[0]
}

/**
 * What an authenticator app reads from a QR code: an `otpauth:` URI with the secret, who issued it and for whom (the Key
 * URI format of these apps). A colon divides the two, so neither keeps its own; an issuer is cut at 64 characters.
 */
export function otpauthUri(secret: string, issuer: string, account: string): string {
  const name = encode([...issuer].slice(0, 64).join(''))
  const parameters = `secret=${secret}&issuer=${name}&algorithm=SHA1&digits=6&period=30`
  return `otpauth://totp/${name}:${encode(account)}?${parameters}`
}

/** Percent-encoding of any text: half of a surrogate pair, which cannot be encoded, becomes U+FFFD. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed().replaceAll(':', ' ').trim())
}

/** Bytes in base32 (RFC 4648 §6) without padding, as authenticator apps read secrets. */
export function encodeBase32(bytes: Buffer): string {
  let text = ''
  let [bits, width] = [0, 0]
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff
    for (width += 8; width >= 5; width -= 5) text += alphabet[(bits >> (width - 5)) & 31]
  }
  return width === 0 ? text : text + alphabet[(bits << (5 - width)) & 31]
}

/** The bytes of unpadded base32. Throws a RangeError for a text that is not. */
export function decodeBase32(text: string): Buffer {
  const bytes: number[] = []
  let [bits, width] = [0, 0]
  for (const letter of text) {
    const value = alphabet.indexOf(letter)
    if (value < 0) throw new RangeError('The text is not base32.')
    bits = ((bits << 5) | value) & 0xfff
    width += 5
    if (width < 8) continue
    width -= 8
    bytes.push((bits >> width) & 0xff)
  }
  return Buffer.from(bytes)
}
