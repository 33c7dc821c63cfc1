/** The JWK object: a public signing key as it is published. */
import { z } from 'zod'
import type { SigningKey } from '../domain/signing_keys/signing_key.ts'
import { component } from './shape.ts'

export const Jwk = component(
  'api_session_v1_JWK',
  z.strictObject({
    kty: z.literal('RSA'),
    use: z.literal('sig'),
    key_ops: z.array(z.literal('verify')),
    alg: z.literal('RS256'),
    kid: z.string(),
    x5c: z.array(z.string()),
    x5tS256: z.string(),
    n: z.string(),
    e: z.string(),
  }),
)

/** The reply fields and headers of every key set. */
export const keySetReply = { keys: z.array(Jwk) }
export const keySetHeaders = { 'cache-control': 'public, max-age=300' }

/** The wire form of a signing key's public half. */
export function jwkToWire({ kid, public_jwk: { n, e } }: SigningKey): z.input<typeof Jwk> {
  return { kty: 'RSA', use: 'sig', key_ops: ['verify'], alg: 'RS256', kid, x5c: [], x5tS256: '', n, e }
}
