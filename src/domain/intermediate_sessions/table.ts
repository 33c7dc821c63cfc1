/** The rows of intermediate sessions. */
import { type Kysely, sql } from 'kysely'
import type { Handle, Store } from '../../store/store.ts'
import type { IntermediateSession } from './intermediate_session.ts'

type Row = Omit<IntermediateSession, 'authentication_factors' | 'details'> & {
  authentication_factors: string
  details: string
}
const tables = (handle: Handle) => handle as Kysely<{ intermediate_sessions: Row }>

/** Adds an intermediate session. */
export async function insertIntermediateSession(
  store: Store,
  { authentication_factors, details, ...rest }: IntermediateSession,
): Promise<void> {
  const texts = { authentication_factors: JSON.stringify(authentication_factors), details: JSON.stringify(details) }
  await tables(store.write)
    .insertInto('intermediate_sessions')
    .values({ ...rest, ...texts })
    .execute()
}

/** The intermediate session with that hash, usable or not. */
export async function selectIntermediateSession(
  store: Store,
  project_id: string,
  token_hash: string,
): Promise<IntermediateSession | undefined> {
  const row = await tables(store.write)
    .selectFrom('intermediate_sessions')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('token_hash', '=', token_hash)
    .executeTakeFirst()
  return (
    row && {
      ...row,
      authentication_factors: JSON.parse(row.authentication_factors) as IntermediateSession['authentication_factors'],
      details: JSON.parse(row.details) as IntermediateSession['details'],
    }
  )
}

/** Writes the factors of an intermediate session, and where they count; false when it has changed, ended or been used since it was read. */
export async function updateFactors(store: Store, session: IntermediateSession, now: number): Promise<boolean> {
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('intermediate_sessions')
    .set({
      organization_id: session.organization_id,
      authentication_factors: JSON.stringify(session.authentication_factors),
      details: JSON.stringify(session.details),
      version: session.version + 1,
    })
    .where('project_id', '=', session.project_id)
    .where('token_hash', '=', session.token_hash)
    .where('version', '=', session.version)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Marks an intermediate session as used; false when it has ended, or somebody was first. */
export async function consumeRow(
  store: Store,
  { project_id, token_hash }: Pick<IntermediateSession, 'project_id' | 'token_hash'>,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('intermediate_sessions')
    .set({ used_at: now })
    .where('project_id', '=', project_id)
    .where('token_hash', '=', token_hash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Marks the intermediate sessions of an address as used, in one organization or all, but for one. */
export async function endRowsOf(
  store: Store,
  {
    organization_id,
    except,
    ...of
  }: Pick<IntermediateSession, 'project_id' | 'email_address'> & {
    organization_id: string | undefined
    except: string | undefined
  },
  now: number,
): Promise<void> {
  const all = tables(store.write)
    .updateTable('intermediate_sessions')
    .set({ used_at: now })
    .where('project_id', '=', of.project_id)
    .where('email_address', '=', of.email_address)
    .where('used_at', 'is', null)
    .where('token_hash', '<>', except ?? '')
  const chosen = organization_id === undefined ? all : all.where('organization_id', '=', organization_id)
  await chosen.execute()
}

/** Removes at most `limit` intermediate sessions that expired before that time and returns how many. */
export async function deleteExpired(store: Store, time: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from intermediate_sessions where (project_id, token_hash) in
    (select project_id, token_hash from intermediate_sessions where expires_at < ${time}
     order by expires_at limit ${limit})`.execute(store.write)
  return Number(numAffectedRows ?? 0n)
}
