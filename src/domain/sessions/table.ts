/** The rows of sessions. */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type Handle, keyTable, oneOf, type Store } from '../../store/store.ts'
import type { JsonObject } from '../../values/json.ts'
import type { Attributes } from '../attributes.ts'
import type { MemberRow } from '../members/row.ts'
import type { OrganizationRow } from '../organizations/row.ts'
import type { UserRow } from '../users/row.ts'
import type { AuthenticationFactor } from './factors.ts'
import type { Session } from './session.ts'

export type SessionRow = Omit<Session, 'authentication_factors' | 'custom_claims' | 'attributes'> & {
  authentication_factors: string
  custom_claims: string
  attributes: string
}
/** A session's row and its owner's, read together: the session's version has another name, its other columns do not clash. */
export type SessionAndUserRow = UserRow & JoinedSession
/** The same with a member, whose organization's columns are prefixed. */
export type SessionAndMemberRow = MemberRow &
  JoinedSession & { [Column in keyof OrganizationRow as `o_${Column}`]: OrganizationRow[Column] }
type JoinedSession = Omit<SessionRow, 'version'> & { session_version: number }

export type Key = { project_id: string; column: 'session_id' | 'token_hash'; value: string }
export type Touch = { project_id: string; session_id: string; at: number; expires_at: number | undefined }

const tables = (handle: Handle) => handle as Kysely<{ sessions: SessionRow }>
const columns = [
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
] as const

const organizationColumns: (keyof OrganizationRow)[] = [
  'project_id',
  'organization_id',
  'organization_name',
  'organization_slug',
  'organization_external_id',
  'organization_logo_url',
  'settings',
  'custom_roles',
  'trusted_metadata',
  'name_search',
  'created_at',
  'updated_at',
  'version',
]

/** The organization's columns of a joint row. */
export function organizationRowOf(row: SessionAndMemberRow): OrganizationRow {
  const entries = organizationColumns.map((name) => [name, row[`o_${name}`]])
  return Object.fromEntries(entries) as OrganizationRow
}

/** The session of a row. */
export function toSession(row: SessionRow): Session {
  return {
    ...row,
    authentication_factors: JSON.parse(row.authentication_factors) as AuthenticationFactor[],
    custom_claims: JSON.parse(row.custom_claims) as JsonObject,
    attributes: JSON.parse(row.attributes) as Attributes,
  }
}

/** The session half of a joint row. */
export function sessionOf(row: JoinedSession): Session {
  return toSession({
    project_id: row.project_id,
    session_id: row.session_id,
    owner_id: row.owner_id,
    token_hash: row.token_hash,
    sealed_token: row.sealed_token,
    authentication_factors: row.authentication_factors,
    custom_claims: row.custom_claims,
    attributes: row.attributes,
    started_at: row.started_at,
    last_accessed_at: row.last_accessed_at,
    expires_at: row.expires_at,
    revoked_at: row.revoked_at,
    version: row.session_version,
  })
}

function toRow(session: Session): SessionRow {
  return {
    ...session,
    authentication_factors: JSON.stringify(session.authentication_factors),
    custom_claims: JSON.stringify(session.custom_claims),
    attributes: JSON.stringify(session.attributes),
  }
}

/** Many sessions of users with their owners, in the order of the keys, with one query for each kind of key. */
export function selectWithUsers(store: Store, keys: Key[]): Promise<(SessionAndUserRow | undefined)[]> {
  return selectWithOwners(
    store,
    keys,
    sql`u.*`,
    sql`join users u on u.project_id = s.project_id and u.user_id = s.owner_id`,
  )
}

/** Many sessions of members with their owners and organizations, as `selectWithUsers`. */
export function selectWithMembers(store: Store, keys: Key[]): Promise<(SessionAndMemberRow | undefined)[]> {
  return selectWithOwners(
    store,
    keys,
    sql`m.*, ${sql.join(organizationColumns.map((name) => sql`o.${sql.ref(name)} as ${sql.ref(`o_${name}`)}`))}`,
    sql`join members m on m.project_id = s.project_id and m.member_id = s.owner_id
      join organizations o on o.project_id = m.project_id and o.organization_id = m.organization_id`,
  )
}

async function selectWithOwners<Row extends { project_id: string; token_hash: string; session_id: string }>(
  store: Store,
  keys: Key[],
  owner: RawBuilder<unknown>,
  joins: RawBuilder<unknown>,
): Promise<(Row | undefined)[]> {
  const found = new Map<string, Row>()
  for (const column of ['token_hash', 'session_id'] as const) {
    const wanted = keys.filter((key) => key.column === column).map(({ project_id, value }) => [project_id, value])
    if (wanted.length === 0) continue
    const { rows } = await sql<Row>`
      select ${owner}, ${sql.join(columns.map((name) => sql.ref(`s.${name}`)))}, s.version as session_version
      from ${keyTable(store, 'k', ['project_id', 'value'], wanted)}
      join sessions s on s.project_id = k.project_id and s.${sql.raw(column)} = k.value
      ${joins}`.execute(store.read)
    for (const row of rows) found.set(`${row.project_id} ${row[column]}`, row)
  }
  return keys.map(({ project_id, value }) => found.get(`${project_id} ${value}`))
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
    const key = `${touch.project_id} ${touch.session_id}`
    merged.set(key, { ...touch, expires_at: touch.expires_at ?? merged.get(key)?.expires_at })
  }
  // In one order on every node: statements that lock the same rows the other way round would wait for each other.
  const rows = [...merged.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { project_id, session_id, at, expires_at }]) => [
      project_id,
      session_id,
      String(at),
      String(expires_at ?? ''),
    ])
  const { rows: alive } = await sql<{ project_id: string; session_id: string }>`
    update sessions set last_accessed_at = cast(k.at as bigint),
      expires_at = case when k.expiry = '' then sessions.expires_at else cast(k.expiry as bigint) end
    from ${keyTable(store, 'k', ['project', 'session', 'at', 'expiry'], rows)}
    where sessions.project_id = k.project and sessions.session_id = k.session
      and sessions.revoked_at is null and sessions.expires_at > cast(k.at as bigint)
    returning project_id, session_id`.execute(store.write)
  const updated = new Set(alive.map(({ project_id, session_id }) => `${project_id} ${session_id}`))
  return touches.map(({ project_id, session_id }) => updated.has(`${project_id} ${session_id}`))
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

/** Ends the sessions of an owner that are alive, but for one when given, and returns their ids. */
export async function revokeRowsOf(
  store: Store,
  project_id: string,
  owner_id: string,
  except: string | undefined,
  now: number,
): Promise<string[]> {
  const rows = await tables(store.write)
    .updateTable('sessions')
    .set({ revoked_at: now, expires_at: now })
    .where('project_id', '=', project_id)
    .where('owner_id', '=', owner_id)
    .where('session_id', '<>', except ?? '')
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('session_id')
    .execute()
  return rows.map(({ session_id }) => session_id)
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

/** Removes at most `limit` sessions that expired before that time and returns how many. */
export async function deleteExpired(store: Store, time: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from sessions where (project_id, session_id) in
    (select project_id, session_id from sessions where expires_at < ${time} order by expires_at limit ${limit})`.execute(
    store.write,
  )
  return Number(numAffectedRows ?? 0n)
}
