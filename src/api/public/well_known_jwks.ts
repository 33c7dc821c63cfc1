/** GET /v1/public/{project_id}/.well-known/jwks.json: the same keys where OAuth clients look for them. */
import { getPublicEnvironment } from '../../domain/configuration/public.ts'
import { publishedKeys } from '../../domain/signing_keys/signing_key.ts'
import { jwkToWire, keySetHeaders, keySetReply } from '../../wire/jwk.ts'
import { operation } from '../operation.ts'

export const wellKnownJwks = operation({
  route: 'GET /v1/public/{project_id}/.well-known/jwks.json',
  name: 'selvage_public_v1_WellKnownJWKS',
  sdk: '',
  summary: 'Publishes the signing keys of a project at the well-known place.',
  caller: 'public',
  reply: keySetReply,
  headers: keySetHeaders,
  async run(app, { params }) {
    const { signing_keys } = await getPublicEnvironment(app, params.project_id)
    return { keys: publishedKeys(signing_keys, app.now()).map(jwkToWire) }
  },
})
