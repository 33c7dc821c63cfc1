/** Imported bcrypt hashes, in the modular crypt format. */
import { verify } from '@node-rs/bcrypt'
import { fail } from '../../errors.ts'

/** The highest cost that is imported: about a second of one core. */
const highestCost = 14

/** bcrypt reads no more of a password than this many bytes. */
export const bcryptReach = 72

/** Compares in constant time. Of a password beyond 72 bytes only those count, as where the hash was made. */
export function verifyBcrypt(text: string, password: string): Promise<boolean> {
  return verify(password, text)
}

/** Returns the hash as it is. Refuses with `invalid_bcrypt_hash` or `invalid_bcrypt_cost`. */
export function parseBcrypt(text: string): string {
  const [, cost] = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(text) ?? fail('invalid_bcrypt_hash')
  if (Number(cost) < 4 || Number(cost) > highestCost) fail('invalid_bcrypt_cost')
  return text
}
