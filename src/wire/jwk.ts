/** The JWK object: a public signing key as it is published. */
import { z } from 'zod'
import type { SigningKey } from '../domain/signing_keys/signing_key.ts'
import { component } from './shape.ts'

export const Jwk = component(
  'api_session_v1_JWK',
  z.strictObject({
    kty: z.enum(['RSA', 'EC']),
    use: z.literal('sig'),
    key_ops: z.array(z.literal('verify')),
    alg: z.enum(['RS256', 'ES256']),
    kid: z.string(),
    x5c: z.array(z.string()),
    x5tS256: z.string(),
    n: z.string().describe('The modulus of an RSA key; empty for others.'),
    e: z.string().describe('The exponent of an RSA key; empty for others.'),
    crv: z.literal('P-256').optional().describe('The curve of an EC key.'),
    x: z.string().optional().describe('A coordinate of an EC key.'),
    y: z.string().optional().describe('A coordinate of an EC key.'),
  }),
)

/** The reply fields and headers of every key set. */
export const keySetReply = { keys: z.array(Jwk) }
export const keySetHeaders = { 'cache-control': 'public, max-age=300' }

/** The wire form of a signing key's public half. */
export function jwkToWire({ kid, algorithm: alg, public_jwk }: SigningKey): z.input<typeof Jwk> {
  return { use: 'sig', key_ops: ['verify'], alg, kid, x5c: [], x5tS256: '', n: '', e: '', ...public_jwk }
}
