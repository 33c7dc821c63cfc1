/** Sessions: looked up, started, extended, gathering factors and claims, ended (reference: consumer.md §1). */
import { hashToken, newToken } from '../../crypto/tokens.ts'
import { fail } from '../../errors.ts'
import { WriteConflict } from '../../store/store.ts'
import { newId } from '../../values/id.ts'
import type { JsonObject } from '../../values/json.ts'
import { MINUTE, wholeSecond } from '../../values/time.ts'
import type { App } from '../app.ts'
import { type Attributes, checkAttributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvent } from '../events/event.ts'
import { takeMemberTurn } from '../members/member.ts'
import type { Member } from '../members/row.ts'
import { mergeClaims } from './claims.ts'
import { type AuthenticationFactor, addProof, isImpersonated, type Proof } from './factors.ts'
import {
  deleteSessionsOf,
  insertSession,
  type Key,
  purgeExpired,
  revokeRow,
  revokeRowsOf,
  type SealedToken,
  selectAlive,
  selectSealedTokens,
  selectSession,
  updateSealedToken,
  updateSession,
} from './table.ts'

export type Session = {
  project_id: string
  session_id: string
  owner_id: string
  token_hash: string
  sealed_token: string
  authentication_factors: AuthenticationFactor[]
  custom_claims: JsonObject
  attributes: Attributes
  started_at: number
  last_accessed_at: number
  expires_at: number
  revoked_at: number | null
  /** Counts the changes of factors and claims, so that one made on an outdated reading is noticed. */
  version: number
}

/** What a call wants done to the session it starts or touches. */
export type SessionChange = {
  /** What the caller says about the device; kept by a session that starts. */
  attributes?: Attributes | undefined
  /** Minutes from now until the session expires; undefined leaves the expiry. */
  duration_minutes: number | undefined
  custom_claims: JsonObject | undefined
}

/** How long a new session lasts, and what the call that starts it said about the device. */
type Lifetime = ({ duration_minutes: number } | { expires_at: number }) & { attributes?: Attributes | undefined }

const tokenPurpose = 'session token'

/** The key under which a session token is found. */
export function tokenKey(project_id: string, token: string): Key {
  return { project_id, column: 'token_hash', value: hashToken(tokenPurpose, project_id, token) }
}

/** Whether the session counts at that time. */
export function isAlive({ revoked_at, expires_at }: Pick<Session, 'revoked_at' | 'expires_at'>, now: number): boolean {
  return revoked_at === null && expires_at > now
}

/** A session token as its row keeps it. */
export function sealToken(
  app: App,
  { project_id, session_id }: Pick<Session, 'project_id' | 'session_id'>,
  token: string,
): string {
  return app.keyring.seal(tokenPurpose, `${project_id} ${session_id}`, token)
}

/** The token of a session, opened. */
export function tokenOf(app: App, { project_id, session_id, sealed_token }: Session): string {
  return app.keyring.open(tokenPurpose, `${project_id} ${session_id}`, sealed_token)
}

/** The living sessions of an owner, newest first. */
export function listSessions(app: App, { project_id }: Environment, owner_id: string): Promise<Session[]> {
  return selectAlive(app.store, project_id, owner_id, app.now())
}

/** The session of a key, alive or ended. */
export function findSession(app: App, key: Key): Promise<Session | undefined> {
  return selectSession(app.store, key)
}

/** A session as the transaction sees it. Refuses with `session_not_found` when it has ended. */
export async function getLivingSession(app: App, project_id: string, session_id: string): Promise<Session> {
  const session = await selectSession(app.store, { project_id, column: 'session_id', value: session_id })
  if (!session || !isAlive(session, app.now())) fail('session_not_found')
  return session
}

/**
 * Starts a session with its first factor; belongs into the transaction of the proof. `from` is a session it replaces,
 * whose factors, claims and attributes it takes over.
 */
export function startSession(
  app: App,
  environment: Environment,
  owner_id: string,
  proof: Proof,
  change: Pick<SessionChange, 'custom_claims'> & Lifetime,
  from?: Session,
): Promise<Session> {
  const factors = addProof(from?.authentication_factors ?? [], proof, app.now())
  return startSessionWith(app, environment, owner_id, factors, change, from)
}

/** Starts a session with factors that were gathered before it. Like `startSession` otherwise. */
export async function startSessionWith(
  app: App,
  environment: Environment,
  owner_id: string,
  authentication_factors: AuthenticationFactor[],
  { custom_claims, ...lifetime }: Pick<SessionChange, 'custom_claims'> & Lifetime,
  from?: Session,
): Promise<Session> {
  const { project_id, type } = environment
  const now = app.now()
  const session_id = newId('session', type)
  const token = newToken()
  const session: Session = {
    project_id,
    session_id,
    owner_id,
    token_hash: tokenKey(project_id, token).value,
    sealed_token: sealToken(app, { project_id, session_id }, token),
    authentication_factors,
    custom_claims: mergeClaims(from?.custom_claims ?? {}, custom_claims),
    attributes: from?.attributes ?? lifetime.attributes ?? checkAttributes(undefined),
    started_at: now,
    last_accessed_at: now,
    expires_at: 'expires_at' in lifetime ? lifetime.expires_at : now + lifetime.duration_minutes * MINUTE,
    revoked_at: null,
    version: 1,
  }
  await insertSession(app.store, session)
  const factors = authentication_factors.map(({ type }) => type)
  await recordEvent(app, project_id, 'session.started', session_id, { owner_id, factors })
  return session
}

/**
 * Adds a factor to a living session of that owner; belongs into the transaction of the proof. Refuses with
 * `session_not_found` when it has ended meanwhile, and with `session_not_mutable` when it is an impersonation.
 */
