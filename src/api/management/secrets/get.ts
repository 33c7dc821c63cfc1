/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/secrets/{secret_id}. */
import { getSecret } from '../../../domain/secrets/secret.ts'
import { MaskedSecret, secretToWire } from '../../../wire/secret.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const get = operation({
  route: 'GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/secrets/{secret_id}',
  name: 'pwa_secret_v3_Get',
  sdk: 'secrets.get',
  summary: 'Returns a secret, masked.',
  caller: 'workspace',
  reply: { secret: MaskedSecret },
  async run(app, { params }) {
    const { environment } = await environmentAt(app, params)
    return { secret: secretToWire(await getSecret(app, environment, params.secret_id)) }
  },
})
