/** Password hashes: ours are Argon2id, imported ones are verified by the scheme they came in (reference: consumer.md §3.4). */
import { argon2Memory, hashArgon2, isOwnArgon2, verifyArgon2 } from './argon2.ts'
import { bcryptReach, verifyBcrypt } from './bcrypt.ts'
import { verifyDigest } from './digest.ts'
import { verifyPbkdf2 } from './pbkdf2.ts'
import { verifyPhpass } from './phpass.ts'
import { scryptMemory, verifyScrypt } from './scrypt.ts'

/** The names of the schemes, as `hash_type` spells them. */
export const schemes = [
  'bcrypt',
  'md_5',
  'argon_2i',
  'argon_2id',
  'sha_1',
  'sha_512',
  'scrypt',
  'phpass',
  'pbkdf_2',
] as const
export type Scheme = (typeof schemes)[number]

/** A stored hash: `hash` is one text that holds salt, cost and digest in the way of its scheme. */
export type PasswordHash = { scheme: Scheme; hash: string }

/** Hashes a new password: Argon2id, 19 MiB, two passes, a random salt. Off the event loop. */
export async function hashPassword(password: string): Promise<PasswordHash> {
  return { scheme: 'argon_2id', hash: await hashArgon2(password) }
}

/** Whether it is the password of the hash; constant time in the password. Off the event loop. */
export async function verifyPassword({ scheme, hash }: PasswordHash, password: string): Promise<boolean> {
  switch (scheme) {
    case 'argon_2i':
    case 'argon_2id':
      return verifyArgon2(hash, password)
    case 'bcrypt':
      return verifyBcrypt(hash, password)
    case 'scrypt':
      return verifyScrypt(hash, password)
    case 'pbkdf_2':
      return verifyPbkdf2(hash, password)
    case 'phpass':
      return verifyPhpass(hash, password)
    case 'md_5':
    case 'sha_1':
    case 'sha_512':
      return verifyDigest(hash, password)
  }
}

/**
 * Whether a password that was just verified should be hashed anew: the hash is not as ours are. Not when bcrypt has seen
 * only the beginning of it: whoever typed another ending would otherwise change the password by it.
 */
export function needsRehash({ scheme, hash }: PasswordHash, password: string): boolean {
  if (scheme === 'bcrypt' && Buffer.byteLength(password) > bcryptReach) return false
  return scheme !== 'argon_2id' || !isOwnArgon2(hash)
}

/** Whether verifying takes more memory than one of our own hashes does, up to 256 MiB. */
export function isHeavy({ scheme, hash }: PasswordHash): boolean {
  const memory = scheme === 'scrypt' ? scryptMemory(hash) : scheme.startsWith('argon') ? argon2Memory(hash) : 0
  return memory > 19_456
}
