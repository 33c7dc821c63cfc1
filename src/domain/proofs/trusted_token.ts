/** Proof by a JWT of an issuer that the environment trusts (reference: consumer.md §1.11). */
import { createPublicKey, type KeyObject, type webcrypto } from 'node:crypto'
import type * as Jose from 'jose'
import type { JWK, JWTPayload } from 'jose'
import { hashToken } from '../../crypto/tokens.ts'
import { fail } from '../../errors.ts'
import { KeySetError } from '../../net/jwks.ts'
import { OutboundError } from '../../net/outbound.ts'
import { parseEmail } from '../../values/email.ts'
import { isAssignableExternalId } from '../../values/id.ts'
import { isJsonObject } from '../../values/json.ts'
import { SECOND } from '../../values/time.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { getProfile, type Profile } from '../trusted_tokens/profile.ts'
import { deleteSpentTokens, insertSpentToken } from './table.ts'

export type TrustedToken = {
  profile_id: string
  email: string
  token_id: string
  /** The organization as the token names it, unchecked; undefined where it names none, and in consumer projects. */
  organization: unknown
  /** Of the user or the member. */
  external_id: string | undefined
  role_ids: string[]
  can_jit_provision: boolean
  single_use: boolean
  /** Milliseconds since the epoch. */
  expires_at: number
}

const leeway = 30
/** The last second of the year 9999, beyond which RFC 3339 has no times. */
const endOfTime = 253_402_300_799

// One list a key type, so that a key never verifies an algorithm it was not made for; nothing symmetric, never `none`.
const algorithms = {
  rsa: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  'rsa-pss': ['PS256', 'PS384', 'PS512'],
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  ed25519: ['EdDSA', 'Ed25519'],
}
const curves: Record<string, keyof typeof algorithms> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }

/**
 * Verifies a token for one of the environment's profiles and reads what the profile maps. Refuses an unknown profile
 * with `trusted_token_profile_not_found` and everything about the token with `invalid_trusted_auth_token`.
 */
export async function verifyTrustedToken(
  app: App,
  environment: Environment,
  { profile_id, token }: { profile_id: string; token: string },
): Promise<TrustedToken> {
  const profile = await getProfile(app, environment, profile_id)
  const claims = await verify(app, profile, token)
  const isB2b = environment.vertical === 'B2B'
  // What a B2B profile does not map is not read (reference: b2b.md §1.10 step 3).
  const read = (attribute: string, fallback?: string) =>
    claimAt(claims, profile.attribute_mapping?.[attribute] ?? (isB2b ? undefined : fallback))

  const email = read('email', 'email')
  const address = typeof email === 'string' ? parseEmail(email) : undefined
  if (address === undefined) refuse('it has no usable email')
  const token_id = read('token_id', 'jti')
  if (typeof token_id !== 'string' || token_id === '' || token_id.length > 1024) refuse('it has no usable token id')
  const external_id = read(isB2b ? 'external_member_id' : 'external_user_id') ?? undefined
  if (external_id !== undefined && (typeof external_id !== 'string' || !isAssignableExternalId(external_id))) {
    refuse(`its external ${isB2b ? 'member' : 'user'} id is not a legal external_id`)
  }
  const role_ids = read('role_ids') ?? []
  if (!Array.isArray(role_ids) || !role_ids.every((role) => typeof role === 'string')) {
    refuse('its role ids are not an array of strings')
  }
  return {
    profile_id,
    email: address,
    token_id,
    organization: isB2b ? (read('organization_id') ?? undefined) : undefined,
    external_id,
    role_ids,
    can_jit_provision: profile.can_jit_provision,
    single_use: profile.single_use_token_ids,
    // The library compares whole seconds, so the token may count for almost one more.
    expires_at: Math.ceil(((claims.exp as number) + leeway + 1) * SECOND),
  }
}

/** Spends the token's id, where the profile asks for single use; refuses with `invalid_trusted_auth_token` the second time. */
export async function spendTokenId(app: App, { project_id }: Environment, token: TrustedToken): Promise<void> {
  const purpose = `trusted token ${token.profile_id}`
  const token_hash = hashToken(purpose, project_id, token.token_id)
  const first = await insertSpentToken(app.store, { project_id, purpose, token_hash, expires_at: token.expires_at })
  if (!first) refuse('its token id has been used before')
}

