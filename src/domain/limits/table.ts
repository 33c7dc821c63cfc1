/** The rows of counters: how often something happened in a period. */
import { type Kysely, sql } from 'kysely'
import type { Handle, Store } from '../../store/store.ts'

type Row = { project_id: string; name: string; subject: string; period: number; count: number; expires_at: number }
const tables = (handle: Handle) => handle as Kysely<{ counters: Row }>

/** Counts up by `count` and returns the new count. */
export async function addToCounter(store: Store, row: Row): Promise<number> {
  const { count } = await tables(store.write)
    .insertInto('counters')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['project_id', 'name', 'subject', 'period'])
        .doUpdateSet((eb) => ({ count: eb('counters.count', '+', row.count) })),
    )
    .returning('count')
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Removes at most `limit` counters whose period ended before that time and returns how many. */
export async function deleteCounters(store: Store, time: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from counters where (project_id, name, subject, period) in
    (select project_id, name, subject, period from counters where expires_at < ${time}
     order by expires_at limit ${limit})`.execute(store.write)
  return Number(numAffectedRows ?? 0n)
}
