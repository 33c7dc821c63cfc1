/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles. */
import { z } from 'zod'
import { listProfiles } from '../../../domain/trusted_tokens/profile.ts'
import { profileToWire, TrustedTokenProfile } from '../../../wire/trusted_token_profile.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const getAll = operation({
  route: 'GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles',
  name: 'pwa_trusted_token_profile_v3_GetAll',
  sdk: 'trustedTokenProfiles.getAll',
  summary: 'Lists the trusted token profiles of an environment.',
  caller: 'workspace',
  reply: { profiles: z.array(TrustedTokenProfile) },
  async run(app, { params }) {
    const { environment } = await environmentAt(app, params)
    const profiles = await listProfiles(app, environment)
    return { profiles: profiles.map(profileToWire) }
  },
})
