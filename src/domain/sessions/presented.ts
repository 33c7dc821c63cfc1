/** The session that a request presents by `session_token` or `session_jwt`, and the other session fields it may carry. */
import { isTokenShaped } from '../../crypto/tokens.ts'
import { fail } from '../../errors.ts'
import type { JsonObject } from '../../values/json.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { Member } from '../members/row.ts'
import type { Organization } from '../organizations/row.ts'
import type { Policy } from '../rbac/policy.ts'
import { type User, type UserRecord, withRoles } from '../users/row.ts'
import { mergeClaims } from './claims.ts'
import type { Found, Held, LookUp, MemberSession, UserSession } from './held.ts'
import { claimedSessionId, type RecalledJwt, recallJwt, verifySessionJwt } from './jwt.ts'
import { isAlive, type Session, type SessionChange, tokenKey, tokenOf } from './session.ts'

/** The session fields that authenticate-type requests share (reference: consumer.md §0.6). */
export type SessionFields = {
  session_token?: string | undefined
  session_jwt?: string | undefined
  session_duration_minutes?: number | undefined
  session_custom_claims?: JsonObject | undefined
}

/** What the look-up brought, before anything is known about the caller. */
type Brought<Owner> = (Found<Owner> & { recalled?: RecalledJwt }) | undefined
export type Lookup = Brought<UserSession['owner']>
export type MemberLookup = Brought<MemberSession['owner']>

/** A living session with its owner, and the token that goes with it. */
export type Presented = { session: Session; user: User; token: () => string }

/** A living session of a member, with the organization, and the token that goes with it. */
export type PresentedMember = { session: Session; member: Member; organization: Organization; token: () => string }

/**
 * Starts the look-up of the presented session; undefined when none is presented. Refuses with
 * `too_many_session_arguments` or `invalid_session_token`. Reads only, and depends on no configuration.
 */
export function lookUpPresented(app: App, project_id: string, fields: SessionFields): Promise<Lookup> {
  return lookUp(app, project_id, fields, app.lookups.session)
}

/**
 * Like `lookUpPresented`, for sessions of members. An intermediate session that comes along counts as one of the arguments;
 * it is read where it is used.
 */
export async function lookUpPresentedMember(
  app: App,
  project_id: string,
  fields: SessionFields & { intermediate_session_token?: string | undefined },
): Promise<MemberLookup> {
  const { session_token, session_jwt, intermediate_session_token } = fields
  if (intermediate_session_token && (session_token || session_jwt)) fail('too_many_session_arguments')
  return lookUp(app, project_id, fields, app.lookups.member_session)
}

async function lookUp<Owner>(
  app: App,
  project_id: string,
  { session_token, session_jwt }: SessionFields,
  find: LookUp<Owner>,
): Promise<Brought<Owner>> {
  if (session_token && session_jwt) fail('too_many_session_arguments')
  if (session_token) {
    if (!isTokenShaped(session_token)) fail('invalid_session_token')
    return find(tokenKey(project_id, session_token))
  }
  if (!session_jwt) return undefined
  const recalled = recallJwt(app, project_id, session_jwt)
  const value = recalled.proven?.session_id ?? claimedSessionId(session_jwt)
  if (value === undefined) return { held: undefined, config_version: undefined, recalled }
  return { ...(await find({ project_id, column: 'session_id', value })), recalled }
}

/**
 * The presented session, once the caller is confirmed: verifies a JWT, and refuses with `session_not_found` what is
 * unknown, expired or revoked. Undefined when none was presented.
 */
export async function requirePresented(
  app: App,
  environment: Environment,
  fields: SessionFields,
  lookup: Lookup,
): Promise<Presented | undefined> {
  const held = await requireAlive(app, environment, fields, lookup)
  return held && { user: userOf(held.owner, environment.policy), ...sessionAndToken(app, fields, held) }
}

/** What a user is under the policy of the moment, kept as long as both stay the same objects. */
const users = new WeakMap<UserRecord, { policy: Policy; user: User }>()

function userOf(record: UserRecord, policy: Policy): User {
  const known = users.get(record)
  if (known?.policy === policy) return known.user
  const user = withRoles(record, policy)
  users.set(record, { policy, user })
  return user
}

/** Like `requirePresented`, for sessions of members. */
export async function requirePresentedMember(
  app: App,
  environment: Environment,
  fields: SessionFields,
  lookup: MemberLookup,
): Promise<PresentedMember | undefined> {
  const held = await requireAlive(app, environment, fields, lookup)
  if (!held) return undefined
  if (held.owner.member.status === 'deleted') fail('session_not_found')
  return { ...held.owner, ...sessionAndToken(app, fields, held) }
}

async function requireAlive<Owner>(
  app: App,
  environment: Environment,
  { session_jwt }: SessionFields,
  lookup: Brought<Owner>,
): Promise<Held<Owner> | undefined> {
  if (lookup === undefined) return undefined
  const { held, recalled } = lookup
  if (session_jwt) {
    const session_id = await verifySessionJwt(app, environment, session_jwt, recalled)
    if (held && held.session.session_id !== session_id) fail('session_not_found')
  }
  if (!held || !isAlive(held.session, app.now())) fail('session_not_found')
  return held
}

function sessionAndToken(app: App, { session_token }: SessionFields, { session }: Pick<Held<unknown>, 'session'>) {
  return { session, token: () => session_token || tokenOf(app, session) }
}

/** The duration and claims of a request. Refuses a duration outside 5…527040 minutes, and claims that can fit no session. */
export function readSessionChange({ session_duration_minutes, session_custom_claims }: SessionFields): SessionChange {
  if (session_duration_minutes !== undefined && (session_duration_minutes < 5 || session_duration_minutes > 527_040)) {
    fail('invalid_session_duration_minutes')
  }
  mergeClaims({}, session_custom_claims)
  return { duration_minutes: session_duration_minutes, custom_claims: session_custom_claims }
}