export async function gatherFactor(
  app: App,
  { project_id }: Environment,
  session_id: string,
  proof: Proof,
  change: SessionChange,
): Promise<Session> {
  const session = await getLivingSession(app, project_id, session_id)
  if (isImpersonated(session.authentication_factors)) fail('session_not_mutable')
  const authentication_factors = addProof(session.authentication_factors, proof, app.now())
  const changed = await write(app, { ...session, authentication_factors }, change)
  if (!changed) throw new WriteConflict()
  await recordEvent(app, project_id, 'session.factor_added', session_id, { factor: proof.type })
  return changed
}

/**
 * Notes that a session was used, and extends it or merges claims into it when asked to. Within the same second and
 * without a change nothing is written; an access or an extension joins the group commit of the moment; claims are merged
 * by a conditional write that is repeated on the newest state until it succeeds. Refuses with `session_not_found` when
 * the session has ended meanwhile.
 */
export async function useSession(app: App, session: Session, change: SessionChange): Promise<Session> {
  const now = app.now()
  const { duration_minutes, custom_claims } = change
  if (duration_minutes !== undefined && isImpersonated(session.authentication_factors)) fail('session_not_mutable')
  if (custom_claims !== undefined && mergesToSomethingElse(session, custom_claims))
    return changeClaims(app, session, change)
  const expires_at = duration_minutes === undefined ? session.expires_at : now + duration_minutes * MINUTE
  const isNews =
    wholeSecond(now) !== wholeSecond(session.last_accessed_at) ||
    wholeSecond(expires_at) !== wholeSecond(session.expires_at)
  if (!isNews) return session
  const { project_id, session_id } = session
  const extension = duration_minutes === undefined ? undefined : expires_at
  if (!(await app.touches({ project_id, session_id, at: now, expires_at: extension }))) fail('session_not_found')
  return { ...session, last_accessed_at: now, expires_at }
}

async function changeClaims(app: App, session: Session, change: SessionChange): Promise<Session> {
  const { project_id, session_id } = session
  return app.transaction(async (app) => {
    const current = await getLivingSession(app, project_id, session_id)
    const changed = await write(app, current, change)
    if (!changed) throw new WriteConflict()
    return changed
  })
}

async function write(
  app: App,
  session: Session,
  { duration_minutes, custom_claims }: SessionChange,
): Promise<Session | undefined> {
  const now = app.now()
  const expires_at = duration_minutes === undefined ? undefined : now + duration_minutes * MINUTE
  const next = { ...session, custom_claims: mergeClaims(session.custom_claims, custom_claims) }
  if (!(await updateSession(app.store, next, expires_at, now))) return undefined
  return { ...next, last_accessed_at: now, expires_at: expires_at ?? session.expires_at, version: session.version + 1 }
}

function mergesToSomethingElse(session: Session, change: JsonObject): boolean {
  return JSON.stringify(mergeClaims(session.custom_claims, change)) !== JSON.stringify(session.custom_claims)
}

/**
 * Ends a session: once this has returned, no node accepts it. Ending one that has ended already is no error; refuses
 * with `session_not_found` when there never was one.
 */
export function revokeSession(app: App, { project_id }: Environment, key: Key): Promise<void> {
  return app.transaction(async (app) => {
    const session = await selectSession(app.store, key)
    if (!session) fail('session_not_found')
    if (await revokeRow(app.store, project_id, session.session_id, app.now())) {
      await recordEvent(app, project_id, 'session.ended', session.session_id, { owner_id: session.owner_id })
    }
  })
}

/** Ends all living sessions of a member; one that is being started right now is either among them, or comes after. */
export function revokeSessionsOfMember(app: App, environment: Environment, known: Member): Promise<void> {
  return app.transaction(async (app) => {
    const { member_id } = await takeMemberTurn(app, known)
    await revokeSessionsOf(app, environment, member_id)
  })
}

/**
 * Ends all living sessions of an owner, or several, but for one when given; belongs into the transaction that demands it. Tells
 * how many there were.
 */
export async function revokeSessionsOf(
  app: App,
  { project_id }: Environment,
  owners: string | string[],
  except?: string,
): Promise<number> {
  const ended = await revokeRowsOf(app.store, project_id, owners, except, app.now())
  for (const { session_id, owner_id } of ended) {
    await recordEvent(app, project_id, 'session.ended', session_id, { owner_id })
  }
  return ended.length
}

/** Removes all sessions of an owner, or several, who are being deleted; belongs into that transaction. */
export function removeSessions(app: App, { project_id }: Environment, owner_id: string | string[]): Promise<void> {
  return deleteSessionsOf(app.store, project_id, owner_id)
}

/** Seals the tokens of all sessions under the current master key that are not yet, batch by batch, and returns how many. */
export async function resealTokens(app: App, batchSize: number): Promise<number> {
  let resealed = 0
  let last: SealedToken | undefined
  do {
    const tokens = await selectSealedTokens(app.store, last, batchSize)
    const outdated = tokens.filter(({ sealed_token }) => !app.keyring.isCurrent(sealed_token))
    await app.transaction(async ({ store, keyring }) => {
      for (const { project_id, session_id, sealed_token } of outdated) {
        const place = `${project_id} ${session_id}`
        const token = keyring.open(tokenPurpose, place, sealed_token)
        await updateSealedToken(store, {
          project_id,
          session_id,
          sealed_token: keyring.seal(tokenPurpose, place, token),
        })
      }
    })
    resealed += outdated.length
    last = tokens.at(-1)
  } while (last)
  return resealed
}

/** Returns what removes sessions that expired before that time: at most `limit` a call, and tells how many. */
export function purgeSessions(app: App, time: number): (limit: number) => Promise<number> {
  return purgeExpired(app.store, time)
}
