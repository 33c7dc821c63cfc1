/** The eighth schema: what large tables need: an index of the domains of users' addresses, and room for updates in place. */
import { sql } from 'kysely'
import { domainIn, type Handle, type Store } from '../store.ts'

// Rows that are updated again and again, without what an index holds: where a page has room for the next version, no index is
// written. The vacuum of a large table that changes all the time comes after one row in twenty, not one in five.
const settings = [
  'alter table sessions set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)',
  'alter table users set (fillfactor = 90)',
  'alter table members set (fillfactor = 90)',
  'alter table counters set (fillfactor = 80)',
]

/** Creates the index, and sets the storage of tables where the engine has such settings. Pages that are full already stay so. */
export async function growth(db: Handle, engine: Store['engine']): Promise<void> {
  const domain = domainIn({ engine }, 'value')
  await sql
    .raw(
      `create index identifiers_by_domain on identifiers (project_id, (${domain})) where scope = 'user' and kind = 'email'`,
    )
    .execute(db)
  if (engine === 'postgres') for (const setting of settings) await sql.raw(setting).execute(db)
}
