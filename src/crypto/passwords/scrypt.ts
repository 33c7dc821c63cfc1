/** Imported scrypt hashes (RFC 7914): base64 beside their parameters, or PHC text. */
import { scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { fail } from '../../errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'

/** Parameters of a scrypt hash as a request gives them; `salt` in base64, `key_length` in bytes. */
export type ScryptConfig = {
  salt: string
  n_parameter: number
  r_parameter: number
  p_parameter: number
  key_length: number
}

type Scrypt = { n: number; r: number; p: number; salt: Buffer; key: Buffer }

const highestN = 262_144
/** The largest N·r·p: about a second of one core, and with `highestN` 256 MiB. */
const mostWork = 2_097_152

const phc = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,4}),p=(\d{1,4})\$([A-Za-z0-9+/]*={0,2})\$([A-Za-z0-9+/]+={0,2})$/

const compute = promisify<string, Buffer, number, object, Buffer>(scrypt)

/** Compares in constant time. */
export async function verifyScrypt(text: string, password: string): Promise<boolean> {
  const { n, r, p, salt, key } = stored(text)
  const maxmem = 128 * (n * r + r * p) + 1024 * 1024
  return timingSafeEqual(await compute(password, salt, key.length, { N: n, r, p, maxmem }), key)
}

/** The memory that verifying takes, in KiB. */
export function scryptMemory(text: string): number {
  const parsed = read(text)
  return parsed ? (parsed.n * parsed.r) / 8 : 0
}

/** Reads an imported hash and returns its PHC text. Refuses with the `…scrypt…` type of the part that is wrong. */
export function parseScrypt(text: string, config: ScryptConfig | undefined): string {
  const parsed = text.startsWith('$')
    ? (read(text) ?? fail('invalid_hash', 'hash must be base64, or begin like "$scrypt$ln=14,r=8,p=1$".'))
    : fromBase64(text, config)
  check(parsed)
  const { n, r, p, salt, key } = parsed
  return `$scrypt$ln=${Math.log2(n)},r=${r},p=${p}$${encodeBase64(salt)}$${encodeBase64(key)}`
}

function read(text: string): Scrypt | undefined {
  const [, ln, r, p, salt = '', key = ''] = phc.exec(text) ?? []
  if (ln === undefined) return undefined
  const [n, salt64, key64] = [2 ** Number(ln), decodeBase64(salt), decodeBase64(key)]
  return salt64 && key64 && { n, r: Number(r), p: Number(p), salt: salt64, key: key64 }
}

function stored(text: string): Scrypt {
  const parsed = read(text)
  if (!parsed) throw new Error('A stored password hash cannot be read.')
  return parsed
}

function fromBase64(text: string, config: ScryptConfig | undefined): Scrypt {
  const key = decodeBase64(text) ?? fail('invalid_base64_scrypt_hash')
  if (!config) fail('bad_request', 'scrypt_config is required unless hash is in PHC form.')
  const salt = decodeBase64(config.salt) ?? fail('invalid_base64_scrypt_salt')
  if (key.length !== config.key_length) fail('scrypt_key_length_mismatch')
  return { n: config.n_parameter, r: config.r_parameter, p: config.p_parameter, salt, key }
}

function check({ n, r, p, salt, key }: Scrypt): void {
  if (salt.length < 1 || salt.length > 1024) fail('invalid_scrypt_salt_length')
  if (n < 2 || n > highestN || !Number.isInteger(Math.log2(n))) fail('invalid_scrypt_n_parameter')
  const isKeyUsable = key.length >= 16 && key.length <= 512
  if (r < 1 || r > 64 || p < 1 || p > 64 || n * r * p > mostWork || !isKeyUsable) fail('invalid_scrypt_parameters')
}
