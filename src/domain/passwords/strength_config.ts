/** Which passwords an environment accepts (reference: management.md §11). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import { recordEvent } from '../events/event.ts'
import { changeConfiguration } from '../projects/environment.ts'
import { selectStrengthConfig, upsertStrengthConfig } from './table.ts'

export type StrengthConfig = {
  check_breach_on_creation: boolean
  check_breach_on_authentication: boolean
  validate_on_authentication: boolean
  validation_policy: 'ZXCVBN' | 'LUDS'
  /** Characters, 8 to 32; null unless the policy is LUDS. */
  luds_min_password_length: number | null
  /** How many of lower case, upper case, digits and symbols, 1 to 4; null unless the policy is LUDS. */
  luds_min_password_complexity: number | null
}

const defaults: StrengthConfig = {
  check_breach_on_creation: true,
  check_breach_on_authentication: true,
  validate_on_authentication: true,
  validation_policy: 'ZXCVBN',
  luds_min_password_length: null,
  luds_min_password_complexity: null,
}

/** The configuration of an environment, or the one every environment begins with. */
export async function loadStrengthConfig(app: App, project_id: string): Promise<StrengthConfig> {
  return (await selectStrengthConfig(app.store, project_id)) ?? defaults
}

/**
 * Replaces the configuration. Refuses LUDS limits out of range with `invalid_password_strength_luds_length` or
 * `…_complexity`; under ZXCVBN they are dropped.
 */
export function setStrengthConfig(app: App, project_id: string, given: StrengthConfig): Promise<StrengthConfig> {
  const config = checked(given)
  return changeConfiguration(app, project_id, async (app) => {
    await upsertStrengthConfig(app.store, project_id, config)
    await recordEvent(app, project_id, 'password_strength_config.updated', project_id)
    return config
  })
}

function checked(config: StrengthConfig): StrengthConfig {
  if (config.validation_policy === 'ZXCVBN') {
    return { ...config, luds_min_password_length: null, luds_min_password_complexity: null }
  }
  const { luds_min_password_length: length, luds_min_password_complexity: complexity } = config
  if (length === null || length < 8 || length > 32) fail('invalid_password_strength_luds_length')
  if (complexity === null || complexity < 1 || complexity > 4) fail('invalid_password_strength_luds_complexity')
  return config
}
