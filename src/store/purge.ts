/** Removing what a time has come for, batch by batch, in the order of that time. */
import { sql } from 'kysely'
import type { Store } from './store.ts'

/**
 * Returns what removes rows whose time in `column` is before `time`, the oldest first: at most `limit` a call, and tells how many.
 * Each call goes on where the one before ended: while anybody still sees a former state, PostgreSQL keeps what was removed, and
 * would wade through it every time. `id` is what the key of the table has beside `project_id`; the column is indexed.
 */
export function purgeInOrder(
  store: Store,
  { table, id, column }: { table: string; id: string; column: string },
  time: number,
): (limit: number) => Promise<number> {
  const [rows_of, name, at] = [sql.table(table), sql.ref(id), sql.ref(column)]
  let since = 0
  return async (limit) => {
    const { rows } = await sql<{ reached: number }>`delete from ${rows_of} where (project_id, ${name}) in
      (select project_id, ${name} from ${rows_of} where ${at} >= ${since} and ${at} < ${time}
       order by ${at} limit ${limit}) returning ${at} as reached`.execute(store.write)
    since = rows.reduce((last, { reached }) => Math.max(last, reached), since)
    return rows.length
  }
}
