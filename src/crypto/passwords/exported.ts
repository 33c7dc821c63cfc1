/** Stored password hashes in the terms in which they are imported, so that another system, or this one, can take them over. */
import { describeDigest } from './digest.ts'
import type { PasswordHash, Scheme } from './hash.ts'
import type { HashConfigs } from './imported.ts'
import { describePbkdf2 } from './pbkdf2.ts'

/** What `parseImportedHash` reads as the same stored hash. Most schemes keep a text that says everything itself. */
export function describeHash({ scheme, hash }: PasswordHash): { hash: string; hash_type: Scheme } & HashConfigs {
  switch (scheme) {
    case 'md_5':
    case 'sha_1':
    case 'sha_512': {
      const { hash: hex, salts } = describeDigest(hash)
      return { hash: hex, hash_type: scheme, [`${scheme}_config`]: salts }
    }
    case 'pbkdf_2':
      return { hash_type: scheme, ...describePbkdf2(hash) }
    default:
      return { hash, hash_type: scheme }
  }
}