async function verify(app: App, profile: Profile, token: string): Promise<JWTPayload> {
  // Loaded by the first token: no start should wait for it.
  const jose = await import('jose')
  const { errors } = jose
  const options = {
    issuer: profile.issuer,
    audience: profile.audience,
    clockTolerance: leeway,
    currentDate: new Date(app.now()),
    requiredClaims: ['exp'],
  }
  let problem = 'its signature is not by a key of the profile'
  for (const { key, algs } of await candidates(app, profile, token, jose)) {
    try {
      const { payload } = await jose.jwtVerify(token, key, { ...options, algorithms: algs })
      if ((payload.exp ?? 0) > endOfTime) refuse('it expires beyond all times')
      if (payload.iat !== undefined && payload.iat * SECOND > app.now() + leeway * SECOND)
        refuse('it was issued in the future')
      return payload
    } catch (error) {
      if (error instanceof errors.JWTExpired) refuse('it has expired')
      if (error instanceof errors.JWTClaimValidationFailed) refuse(`its claim "${error.claim}" is not acceptable`)
      if (error instanceof errors.JOSEError) problem = describe(error, jose)
      else if (error instanceof TypeError) problem = 'its algorithm does not fit the key of the profile'
      else throw error
    }
  }
  refuse(problem)
}

function describe(error: Error, { errors }: typeof Jose): string {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is not by a key of the profile'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its algorithm does not fit the key of the profile'
  return 'it is not a signed JWT'
}

/** The keys that may have signed the token, each with the algorithms it may be used with. */
async function candidates(
  app: App,
  profile: Profile,
  token: string,
  jose: typeof Jose,
): Promise<{ key: KeyObject | webcrypto.CryptoKey; algs: string[] }[]> {
  if (profile.public_key_type === 'PEM') {
    return profile.pem_files.flatMap(({ pem_file_id, public_key }) => {
      const key = readPem(public_key)
      if (!key) app.log.warn({ pem_file_id }, 'A PEM file of a trusted token profile cannot be read as a public key.')
      return key ? [{ key, algs: algorithmsOf(key) }] : []
    })
  }
  const { kid, alg } = readHeader(token, jose)
  const keys: { key: webcrypto.CryptoKey; algs: string[] }[] = []
  for (const jwk of await fetchKeys(app, profile, { kid, alg })) {
    const key = await importKey(jwk, alg, jose)
    if (key) keys.push({ key, algs: [alg] })
  }
  return keys
}

function readHeader(token: string, { decodeProtectedHeader }: typeof Jose): { kid: string | undefined; alg: string } {
  try {
    const { kid, alg } = decodeProtectedHeader(token)
    if (Object.values(algorithms).some((list) => list.includes(alg ?? ''))) return { kid, alg: alg as string }
  } catch {
    refuse('it is not a signed JWT')
  }
  refuse('its algorithm is not accepted')
}

async function fetchKeys(app: App, profile: Profile, header: { kid: string | undefined; alg: string }): Promise<JWK[]> {
  try {
    return await app.key_sets.find(profile.jwks_url ?? '', header)
  } catch (error) {
    if (!(error instanceof OutboundError || error instanceof KeySetError)) throw error
    app.log.warn(
      { profile_id: profile.profile_id },
      `The keys of a trusted token profile could not be fetched: ${error.message}`,
    )
    refuse(`the keys of its profile could not be fetched: ${error.message}`)
  }
}

/** The key of a JWK for that algorithm; undefined when the two do not belong together. */
async function importKey(jwk: JWK, alg: string, { importJWK }: typeof Jose): Promise<webcrypto.CryptoKey | undefined> {
  if (jwk.alg !== undefined && jwk.alg !== alg) return undefined
  try {
    const { d: _, ...publicJwk } = jwk
    const key = await importJWK(publicJwk, alg)
    return key instanceof Uint8Array ? undefined : key
  } catch {
    return undefined
  }
}

function readPem(text: string): KeyObject | undefined {
  try {
    return createPublicKey(text)
  } catch {
    return undefined
  }
}

function algorithmsOf(key: KeyObject): string[] {
  const type = key.asymmetricKeyType ?? ''
  const name = type === 'ec' ? curves[key.asymmetricKeyDetails?.namedCurve ?? ''] : type
  return algorithms[name as keyof typeof algorithms] ?? []
}

/** The claim of that name, or, when there is none, at that dotted path. */
function claimAt(claims: JWTPayload, path: string | undefined): unknown {
  if (path === undefined) return undefined
  if (Object.hasOwn(claims, path)) return claims[path]
  let value: unknown = claims
  for (const name of path.split('.'))
    value = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return value
}

function refuse(reason: string): never {
  fail('invalid_trusted_auth_token', `Invalid trusted auth token: ${reason.replace(/\.$/, '')}.`)
}

/** Forgets at most `limit` spent tokens that expired before that time and returns how many. */
export function purgeSpentTokens(app: App, time: number, limit: number): Promise<number> {
  return deleteSpentTokens(app.store, time, limit)
}
