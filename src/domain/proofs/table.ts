/** The rows of what proves something once: links, codes, and tokens of others that may count once only. */
import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import { type Handle, oneOf, type Store } from '../../store/store.ts'
import type { OneTimeCode } from './one_time_code.ts'
import type { OneTimeToken, TokenDetails, TokenPurpose } from './one_time_token.ts'

type SpentToken = { project_id: string; purpose: string; token_hash: string; expires_at: number }
type TokenRow = Omit<OneTimeToken, 'details'> & { details: string }
type CodeRow = Omit<OneTimeCode, 'details'> & { details: string }
type Tables = { spent_tokens: SpentToken; one_time_tokens: TokenRow; one_time_codes: CodeRow }
/** Which tokens of an owner: all, or those of one purpose, method or flow. */
export type TokensOf = { purpose?: TokenPurpose; method_id?: string; kind?: TokenDetails['kind'] }
const tables = (handle: Handle) => handle as Kysely<Tables>

const toToken = (row: TokenRow): OneTimeToken => ({
  ...row,
  details: JSON.parse(row.details) as OneTimeToken['details'],
})
const toCode = (row: CodeRow): OneTimeCode => ({ ...row, details: JSON.parse(row.details) as OneTimeCode['details'] })

/** Notes that a token was spent; false when it had been spent before. */
export async function insertSpentToken(store: Store, row: SpentToken): Promise<boolean> {
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
    (select project_id, purpose, token_hash from spent_tokens where expires_at < ${time}
     order by expires_at limit ${limit})`.execute(store.write)
  return Number(numAffectedRows ?? 0n)
}

/** Adds a one-time token. */
export async function insertToken(store: Store, { details, ...rest }: OneTimeToken): Promise<void> {
  await tables(store.write)
    .insertInto('one_time_tokens')
    .values({ ...rest, details: JSON.stringify(details) })
    .execute()
}

/** The one-time token with that hash, redeemable or not. */
export async function selectToken(
  store: Store,
  project_id: string,
  purpose: TokenPurpose,
  token_hash: string,
): Promise<OneTimeToken | undefined> {
  const row = await tables(store.read)
    .selectFrom('one_time_tokens')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('purpose', '=', purpose)
    .where('token_hash', '=', token_hash)
    .executeTakeFirst()
  return row && toToken(row)
}

/** The one-time tokens of an owner, newest first. */
export async function selectTokensOf(store: Store, project_id: string, owner_id: string): Promise<OneTimeToken[]> {
  const rows = await tables(store.read)
    .selectFrom('one_time_tokens')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('owner_id', '=', owner_id)
    .orderBy('created_at', 'desc')
    .execute()
  return rows.map(toToken)
}

/** Marks a one-time token as used; false when it was used before or has expired. */
export async function consumeTokenRow(
  store: Store,
  { project_id, purpose, token_hash }: OneTimeToken,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('one_time_tokens')
    .set({ used_at: now })
    .where('project_id', '=', project_id)
    .where('purpose', '=', purpose)
    .where('token_hash', '=', token_hash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Removes one-time tokens of an owner. */
export async function deleteTokensOf(
  store: Store,
  project_id: string,
  owner_id: string | string[],
  which: TokensOf,
): Promise<void> {
  await tables(store.write)
    .deleteFrom('one_time_tokens')
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'owner_id', [owner_id].flat()))
    .where(amongTokens(store, which))
    .execute()
}

/** Lets one-time tokens of an owner expire at that time, unless they have already. */
export async function expireTokensOf(
  store: Store,
  project_id: string,
  owner_id: string,
  which: TokensOf,
  now: number,
): Promise<void> {
  await tables(store.write)
    .updateTable('one_time_tokens')
    .set({ expires_at: now })
    .where('project_id', '=', project_id)
    .where('owner_id', '=', owner_id)
    .where(amongTokens(store, which))
    .where('expires_at', '>', now)
    .execute()
}

function amongTokens(store: Store, { purpose, method_id, kind }: TokensOf) {
  return ({ and, eb }: ExpressionBuilder<Tables, 'one_time_tokens'>) =>
    and([
      ...(purpose === undefined ? [] : [eb('purpose', '=', purpose)]),
      ...(method_id === undefined ? [] : [eb('method_id', '=', method_id)]),
      ...(kind === undefined ? [] : [eb(kindOf(store), '=', kind)]),
    ])
}

function kindOf({ engine }: Store) {
  return engine === 'postgres' ? sql<string>`details::json ->> 'kind'` : sql<string>`details ->> 'kind'`
}

/** Removes at most `limit` one-time tokens that expired before that time and returns how many. */
export async function deleteTokens(store: Store, time: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from one_time_tokens where (project_id, purpose, token_hash) in
    (select project_id, purpose, token_hash from one_time_tokens where expires_at < ${time}
     order by expires_at limit ${limit})`.execute(store.write)
  return Number(numAffectedRows ?? 0n)
}

