/** DELETE /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles/{profile_id}. */
import { deleteProfile } from '../../../domain/trusted_tokens/profile.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const remove = operation({
  route: 'DELETE /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles/{profile_id}',
  name: 'pwa_trusted_token_profile_v3_Delete',
  sdk: 'trustedTokenProfiles.delete',
  summary: 'Deletes a trusted token profile. Its tokens are refused from the next call on.',
  caller: 'workspace',
  reply: {},
  async run(app, { params }) {
    const { environment } = await environmentAt(app, params)
    await deleteProfile(app, environment, params.profile_id)
    return {}
  },
})
