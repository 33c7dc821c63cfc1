/** What password operations take and answer beside users and sessions. */
import { z } from 'zod'
import type { Strength } from '../domain/passwords/strength.ts'
import type { StrengthConfig } from '../domain/passwords/strength_config.ts'
import { minutes, templateId } from './sending.ts'
import { component, maybe, wholeNumber } from './shape.ts'

const ludsRequirements = {
  has_lower_case: z.boolean(),
  has_upper_case: z.boolean(),
  has_digit: z.boolean(),
  has_symbol: z.boolean(),
  missing_complexity: z.int().describe('How many more kinds of characters the policy wants.'),
  missing_characters: z.int().describe('How many more characters the policy wants.'),
}
const zxcvbnFeedback = {
  warning: z.string().describe('What is wrong with the password; empty when nothing is.'),
  suggestions: z.array(z.string()),
}

const LudsRequirements = component('api_password_v1_LUDSRequirements', z.strictObject(ludsRequirements))

/** What to tell a person about a password. */
export const Feedback = component(
  'api_password_v1_Feedback',
  z.strictObject({
    ...zxcvbnFeedback,
    luds_requirements: LudsRequirements.nullable().describe('Null unless the policy is LUDS.'),
  }),
)

/** The same for who is to be a member, in two parts. */
export const feedbackOfMember = {
  luds_feedback: component('api_b2b_password_v1_LudsFeedback', z.strictObject(ludsRequirements))
    .nullable()
    .describe('Null unless the policy is LUDS.'),
  zxcvbn_feedback: component('api_b2b_password_v1_ZxcvbnFeedback', z.strictObject(zxcvbnFeedback)),
}

/** What `strength_check` answers beside the feedback. */
export const strengthShape = {
  valid_password: z.boolean().describe('Whether the policy is met and no breach is known.'),
  score: z.int().describe('How hard the password is to guess by zxcvbn, 0 to 4.'),
  breached_password: z.boolean(),
  strength_policy: z.string().describe('`zxcvbn` or `luds`.'),
  breach_detection_on_create: z.boolean().describe('Whether this environment looks new passwords up in breaches.'),
}

/** The wire form of what was found about a password under a configuration. */
export function strengthToWire(
  { validation_policy, check_breach_on_creation }: StrengthConfig,
  { valid, score, breached }: Pick<Strength, 'valid' | 'score'> & { breached: boolean },
) {
  return {
    valid_password: valid,
    score,
    breached_password: breached,
    strength_policy: validation_policy === 'LUDS' ? 'luds' : 'zxcvbn',
    breach_detection_on_create: check_breach_on_creation,
  }
}

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

/** How a mail that resets a password of members looks and leads. */
export const memberResetFields = {
  reset_password_redirect_url: maybe(z.string()).describe('Where the link leads; the default of its type without it.'),
  reset_password_expiration_minutes: minutes('How long the link can be used, 5 to 10080 minutes; 30 without it.'),
  reset_password_template_id: templateId,
  verify_email_template_id: templateId,
}
