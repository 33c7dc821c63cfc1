/** Password hashes of other systems: read, checked and bounded when they are imported (reference: consumer.md §3.4). */
import { fail } from '../../errors.ts'
import { type Argon2Config, parseArgon2 } from './argon2.ts'
import { parseBcrypt } from './bcrypt.ts'
import { parseDigest, type SaltConfig } from './digest.ts'
import { type PasswordHash, type Scheme, schemes } from './hash.ts'
import { type Pbkdf2Config, parsePbkdf2 } from './pbkdf2.ts'
import { parsePhpass } from './phpass.ts'
import { parseScrypt, type ScryptConfig } from './scrypt.ts'

/** What requests give beside hashes that do not describe themselves. */
export type HashConfigs = {
  argon_2_config?: Argon2Config | undefined
  scrypt_config?: ScryptConfig | undefined
  pbkdf_2_config?: Pbkdf2Config | undefined
  md_5_config?: SaltConfig | undefined
  sha_1_config?: SaltConfig | undefined
  sha_512_config?: SaltConfig | undefined
}

/**
 * Reads a hash of that type. Refuses an unknown type with `invalid_hash_type`, what is no hash of its type with the error
 * of that scheme, and whatever would take more than about a second of one core or 256 MiB to verify: the hash is computed
 * on every attempt to log in, whoever makes it.
 */
export function parseImportedHash(hash_type: string, hash: string, configs: HashConfigs): PasswordHash {
  const scheme = schemes.find((name) => name === hash_type) ?? fail('invalid_hash_type')
  if (hash === '' || hash.length > 4096) fail('invalid_hash')
  return { scheme, hash: parse(scheme, hash, configs) }
}

function parse(scheme: Scheme, hash: string, configs: HashConfigs): string {
  switch (scheme) {
    case 'argon_2i':
      return parseArgon2('argon2i', hash, configs.argon_2_config)
    case 'argon_2id':
      return parseArgon2('argon2id', hash, configs.argon_2_config)
    case 'bcrypt':
      return parseBcrypt(hash)
    case 'scrypt':
      return parseScrypt(hash, configs.scrypt_config)
    case 'pbkdf_2':
      return parsePbkdf2(hash, configs.pbkdf_2_config)
    case 'phpass':
      return parsePhpass(hash)
    case 'md_5':
      return parseDigest('md5', hash, configs.md_5_config)
    case 'sha_1':
      return parseDigest('sha1', hash, configs.sha_1_config)
    case 'sha_512':
      return parseDigest('sha512', hash, configs.sha_512_config)
  }
}
