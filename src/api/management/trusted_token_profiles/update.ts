/** PATCH /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles/{profile_id}. */
import { z } from 'zod'
import { updateProfile } from '../../../domain/trusted_tokens/profile.ts'
import { maybe } from '../../../wire/shape.ts'
import { mappingGiven, profileToWire, TrustedTokenProfile } from '../../../wire/trusted_token_profile.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const update = operation({
  route: 'PATCH /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles/{profile_id}',
  name: 'pwa_trusted_token_profile_v3_Update',
  sdk: 'trustedTokenProfiles.update',
  summary: 'Changes what is given of a trusted token profile; its type and PEM files stay.',
  caller: 'workspace',
  body: {
    name: maybe(z.string()),
    audience: maybe(z.string()),
    issuer: maybe(z.string()),
    jwks_url: maybe(z.string()),
    attribute_mapping: mappingGiven,
    can_jit_provision: maybe(z.boolean()),
    single_use_token_ids: maybe(z.boolean()).describe('An addition of this server: a token id counts only once.'),
  },
  reply: { profile: TrustedTokenProfile },
  async run(app, { params, body }) {
    const { project, environment } = await environmentAt(app, params)
    const profile = await updateProfile(app, environment, project.vertical, params.profile_id, body)
    return { profile: profileToWire(profile) }
  },
})
