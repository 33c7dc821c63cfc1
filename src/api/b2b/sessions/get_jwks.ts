/** GET /v1/b2b/sessions/jwks/{project_id}: the keys to verify session JWTs of members with. */
import { keySetHeaders, keySetReply } from '../../../wire/jwk.ts'
import { keySet } from '../../key_set.ts'
import { operation } from '../../operation.ts'

export const getJwks = operation({
  route: 'GET /v1/b2b/sessions/jwks/{project_id}',
  name: 'api_b2b_session_v1_GetJWKS',
  sdk: 'sessions.getJWKS',
  summary: 'Publishes the signing keys of a project: the current one, the next one and those still in their overlap.',
  caller: 'public',
  reply: keySetReply,
  headers: keySetHeaders,
  run: (app, { params }) => keySet(app, params),
})
