/** The rows of failed attempts in a row, for users and members alike. */
import type { Kysely } from 'kysely'
import { type Handle, oneOf, type Store } from '../../store/store.ts'

type Row = { project_id: string; owner_id: string; failures: number }
const tables = (handle: Handle) => handle as Kysely<{ failed_attempts: Row }>

/** Counts one more failure and returns how many there have been in a row. */
export async function incrementFailures(store: Store, project_id: string, owner_id: string): Promise<number> {
  const { failures } = await tables(store.write)
    .insertInto('failed_attempts')
    .values({ project_id, owner_id, failures: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['project_id', 'owner_id'])
        .doUpdateSet((eb) => ({ failures: eb('failed_attempts.failures', '+', 1) })),
    )
    .returning('failures')
    .executeTakeFirstOrThrow()
  return Number(failures)
}

/** Forgets the failures of an owner. */
export async function deleteFailures(store: Store, project_id: string, owner_id: string | string[]): Promise<void> {
  await tables(store.write)
    .deleteFrom('failed_attempts')
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'owner_id', [owner_id].flat()))
    .execute()
}
