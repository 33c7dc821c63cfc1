/** Imported phpass hashes: the "portable" MD5 form of older WordPress, Drupal and phpBB. */
import { hash, timingSafeEqual } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { fail } from '../../errors.ts'

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The lowest and highest cost that are imported, as powers of two; the highest takes about a second. */
const [lowestCost, highestCost] = [7, 18]

/** It counts on the event loop, so it stops for others after that many rounds, about a millisecond. */
const roundsAtOnce = 512

/** Compares in constant time. */
export async function verifyPhpass(text: string, password: string): Promise<boolean> {
  const rounds = 2 ** costOf(text)
  const given = Buffer.from(password)
  let digest = hash('md5', Buffer.concat([Buffer.from(text.slice(4, 12)), given]), 'buffer')
  for (let round = 1; round <= rounds; round++) {
    digest = hash('md5', Buffer.concat([digest, given]), 'buffer')
    if (round % roundsAtOnce === 0) await setImmediate()
  }
  return timingSafeEqual(Buffer.from(encode(digest)), Buffer.from(text.slice(12)))
}

/** Returns the hash as it is. Refuses with `invalid_phpass_hash_prefix` or `invalid_phpass_hash_format`. */
export function parsePhpass(text: string): string {
  if (!/^\$[PH]\$/.test(text)) fail('invalid_phpass_hash_prefix')
  if (!/^\$[PH]\$[./A-Za-z0-9]{31}$/.test(text)) fail('invalid_phpass_hash_format')
  const cost = costOf(text)
  if (cost < lowestCost || cost > highestCost) fail('invalid_phpass_hash_format')
  return text
}

function costOf(text: string): number {
  return alphabet.indexOf(text.charAt(3))
}

/** Its own base64: six bits at a time from the low end of three bytes, which come low byte first. */
function encode(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const value = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)
    const digits = Math.min(4, bytes.length - at + 1)
    for (let digit = 0; digit < digits; digit++) text += alphabet[(value >> (6 * digit)) & 63]
  }
  return text
}
