/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}. */
import { Environment, environmentToWire } from '../../../wire/environment.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const get = operation({
  route: 'GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}',
  name: 'pwa_environment_v3_Get',
  sdk: 'environments.get',
  summary: 'Returns an environment with its settings.',
  caller: 'workspace',
  reply: { environment: Environment },
  async run(app, { params }) {
    const { environment } = await environmentAt(app, params)
    return { environment: environmentToWire(environment) }
  },
})
