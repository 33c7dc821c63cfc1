/** The fourth schema: addresses that sign in before they are anybody's, and passwords that have to be reset. */
import { sql } from 'kysely'
import type { Handle } from '../store.ts'

const statements = [
  `create table addresses (
    project_id text not null, email_address text not null, lock_created_at bigint, lock_expires_at bigint,
    expires_at bigint not null,
    primary key (project_id, email_address))`,
  `create index addresses_by_expiry on addresses (expires_at)`,

  `alter table passwords add column requires_reset integer not null default 0`,
]

/** Creates the table and the column. */
export async function addresses(db: Handle): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
