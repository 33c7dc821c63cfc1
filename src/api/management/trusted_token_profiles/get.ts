/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles/{profile_id}. */
import { getProfile } from '../../../domain/trusted_tokens/profile.ts'
import { profileToWire, TrustedTokenProfile } from '../../../wire/trusted_token_profile.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const get = operation({
  route: 'GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles/{profile_id}',
  name: 'pwa_trusted_token_profile_v3_Get',
  sdk: 'trustedTokenProfiles.get',
  summary: 'Returns a trusted token profile.',
  caller: 'workspace',
  reply: { profile: TrustedTokenProfile },
  async run(app, { params }) {
    const { environment } = await environmentAt(app, params)
    return { profile: profileToWire(await getProfile(app, environment, params.profile_id)) }
  },
})
