/** PUT /pwa/v3/projects/{project_slug}/environments/{environment_slug}/password_strength_config: counts from the next call on. */
import { setStrengthConfig } from '../../../domain/passwords/strength_config.ts'
import {
  PasswordStrengthConfig,
  strengthConfigGiven,
  strengthConfigOf,
} from '../../../wire/password_strength_config.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const set = operation({
  route: 'PUT /pwa/v3/projects/{project_slug}/environments/{environment_slug}/password_strength_config',
  name: 'pwa_password_v3_Set',
  sdk: 'passwordStrengthConfig.set',
  summary: 'Replaces the rules for passwords of an environment.',
  caller: 'workspace',
  body: strengthConfigGiven,
  reply: { password_strength_config: PasswordStrengthConfig },
  async run(app, { params, body }) {
    const { environment } = await environmentAt(app, params)
    const config = await setStrengthConfig(app, environment.project_id, strengthConfigOf(body))
    return { password_strength_config: config }
  },
})
