/** Key pairs for RS256 and ES256, and JSON Web Tokens signed with them. */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'

/** What signs session JWTs: RSASSA-PKCS1-v1_5, or ECDSA on P-256, each with SHA-256 (RFC 7518 §3.1). */
export const signingAlgorithms = ['RS256', 'ES256'] as const
export type SigningAlgorithm = (typeof signingAlgorithms)[number]

/** A public key as it is published (RFC 7517), without key id. */
export type PublicJwk = { kty: 'RSA'; n: string; e: string } | { kty: 'EC'; crv: 'P-256'; x: string; y: string }
export type KeyPair = { public_jwk: PublicJwk; private_pem: string }
export type VerificationKey = { kid: string; algorithm: SigningAlgorithm; public_key: KeyObject }
export type PrivateKey = { kid: string; algorithm: SigningAlgorithm; private_key: KeyObject }

const generate = promisify(generateKeyPair)

/** A new key pair, made off the event loop: 2048 bits of RSA, or a point of P-256. */
export async function newKeyPair(algorithm: SigningAlgorithm): Promise<KeyPair> {
  const { publicKey, privateKey } =
    algorithm === 'RS256'
      ? await generate('rsa', { modulusLength: 2048 })
      : await generate('ec', { namedCurve: 'P-256' })
  const { n = '', e = '', x = '', y = '' } = publicKey.export({ format: 'jwk' })
  return {
    public_jwk: algorithm === 'RS256' ? { kty: 'RSA', n, e } : { kty: 'EC', crv: 'P-256', x, y },
    private_pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** The one algorithm that a key is for: nothing that a token says about itself changes it. */
export function algorithmOf({ kty }: PublicJwk): SigningAlgorithm {
  return kty === 'RSA' ? 'RS256' : 'ES256'
}

/** Parses a private key in PEM once, for many signatures. */
export function readPrivateKey(pem: string): KeyObject {
  return createPrivateKey(pem)
}

/** Parses a published key once, for many verifications. */
export function readPublicKey(jwk: PublicJwk): KeyObject {
  return createPublicKey({ key: jwk, format: 'jwk' })
}

/** Signs a claim set, given as JSON text, on the thread pool: a compact JWS with `typ` and `kid`. */
export function signJwt({ kid, algorithm, private_key: key }: PrivateKey, claims: string): Promise<string> {
  const header = Buffer.from(`{"alg":"${algorithm}","kid":"${kid}","typ":"JWT"}`).toString('base64url')
  const input = `${header}.${Buffer.from(claims).toString('base64url')}`
  return new Promise((resolve, reject) => {
    // Read by ECDSA alone: RFC 7518 §3.4 wants the two numbers side by side.
    sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }, (error, signature) => {
      if (error) reject(error)
      // A text that is put together has its parts scattered in memory until it is copied; this one is sent many times.
      else resolve(Buffer.from(`${input}.${signature.toString('base64url')}`).toString('latin1'))
    })
  })
}

/**
 * Verifies a compact JWS signed by one of the keys, with the algorithm of that key, and returns its payload text and which key
 * that was; undefined when it is none. Looks at the signature alone: the caller judges the claims.
 */
export async function verifyJwt(
  token: string,
  keys: VerificationKey[],
): Promise<{ payload: string; kid: string } | undefined> {
  // Loaded by the first one that is verified: no start should wait for it.
  const { compactVerify, errors } = await import('jose')
  try {
    const { payload, protectedHeader } = await compactVerify(
      token,
      async ({ kid, alg }) => {
        const key = keys.find((candidate) => candidate.kid === kid && candidate.algorithm === alg)
        if (!key) throw new errors.JWKSNoMatchingKey()
        return key.public_key
      },
      { algorithms: [...signingAlgorithms] },
    )
    return { payload: new TextDecoder().decode(payload), kid: protectedHeader.kid as string }
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined
    throw error
  }
}
