/** GET /v1/public/{project_id}/.well-known/jwks.json: the same keys where OAuth clients look for them. */
import { keySetHeaders, keySetReply } from '../../wire/jwk.ts'
import { keySet } from '../key_set.ts'
import { operation } from '../operation.ts'

export const wellKnownJwks = operation({
  route: 'GET /v1/public/{project_id}/.well-known/jwks.json',
  name: 'selvage_public_v1_WellKnownJWKS',
  sdk: '',
  summary: 'Publishes the signing keys of a project at the well-known place.',
  caller: 'public',
  reply: keySetReply,
  headers: keySetHeaders,
  run: (app, { params }) => keySet(app, params),
})
