/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles/{profile_id}/keys/{pem_file_id}. */
import { getPemFile, getProfile } from '../../../domain/trusted_tokens/profile.ts'
import { PEMFile } from '../../../wire/trusted_token_profile.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const getPEMFile = operation({
  route:
    'GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles/{profile_id}/keys/{pem_file_id}',
  name: 'pwa_trusted_token_profile_v3_GetPEMFile',
  sdk: 'trustedTokenProfiles.getPEMFile',
  summary: 'Returns a key of a trusted token profile.',
  caller: 'workspace',
  reply: { pem_file: PEMFile },
  async run(app, { params }) {
    const { environment } = await environmentAt(app, params)
    const profile = await getProfile(app, environment, params.profile_id)
    return { pem_file: getPemFile(profile, params.pem_file_id) }
  },
})
