/** POST /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles/{profile_id}/keys. */
import { z } from 'zod'
import { addPemFile } from '../../../domain/trusted_tokens/profile.ts'
import { PEMFile } from '../../../wire/trusted_token_profile.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const createPEMFile = operation({
  route:
    'POST /pwa/v3/projects/{project_slug}/environments/{environment_slug}/trusted_token_profiles/{profile_id}/keys',
  name: 'pwa_trusted_token_profile_v3_CreatePEMFile',
  sdk: 'trustedTokenProfiles.createPEMFile',
  summary: 'Adds a key to a profile of type PEM, five at most.',
  caller: 'workspace',
  body: { public_key: z.string().describe('PEM text; it is kept as given and read when a token is verified.') },
  reply: { pem_file: PEMFile },
  async run(app, { params, body }) {
    const { environment } = await environmentAt(app, params)
    return { pem_file: await addPemFile(app, environment, params.profile_id, body.public_key) }
  },
})
