/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/password_strength_config. */
import { loadStrengthConfig } from '../../../domain/passwords/strength_config.ts'
import { PasswordStrengthConfig } from '../../../wire/password_strength_config.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const get = operation({
  route: 'GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/password_strength_config',
  name: 'pwa_password_v3_Get',
  sdk: 'passwordStrengthConfig.get',
  summary: 'Returns which passwords an environment accepts.',
  caller: 'workspace',
  reply: { password_strength_config: PasswordStrengthConfig },
  async run(app, { params }) {
    const { environment } = await environmentAt(app, params)
    return { password_strength_config: await loadStrengthConfig(app, environment.project_id) }
  },
})
