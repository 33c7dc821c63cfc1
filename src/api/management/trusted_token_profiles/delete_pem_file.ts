/** DELETE /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles/{profile_id}/keys/{pem_file_id}. */
import { deletePemFile } from '../../../domain/trusted_tokens/profile.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const deletePEMFile = operation({
  route:
    'DELETE /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles/{profile_id}/keys/{pem_file_id}',
  name: 'pwa_trusted_token_profile_v3_DeletePEMFile',
  sdk: 'trustedTokenProfiles.deletePEMFile',
  summary: 'Deletes a key of a trusted token profile; the last one stays.',
  caller: 'workspace',
  reply: {},
  async run(app, { params }) {
    const { environment } = await environmentAt(app, params)
    await deletePemFile(app, environment, params.profile_id, params.pem_file_id)
    return {}
  },
})
