/** POST /pwa/v3/projects/{project_slug}/environments/{environment_slug}/secrets. */
import { createSecret } from '../../../domain/secrets/secret.ts'
import { newSecretToWire, Secret } from '../../../wire/secret.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const create = operation({
  route: 'POST /pwa/v3/projects/{project_slug}/environments/{environment_slug}/secrets',
  name: 'pwa_secret_v3_Create',
  sdk: 'secrets.create',
  summary: 'Creates a secret of an environment and shows it, this once.',
  caller: 'workspace',
  body: {},
  reply: { secret: Secret },
  async run(app, { params }) {
    const { environment } = await environmentAt(app, params)
    return { secret: newSecretToWire(await createSecret(app, environment)) }
  },
})
