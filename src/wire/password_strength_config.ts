/** The password strength configuration as operators read and write it. */
import { z } from 'zod'
import type { StrengthConfig } from '../domain/passwords/strength_config.ts'
import { component, maybe, wholeNumber } from './shape.ts'

const ValidationPolicy = component('account_manager_project_v1_ValidationPolicy', z.enum(['ZXCVBN', 'LUDS']))

export const PasswordStrengthConfig = component(
  'pwa_password_v3_PasswordStrengthConfig',
  z.strictObject({
    check_breach_on_creation: z.boolean(),
    check_breach_on_authentication: z.boolean(),
    validate_on_authentication: z
      .boolean()
      .describe('Whether a password that no longer meets the policy must be reset.'),
    validation_policy: ValidationPolicy,
    luds_min_password_length: z.int().nullable().describe('Null unless the policy is LUDS.'),
    luds_min_password_complexity: z.int().nullable().describe('Null unless the policy is LUDS.'),
  }),
)

// Clients that leave empty values out must be understood: a missing switch is off, a missing policy the default.
const flag = maybe(z.boolean()).transform((value) => value ?? false)

/** A configuration as requests give it. */
export const strengthConfigGiven = {
  check_breach_on_creation: flag,
  check_breach_on_authentication: flag,
  validate_on_authentication: flag,
  validation_policy: maybe(ValidationPolicy).transform((policy) => policy ?? 'ZXCVBN'),
  luds_min_password_length: maybe(wholeNumber).describe('8 to 32 characters; needed for LUDS.'),
  luds_min_password_complexity: maybe(wholeNumber).describe('1 to 4 kinds of characters; needed for LUDS.'),
}

/** The record of a given configuration. */
export function strengthConfigOf(given: z.output<z.ZodObject<typeof strengthConfigGiven>>): StrengthConfig {
  return {
    ...given,
    luds_min_password_length: given.luds_min_password_length ?? null,
    luds_min_password_complexity: given.luds_min_password_complexity ?? null,
  }
}
