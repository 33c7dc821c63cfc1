/** The rows of authenticator apps: one an owner. */
import { type Kysely, sql } from 'kysely'
import { type Handle, insertRows, oneOf, type Store, WriteConflict } from '../../../store/store.ts'
import type { Totp } from './totp.ts'

type Row = Omit<Totp, 'verified'> & { verified: number }
/** The sealed parts of a row. */
export type SealedTotp = Pick<
  Totp,
  'project_id' | 'owner_id' | 'totp_id' | 'sealed_secret' | 'sealed_recovery_codes' | 'version'
>
const tables = (handle: Handle) => handle as Kysely<{ totps: Row }>
const sealedColumns = [
  'project_id',
  'owner_id',
  'totp_id',
  'sealed_secret',
  'sealed_recovery_codes',
  'version',
] as const

/** The app of an owner. */
export async function selectTotp(store: Store, project_id: string, owner_id: string): Promise<Totp | undefined> {
  const row = await tables(store.read)
    .selectFrom('totps')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('owner_id', '=', owner_id)
    .executeTakeFirst()
  return row && { ...row, verified: row.verified === 1 }
}

/** Adds an app; false when the owner has one. */
export async function insertTotp(store: Store, { verified, ...rest }: Totp): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(store.write)
    .insertInto('totps')
    .values({ ...rest, verified: verified ? 1 : 0 })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Adds many apps; throws `WriteConflict` when one of the owners has one, or an id is taken. */
export async function insertTotps(store: Store, totps: Totp[]): Promise<void> {
  const rows: Row[] = totps.map(({ verified, ...rest }) => ({ ...rest, verified: verified ? 1 : 0 }))
  if ((await insertRows(store, 'totps', rows)) < rows.length) throw new WriteConflict()
}

/** The verified apps of those of the owners who have one. */
export async function selectVerified(store: Store, project_id: string, owner_ids: string[]): Promise<SealedTotp[]> {
  return tables(store.read)
    .selectFrom('totps')
    .select(sealedColumns)
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'owner_id', owner_ids))
    .where('verified', '=', 1)
    .execute()
}

/** Notes that the code of a step was used, and verifies the app; false when one of that step or a later one was before. */
export async function raiseLastStep(
  store: Store,
  { project_id, owner_id, totp_id }: Totp,
  step: number,
): Promise<boolean> {
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('totps')
    .set({ last_step: step, verified: 1 })
    .where('project_id', '=', project_id)
    .where('owner_id', '=', owner_id)
    .where('totp_id', '=', totp_id)
    .where('last_step', '<', step)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Writes the sealed parts of a row that was read before; false when its recovery codes have changed since. */
export async function updateSealed(store: Store, totp: SealedTotp): Promise<boolean> {
  const { project_id, owner_id, totp_id, sealed_secret, sealed_recovery_codes, version } = totp
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('totps')
    .set({ sealed_secret, sealed_recovery_codes, version: version + 1 })
    .where('project_id', '=', project_id)
    .where('owner_id', '=', owner_id)
    .where('totp_id', '=', totp_id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Removes the app of an owner, whatever its state. */
export async function deleteTotpOf(store: Store, project_id: string, owner_id: string | string[]): Promise<void> {
  await tables(store.write)
    .deleteFrom('totps')
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'owner_id', [owner_id].flat()))
    .execute()
}

/** The sealed parts of the next `limit` apps of all environments, in the order of their keys. */
export function selectSealed(store: Store, after: SealedTotp | undefined, limit: number): Promise<SealedTotp[]> {
  const { project_id, owner_id } = after ?? { project_id: '', owner_id: '' }
  return tables(store.write)
    .selectFrom('totps')
    .select(sealedColumns)
    .where(sql<boolean>`(project_id, owner_id) > (${project_id}, ${owner_id})`)
    .orderBy('project_id')
    .orderBy('owner_id')
    .limit(limit)
    .execute()
}
