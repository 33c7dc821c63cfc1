/** The rows of sessions. */
import { type Kysely, sql } from 'kysely'
import type { KeyedStatement } from '../../store/keyed.ts'
import { purgeInOrder } from '../../store/purge.ts'
import { type Handle, oneOf, type Store } from '../../store/store.ts'
import type { JsonObject } from '../../values/json.ts'
import type { Attributes } from '../attributes.ts'
import type { AuthenticationFactor } from './factors.ts'
import type { Session } from './session.ts'

export type SessionRow = Omit<Session, 'authentication_factors' | 'custom_claims' | 'attributes'> & {
  authentication_factors: string
  custom_claims: string
  attributes: string
}
export type Key = { project_id: string; column: 'session_id' | 'token_hash'; value: string }
export type Touch = { project_id: string; session_id: string; at: number; expires_at: number | undefined }

const tables = (handle: Handle) => handle as Kysely<{ sessions: SessionRow }>
/** The columns of a session. */
export const sessionColumns = [
  'project_id',
  'session_id',
  'owner_id',
  'token_hash',
  'sealed_token',
  'authentication_factors',
  'custom_claims',
  'attributes',
  'started_at',
  'last_accessed_at',
  'expires_at',
  'revoked_at',
  'version',
] as const satisfies (keyof SessionRow)[]

/** The session of a row. */
export function toSession(row: SessionRow): Session {
  return {
    ...row,
    authentication_factors: JSON.parse(row.authentication_factors) as AuthenticationFactor[],
    custom_claims: JSON.parse(row.custom_claims) as JsonObject,
    attributes: JSON.parse(row.attributes) as Attributes,
  }
}

function toRow(session: Session): SessionRow {
  return {
    ...session,
    authentication_factors: JSON.stringify(session.authentication_factors),
    custom_claims: JSON.stringify(session.custom_claims),
    attributes: JSON.stringify(session.attributes),
  }
}

/** One session, alive or ended; inside a transaction, as the transaction sees it. */
export async function selectSession(store: Store, { project_id, column, value }: Key): Promise<Session | undefined> {
  const row = await tables(store.write)
    .selectFrom('sessions')
    .selectAll()
    .where('project_id', '=', project_id)
    .where(column, '=', value)
    .executeTakeFirst()
  return row && toSession(row)
}

/** The sessions of an owner that are alive at that time, newest first. */
export async function selectAlive(store: Store, project_id: string, owner_id: string, now: number): Promise<Session[]> {
  const rows = await tables(store.read)
    .selectFrom('sessions')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('owner_id', '=', owner_id)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('started_at', 'desc')
    .orderBy('session_id')
    .execute()
  return rows.map(toSession)
}

/** Adds a session. */
export async function insertSession(store: Store, session: Session): Promise<void> {
  await tables(store.write).insertInto('sessions').values(toRow(session)).execute()
}

/**
 * Writes what a session has gathered (factors, claims, and the expiry when `expires_at` is given) and counts its version
 * up; false when it has changed or ended since it was read.
 */
export async function updateSession(
  store: Store,
  session: Session,
  expires_at: number | undefined,
  now: number,
): Promise<boolean> {
  const row = toRow(session)
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('sessions')
    .set({
      authentication_factors: row.authentication_factors,
      custom_claims: row.custom_claims,
      last_accessed_at: now,
      version: session.version + 1,
      ...(expires_at === undefined ? {} : { expires_at }),
    })
    .where('project_id', '=', session.project_id)
    .where('session_id', '=', session.session_id)
    .where('version', '=', session.version)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Notes accesses, and new expiries where given, in one statement; tells for each touch whether the session was alive. */
export async function touchSessions(store: Store, touches: Touch[]): Promise<boolean[]> {
  // One row can be updated only once by a statement: the last touch of a session wins, and keeps an expiry set before it.
  const merged = new Map<string, Touch>()
  for (const touch of touches) {
    const key = nameOf(touch)
    merged.set(key, { ...touch, expires_at: touch.expires_at ?? merged.get(key)?.expires_at })
  }
  // In one order on every node: statements that lock the same rows the other way round would wait for each other.
  const rows = [...merged.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, touch]) => touch)
  // When a session was last used may be forgotten when the power fails; how long it was promised to live may not.
  const relaxed = rows.every(({ expires_at }) => expires_at === undefined)
  const keys = rows.map(({ project_id, session_id, at, expires_at }) => [
    project_id,
    session_id,
    at,
    ...(relaxed ? [] : [expires_at ?? null]),
  ])
  const alive = await store.change<{ session_id: string }>(relaxed ? access : extension, keys, { relaxed })
  const updated = new Set(rows.filter((_, index) => alive[index]).map(nameOf))
  return touches.map((touch) => updated.has(nameOf(touch)))
}

