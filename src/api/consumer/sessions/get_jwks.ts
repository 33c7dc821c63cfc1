/** GET /v1/sessions/jwks/{project_id}: the keys to verify session JWTs with. */
import { getPublicEnvironment } from '../../../domain/configuration/public.ts'
import { publishedKeys } from '../../../domain/signing_keys/signing_key.ts'
import { jwkToWire, keySetHeaders, keySetReply } from '../../../wire/jwk.ts'
import { operation } from '../../operation.ts'

export const getJwks = operation({
  route: 'GET /v1/sessions/jwks/{project_id}',
  name: 'api_session_v1_GetJWKS',
  sdk: 'sessions.getJWKS',
  summary: 'Publishes the signing keys of a project: the current one, the next one and those still in their overlap.',
  caller: 'public',
  reply: keySetReply,
  headers: keySetHeaders,
  async run(app, { params }) {
    const { signing_keys } = await getPublicEnvironment(app, params.project_id)
    return { keys: publishedKeys(signing_keys, app.now()).map(jwkToWire) }
  },
})
