/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/secrets. */
import { z } from 'zod'
import { listSecrets } from '../../../domain/secrets/secret.ts'
import { MaskedSecret, secretToWire } from '../../../wire/secret.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const getAll = operation({
  route: 'GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/secrets',
  name: 'pwa_secret_v3_GetAll',
  sdk: 'secrets.getAll',
  summary: 'Lists the secrets of an environment, masked.',
  caller: 'workspace',
  reply: { secrets: z.array(MaskedSecret) },
  async run(app, { params }) {
    const { environment } = await environmentAt(app, params)
    const secrets = await listSecrets(app, environment)
    return { secrets: secrets.map(secretToWire) }
  },
})
