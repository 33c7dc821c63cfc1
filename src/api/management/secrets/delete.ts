/** DELETE /pwa/v3/projects/{project_slug}/environments/{environment_slug}/secrets/{secret_id}: counts at once. */
import { deleteSecret } from '../../../domain/secrets/secret.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const remove = operation({
  route: 'DELETE /pwa/v3/projects/{project_slug}/environments/{environment_slug}/secrets/{secret_id}',
  name: 'pwa_secret_v3_Delete',
  sdk: 'secrets.delete',
  summary: 'Deletes a secret. No call that begins afterwards is accepted with it.',
  caller: 'workspace',
  reply: {},
  async run(app, { params }) {
    const { environment } = await environmentAt(app, params)
    await deleteSecret(app, environment, params.secret_id)
    return {}
  },
})
