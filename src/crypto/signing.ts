/** RS256 key pairs and JSON Web Tokens signed with them. */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { compactVerify, errors } from 'jose'

/** An RSA public key as it is published (RFC 7517), without key id. */
export type PublicJwk = { kty: 'RSA'; n: string; e: string }
export type KeyPair = { public_jwk: PublicJwk; private_pem: string }
export type VerificationKey = { kid: string; public_key: KeyObject }

const generate = promisify(generateKeyPair)

/** A new 2048-bit RSA key pair, made off the event loop. */
export async function newKeyPair(): Promise<KeyPair> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 })
  const { n, e } = publicKey.export({ format: 'jwk' }) as PublicJwk
  return {
    public_jwk: { kty: 'RSA', n, e },
    private_pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** Parses a private key in PEM once, for many signatures. */
export function readPrivateKey(pem: string): KeyObject {
  return createPrivateKey(pem)
}

/** Parses a published key once, for many verifications. */
export function readPublicKey(jwk: PublicJwk): KeyObject {
  return createPublicKey({ key: jwk, format: 'jwk' })
}

/** Signs a claim set, given as JSON text, with RS256 on the thread pool: a compact JWS with `typ` and `kid`. */
export function signJwt(key: KeyObject, kid: string, claims: string): Promise<string> {
  const header = Buffer.from(`{"alg":"RS256","kid":"${kid}","typ":"JWT"}`).toString('base64url')
  const input = `${header}.${Buffer.from(claims).toString('base64url')}`
  return new Promise((resolve, reject) => {
    sign('sha256', Buffer.from(input), key, (error, signature) => {
      if (error) reject(error)
      else resolve(`${input}.${signature.toString('base64url')}`)
    })
  })
}

/**
 * Verifies a compact JWS signed with RS256 by one of the keys and returns its payload text, and which key that was; undefined when
 * it is not one.
 * Looks at the signature alone: the caller judges the claims.
 */
export async function verifyJwt(
  token: string,
  keys: VerificationKey[],
): Promise<{ payload: string; kid: string } | undefined> {
  try {
    const { payload, protectedHeader } = await compactVerify(
      token,
      async ({ kid }) => {
        const key = keys.find((candidate) => candidate.kid === kid)
        if (!key) throw new errors.JWKSNoMatchingKey()
        return key.public_key
      },
      { algorithms: ['RS256'] },
    )
    return { payload: new TextDecoder().decode(payload), kid: protectedHeader.kid as string }
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined
    throw error
  }
}