function nameOf({ project_id, session_id }: Touch): string {
  return `${project_id} ${session_id}`
}

const touched = ['project_id', 'session_id', 'at']
const access: KeyedStatement = touching('session accesses', touched, 'last_accessed_at = K.at')
const extension: KeyedStatement = touching(
  'session extensions',
  [...touched, 'expiry'],
  'last_accessed_at = K.at, expires_at = coalesce(K.expiry, sessions.expires_at)',
)

/** `K.at` and `K.expiry` stand for the times of the key. */
function touching(name: string, columns: string[], set: string): KeyedStatement {
  const alive = 'sessions.revoked_at is null and sessions.expires_at > K.at'
  const numbered = (text: string) => text.replaceAll('K.at', '?3').replaceAll('K.expiry', '?4')
  const cast = (text: string) => text.replace(/K\.(at|expiry)/g, 'cast(k.$1 as bigint)')
  return {
    name,
    columns,
    sqlite: `update sessions set ${numbered(set)}
      where project_id = ?1 and session_id = ?2 and ${numbered(alive)} returning session_id`,
    postgres: (keys) => `update sessions set ${cast(set)} from ${keys}
      where sessions.project_id = k.project_id and sessions.session_id = k.session_id and ${cast(alive)}
      returning k.key_number, sessions.session_id`,
  }
}

/**
 * Ends a session; false when it had been ended before. One that has expired is ended all the same: a node whose clock is
 * behind would still take it for alive.
 */
export async function revokeRow(store: Store, project_id: string, session_id: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('sessions')
    // It counts as expired from now on, so that the purge takes it in its time, however far its expiry was.
    .set({ revoked_at: now, expires_at: sql`case when expires_at < ${now} then expires_at else ${now} end` })
    .where('project_id', '=', project_id)
    .where('session_id', '=', session_id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Ends the sessions of an owner, or several, that are alive, but for one when given, and returns which. */
export function revokeRowsOf(
  store: Store,
  project_id: string,
  owner_id: string | string[],
  except: string | undefined,
  now: number,
): Promise<Pick<SessionRow, 'session_id' | 'owner_id'>[]> {
  return tables(store.write)
    .updateTable('sessions')
    .set({ revoked_at: now, expires_at: now })
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'owner_id', [owner_id].flat()))
    .where('session_id', '<>', except ?? '')
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .returning(['session_id', 'owner_id'])
    .execute()
}

/** Removes every session of an owner. */
export async function deleteSessionsOf(store: Store, project_id: string, owner_id: string | string[]): Promise<void> {
  await tables(store.write)
    .deleteFrom('sessions')
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'owner_id', [owner_id].flat()))
    .execute()
}

export type SealedToken = Pick<SessionRow, 'project_id' | 'session_id' | 'sealed_token'>

/** Sealed tokens in the order of their keys, after that one; at most `limit`. */
export function selectSealedTokens(
  store: Store,
  after: SealedToken | undefined,
  limit: number,
): Promise<SealedToken[]> {
  let select = tables(store.read).selectFrom('sessions').select(['project_id', 'session_id', 'sealed_token'])
  if (after) select = select.where(sql<boolean>`(project_id, session_id) > (${after.project_id}, ${after.session_id})`)
  return select.orderBy('project_id').orderBy('session_id').limit(limit).execute()
}

/** Replaces the sealed token of a session. */
export async function updateSealedToken(store: Store, token: SealedToken): Promise<void> {
  await tables(store.write)
    .updateTable('sessions')
    .set({ sealed_token: token.sealed_token })
    .where('project_id', '=', token.project_id)
    .where('session_id', '=', token.session_id)
    .execute()
}

/** Returns what removes sessions that expired before that time, like `purgeInOrder`. */
export function purgeExpired(store: Store, time: number): (limit: number) => Promise<number> {
  return purgeInOrder(store, { table: 'sessions', id: 'session_id', column: 'expires_at' }, time)
}
