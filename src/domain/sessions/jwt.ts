/** The session JWT: its claims, its signature, and reading one that comes back (reference: consumer.md §1.6). */
import type { LRUCache } from 'lru-cache'
import { signJwt, verifyJwt } from '../../crypto/signing.ts'
import { hashToken } from '../../crypto/tokens.ts'
import { fail } from '../../errors.ts'
import { parseId } from '../../values/id.ts'
import { isJsonObject } from '../../values/json.ts'
import { MINUTE, rfc3339, SECOND, wholeSecond } from '../../values/time.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { currentKey, publishedKeys } from '../signing_keys/signing_key.ts'
import type { Session } from './session.ts'

const sessionClaim = 'https://stytch.com/session'
const organizationClaim = 'https://stytch.com/organization'
const lifetime = 5 * MINUTE

/** What a JWT says besides the time: the version of a session counts every change of what else is in its claims. */
type Content = { kid: string; version: number; expires_second: number; roles: string[]; slug: string | undefined }

/** The last JWT of each session: handed out again while its content is the same and it is young. */
export type JwtReuse = LRUCache<string, Minted>
type Minted = { content: Content; minted_at: number; jwt: Promise<string> | string }

/**
 * A JWT for the session, valid for five minutes and never beyond the session. An unchanged one younger than
 * `jwt_reuse_seconds` is handed out again; callers of the same moment share one signature. A member's names the organization.
 */
export function mintSessionJwt(
  app: App,
  environment: Environment,
  session: Session,
  roles: string[],
  organization?: { organization_id: string; organization_slug: string },
): Promise<string> | string {
  const now = app.now()
  const key = currentKey(environment.signing_keys, now)
  const content: Content = {
    kid: key.kid,
    version: session.version,
    expires_second: wholeSecond(session.expires_at),
    roles,
    slug: organization?.organization_slug,
  }
  const held = app.jwt_reuse.get(session.session_id)
  if (
    held !== undefined &&
    held.minted_at <= now &&
    now - held.minted_at < app.settings.jwt_reuse_seconds * SECOND &&
    isSame(held.content, content)
  ) {
    return held.jwt
  }
  const iat = Math.floor(now / SECOND)
  const claims = {
    ...session.custom_claims,
    aud: [environment.project_id],
    iss: issuer(environment),
    sub: session.owner_id,
    [sessionClaim]: {
      id: session.session_id,
      started_at: rfc3339(session.started_at),
      expires_at: rfc3339(session.expires_at),
      attributes: session.attributes,
      authentication_factors: session.authentication_factors,
      roles,
      last_accessed_at: rfc3339(session.last_accessed_at),
    },
    ...(organization && {
      [organizationClaim]: { organization_id: organization.organization_id, slug: organization.organization_slug },
    }),
    iat,
    nbf: iat,
    exp: Math.floor(Math.min(now + lifetime, session.expires_at) / SECOND),
  }
  const signing = signJwt(key, JSON.stringify(claims))
  const minted: Minted = { content, minted_at: now, jwt: signing }
  app.jwt_reuse.set(session.session_id, minted)
  signing.then(
    (jwt) => {
      minted.jwt = jwt
    },
    // A signature that failed must not be handed out again.
    () => app.jwt_reuse.delete(session.session_id),
  )
  return signing
}

function isSame(left: Content, right: Content): boolean {
  return (
    left.kid === right.kid &&
    left.version === right.version &&
    left.expires_second === right.expires_second &&
    left.slug === right.slug &&
    (left.roles === right.roles || left.roles.join('\n') === right.roles.join('\n'))
  )
}

/** What JWTs have been proven to say, by their digests: most are presented again and again until they expire. */
export type ProvenJwts = LRUCache<string, { kid: string; session_id: string }>

/** What is remembered of a JWT. */
export type RecalledJwt = { digest: string; proven: { kid: string; session_id: string } | undefined }

/** Recalls whether this very JWT has been presented to the environment before. */
export function recallJwt(app: App, project_id: string, jwt: string): RecalledJwt {
  const digest = hashToken('session jwt', project_id, jwt)
  return { digest, proven: app.proven_jwts.get(digest) }
}

/**
 * The session id that a JWT claims to have, without any check, so that the session can be looked up while the caller is
 * still being confirmed. `verifySessionJwt` decides whether it counts.
 */
export function claimedSessionId(jwt: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return sessionIdOf(claims)
  } catch {
    return undefined
  }
}

/**
 * Checks signature, audience, issuer and session claim of a JWT and returns the session id. Its expiry does not matter
 * here: the session decides. Refuses with `unable_to_parse_session_jwt` or one of the `jwt_invalid_*` types.
 */
export async function verifySessionJwt(
  app: App,
  environment: Environment,
  jwt: string,
  { digest, proven }: RecalledJwt = recallJwt(app, environment.project_id, jwt),
): Promise<string> {
  const keys = publishedKeys(environment.signing_keys, app.now())
  // What was signed stays signed; but the key may have been withdrawn since.
  if (proven && keys.some(({ kid }) => kid === proven.kid)) return proven.session_id
  const verified = await verifyJwt(jwt, keys)
  const claims = verified === undefined ? undefined : parseJson(verified.payload)
  if (!isJsonObject(claims)) fail('unable_to_parse_session_jwt')
  const audience = Array.isArray(claims.aud) ? claims.aud : [claims.aud]
  if (!audience.includes(environment.project_id)) fail('jwt_invalid_audience')
  if (claims.iss !== issuer(environment)) fail('jwt_invalid_issuer')
  const session_id = sessionIdOf(claims) ?? fail('jwt_invalid_claims')
  if (verified) app.proven_jwts.set(digest, { kid: verified.kid, session_id })
  return session_id
}

function issuer({ project_id }: Environment): string {
  return `stytch.com/${project_id}`
}

function sessionIdOf(claims: unknown): string | undefined {
  const session = isJsonObject(claims) ? claims[sessionClaim] : undefined
  const id = isJsonObject(session) ? session.id : undefined
  return typeof id === 'string' && parseId(id)?.prefix === 'session' ? id : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
