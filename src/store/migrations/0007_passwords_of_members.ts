/** The seventh schema: an index of the intermediate sessions of an address, which end when its password is reset. */
import { sql } from 'kysely'
import type { Handle } from '../store.ts'

/** Creates the index. */
export async function passwordsOfMembers(db: Handle): Promise<void> {
  await sql
    .raw('create index intermediate_sessions_by_email on intermediate_sessions (project_id, email_address)')
    .execute(db)
}
