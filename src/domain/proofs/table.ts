/** The rows of tokens that may count once only. */
import { type Kysely, sql } from 'kysely'
import type { Handle, Store } from '../../store/store.ts'

type Row = { project_id: string; purpose: string; token_hash: string; expires_at: number }
const tables = (handle: Handle) => handle as Kysely<{ spent_tokens: Row }>

/** Notes that a token was spent; false when it had been spent before. */
export async function insertSpentToken(store: Store, row: Row): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(store.write)
    .insertInto('spent_tokens')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Removes at most `limit` tokens that expired before that time and returns how many. */
export async function deleteSpentTokens(store: Store, time: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from spent_tokens where (project_id, purpose, token_hash) in
    (select project_id, purpose, token_hash from spent_tokens where expires_at < ${time} limit ${limit})`.execute(
    store.write,
  )
  return Number(numAffectedRows ?? 0n)
}
