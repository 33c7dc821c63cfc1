/** Imported MD5, SHA-1 and SHA-512 hashes: the digest of salt, password and another salt. */
import { hash, timingSafeEqual } from 'node:crypto'
import { type ErrorType, fail } from '../../errors.ts'

/** What stands before and after the password in the digested text. */
export type SaltConfig = { prepend_salt: string | undefined; append_salt: string | undefined }

type Digest = 'md5' | 'sha1' | 'sha512'

const kinds: Record<Digest, { digits: number; refusal: ErrorType }> = {
  md5: { digits: 32, refusal: 'invalid_md_5_hash' },
  sha1: { digits: 40, refusal: 'invalid_sha_1_hash' },
  sha512: { digits: 128, refusal: 'invalid_sha_512_hash' },
}

const longestSalt = 1024

/** Compares in constant time. */
export function verifyDigest(text: string, password: string): boolean {
  const { digest, before, after, hex } = stored(text)
  const salted = Buffer.concat([before, Buffer.from(password), after])
  return timingSafeEqual(hash(digest, salted, 'buffer'), Buffer.from(hex, 'hex'))
}

/** A stored hash as `parseDigest` takes it. */
export function describeDigest(text: string): { hash: string; salts: SaltConfig } {
  const { before, after, hex } = stored(text)
  return { hash: hex, salts: { prepend_salt: before.toString(), append_salt: after.toString() } }
}

function stored(text: string): { digest: Digest; before: Buffer; after: Buffer; hex: string } {
  const [, digest, before = '', after = '', hex = ''] = text.split('$')
  return { digest: digest as Digest, before: Buffer.from(before, 'base64'), after: Buffer.from(after, 'base64'), hex }
}

/**
 * Reads an imported hash in hexadecimal and returns it as one text with its salts. Refuses another length or alphabet
 * with the type of its kind, and salts over 1024 bytes with `invalid_prepend_salt` or `invalid_append_salt`.
 */
export function parseDigest(digest: Digest, text: string, config: SaltConfig | undefined): string {
  const { digits, refusal } = kinds[digest]
  if (text.length !== digits || !/^[0-9a-f]+$/i.test(text)) fail(refusal)
  const before = Buffer.from(config?.prepend_salt ?? '')
  const after = Buffer.from(config?.append_salt ?? '')
  if (before.length > longestSalt) fail('invalid_prepend_salt')
  if (after.length > longestSalt) fail('invalid_append_salt')
  return `$${digest}$${before.toString('base64')}$${after.toString('base64')}$${text.toLowerCase()}`
}