/** Adds a one-time code. */
export async function insertCode(store: Store, { details, ...rest }: OneTimeCode): Promise<void> {
  await tables(store.write)
    .insertInto('one_time_codes')
    .values({ ...rest, details: JSON.stringify(details) })
    .execute()
}

/** Voids the unused codes of a method because a new one is made. */
export async function supersedeCodes(store: Store, project_id: string, method_id: string, now: number): Promise<void> {
  await tables(store.write)
    .updateTable('one_time_codes')
    .set({ superseded_at: now })
    .where('project_id', '=', project_id)
    .where('method_id', '=', method_id)
    .where('used_at', 'is', null)
    .where('superseded_at', 'is', null)
    .execute()
}

/** The last ten codes of a method, the one that may be live first; older ones are as good as never made. */
export async function selectCodes(store: Store, project_id: string, method_id: string): Promise<OneTimeCode[]> {
  const rows = await tables(store.write)
    .selectFrom('one_time_codes')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('method_id', '=', method_id)
    // Not by time alone: several can be made in one millisecond, or on nodes whose clocks differ.
    .orderBy((eb) => eb('superseded_at', 'is not', null))
    .orderBy('created_at', 'desc')
    .limit(10)
    .execute()
  return rows.map(toCode)
}

/** Counts a wrong try against a code. */
export async function countFailure(store: Store, { project_id, code_id }: OneTimeCode): Promise<void> {
  await tables(store.write)
    .updateTable('one_time_codes')
    .set((eb) => ({ failures: eb('failures', '+', 1) }))
    .where('project_id', '=', project_id)
    .where('code_id', '=', code_id)
    .execute()
}

/** Marks a code as used; false when it was used before, superseded, voided or has expired. */
export async function consumeCodeRow(
  store: Store,
  { project_id, code_id }: OneTimeCode,
  tries: number,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('one_time_codes')
    .set({ used_at: now })
    .where('project_id', '=', project_id)
    .where('code_id', '=', code_id)
    .where('used_at', 'is', null)
    .where('superseded_at', 'is', null)
    .where('failures', '<', tries)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Removes the codes of an owner, or those of one method. */
export async function deleteCodesOf(
  store: Store,
  project_id: string,
  owner_id: string | string[],
  method_id: string | undefined,
): Promise<void> {
  let remove = tables(store.write)
    .deleteFrom('one_time_codes')
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'owner_id', [owner_id].flat()))
  if (method_id !== undefined) remove = remove.where('method_id', '=', method_id)
  await remove.execute()
}

/** Removes at most `limit` codes that expired before that time and returns how many. */
export async function deleteCodes(store: Store, time: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from one_time_codes where (project_id, code_id) in
    (select project_id, code_id from one_time_codes where expires_at < ${time}
     order by expires_at limit ${limit})`.execute(store.write)
  return Number(numAffectedRows ?? 0n)
}
