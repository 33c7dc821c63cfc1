/** What password operations take and answer beside users and sessions. */
import { z } from 'zod'
import { component, maybe, wholeNumber } from './shape.ts'

const LudsRequirements = component(
  'api_password_v1_LUDSRequirements',
  z.strictObject({
    has_lower_case: z.boolean(),
    has_upper_case: z.boolean(),
    has_digit: z.boolean(),
    has_symbol: z.boolean(),
    missing_complexity: z.int().describe('How many more kinds of characters the policy wants.'),
    missing_characters: z.int().describe('How many more characters the policy wants.'),
  }),
)

/** What to tell a person about a password. */
export const Feedback = component(
  'api_password_v1_Feedback',
  z.strictObject({
    warning: z.string().describe('What is wrong with the password; empty when nothing is.'),
    suggestions: z.array(z.string()),
    luds_requirements: LudsRequirements.nullable().describe('Null unless the policy is LUDS.'),
  }),
)

const saltConfig = (name: string) =>
  maybe(
    component(
      name,
      z.object({
        prepend_salt: maybe(z.string()).describe('What stands before the password.'),
        append_salt: maybe(z.string()).describe('What stands after the password.'),
      }),
    ),
  ).describe('The salts that were hashed with the password.')

const Argon2Config = component(
  'api_password_v1_Argon2Config',
  z.object({
    salt: z.string().describe('The salt as text.'),
    iteration_amount: wholeNumber,
    memory: wholeNumber.describe('KiB.'),
    threads: wholeNumber,
    key_length: wholeNumber.describe('Bytes of the hash.'),
  }),
)
const ScryptConfig = component(
  'api_password_v1_ScryptConfig',
  z.object({
    salt: z.string().describe('The salt in base64.'),
    n_parameter: wholeNumber.describe('A power of two, at most 262144.'),
    r_parameter: wholeNumber,
    p_parameter: wholeNumber,
    key_length: wholeNumber.describe('Bytes of the hash.'),
  }),
)
const Pbkdf2Config = component(
  'api_password_v1_PBKDF2Config',
  z.object({
    salt: z.string().describe('The salt in base64.'),
    iteration_amount: wholeNumber,
    key_length: wholeNumber.describe('Bytes of the hash.'),
    algorithm: maybe(z.string()).describe('`sha256`, which is the default, or `sha512`.'),
  }),
)

/** A hash of another system, and what it needs to be understood. */
export const importedHash = {
  hash: z
    .string()
    .describe(
      'The hash: hexadecimal for md_5, sha_1 and sha_512, base64 for scrypt and pbkdf_2, else as it was stored.',
    ),
  hash_type: z
    .string()
    .describe('`bcrypt`, `md_5`, `argon_2i`, `argon_2id`, `sha_1`, `sha_512`, `scrypt`, `phpass` or `pbkdf_2`.'),
  md_5_config: saltConfig('api_password_v1_MD5Config'),
  sha_1_config: saltConfig('api_password_v1_SHA1Config'),
  sha_512_config: saltConfig('api_password_v1_SHA512Config'),
  argon_2_config: maybe(Argon2Config).describe('Needed for an Argon2 hash in hexadecimal.'),
  scrypt_config: maybe(ScryptConfig).describe('Needed for an scrypt hash that is not in PHC form.'),
  pbkdf_2_config: maybe(Pbkdf2Config).describe('Needed for a PBKDF2 hash.'),
}

/** The password that somebody chooses. */
export const newPassword = z.string().describe('Any characters, at most 1024 bytes of UTF-8.')
