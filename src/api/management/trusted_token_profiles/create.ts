/** POST /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles. */
import { z } from 'zod'
import { createProfile } from '../../../domain/trusted_tokens/profile.ts'
import { maybe } from '../../../wire/shape.ts'
import { mappingGiven, PublicKeyType, profileToWire, TrustedTokenProfile } from '../../../wire/trusted_token_profile.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const create = operation({
  route: 'POST /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles',
  name: 'pwa_trusted_token_profile_v3_Create',
  sdk: 'trustedTokenProfiles.create',
  summary: 'Creates a profile of an issuer whose JWTs sign users in.',
  caller: 'workspace',
  body: {
    name: z.string(),
    audience: z.string().describe('Must be among the audiences of a token.'),
    issuer: z.string().describe('Must equal the issuer of a token.'),
    public_key_type: maybe(PublicKeyType).describe(
      'JWK when absent and a jwks_url is given, else PEM. It never changes.',
    ),
    jwks_url: maybe(z.string()).describe('Where the keys of a profile of type JWK are published.'),
    pem_files: maybe(z.array(z.string())).describe('The keys of a profile of type PEM, one to five.'),
    attribute_mapping: mappingGiven,
    can_jit_provision: maybe(z.boolean()).describe('Whether a token of somebody unknown creates them.'),
  },
  reply: { profile: TrustedTokenProfile },
  async run(app, { params, body }) {
    const { project, environment } = await environmentAt(app, params)
    return { profile: profileToWire(await createProfile(app, environment, project.vertical, body)) }
  },
})
