/** The fifth schema: an index that tells at once whether an organization has a verified member in an email domain. */
import { sql } from 'kysely'
import { domainIn, type Handle, type Store } from '../store.ts'

/** Creates the index. */
export async function discovery(db: Handle, engine: Store['engine']): Promise<void> {
  const domain = domainIn({ engine }, 'email_address')
  await sql
    .raw(
      `create index members_by_domain on members (project_id, organization_id, (${domain}))
       where status = 'active' and email_address_verified = 1`,
    )
    .execute(db)
}
