/** Imported PBKDF2 hashes (RFC 8018) over HMAC-SHA-256 or HMAC-SHA-512. */
import { pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { fail } from '../../errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'

/** Parameters of a PBKDF2 hash as a request gives them; `salt` in base64, `key_length` in bytes. */
export type Pbkdf2Config = {
  salt: string
  iteration_amount: number
  key_length: number
  algorithm: string | undefined
}

/** The most iterations, counted for each block of the key: about a second of one core. */
const mostWork = 1_500_000

const digestBytes = { sha256: 32, sha512: 64 }
const compute = promisify(pbkdf2)

/** Compares in constant time. */
export async function verifyPbkdf2(text: string, password: string): Promise<boolean> {
  const { algorithm, iterations, salt, key } = stored(text)
  return timingSafeEqual(await compute(password, salt, iterations, key.length, algorithm), key)
}

/** A stored hash as `parsePbkdf2` takes it. */
export function describePbkdf2(text: string): { hash: string; pbkdf_2_config: Pbkdf2Config } {
  const { algorithm, iterations, salt, key } = stored(text)
  const config = { salt: encodeBase64(salt), iteration_amount: iterations, key_length: key.length, algorithm }
  return { hash: encodeBase64(key), pbkdf_2_config: config }
}

function stored(text: string): { algorithm: string; iterations: number; salt: Buffer; key: Buffer } {
  const [, algorithm = '', iterations, salt = '', digits = ''] = text.split(/[$]pbkdf2-|[$]i=|[$]/)
  const [salt_bytes, key] = [Buffer.from(salt, 'base64'), Buffer.from(digits, 'base64')]
  return { algorithm, iterations: Number(iterations), salt: salt_bytes, key }
}

/** Reads an imported hash and returns it as one text. Refuses with the `…pbkdf_2…` type of the part that is wrong. */
export function parsePbkdf2(text: string, config: Pbkdf2Config | undefined): string {
  if (!config) fail('bad_request', 'pbkdf_2_config is required for hashes of type pbkdf_2.')
  const algorithm = config.algorithm || 'sha256'
  if (algorithm !== 'sha256' && algorithm !== 'sha512') fail('invalid_pbkdf_2_algorithm')
  const salt = decodeBase64(config.salt) ?? fail('invalid_pbkdf_2_salt')
  if (salt.length < 1 || salt.length > 1024) fail('invalid_pbkdf_2_salt')
  const key = decodeBase64(text) ?? fail('invalid_pbkdf_2_hash')
  if (key.length !== config.key_length) fail('pbkdf_2_key_length_mismatch')
  if (key.length < 16 || key.length > 512) fail('invalid_pbkdf_2_hash')
  const { iteration_amount } = config
  const blocks = Math.ceil(key.length / digestBytes[algorithm])
  if (iteration_amount < 1 || iteration_amount * blocks > mostWork) fail('invalid_pbkdf_2_iteration_amount')
  return `$pbkdf2-${algorithm}$i=${iteration_amount}$${encodeBase64(salt)}$${encodeBase64(key)}`
}
