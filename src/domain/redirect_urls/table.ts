/** The rows of redirect URLs. */
import type { Kysely } from 'kysely'
import type { Handle, Store } from '../../store/store.ts'
import type { RedirectUrl, ValidType } from './placement.ts'

type Row = Omit<RedirectUrl, 'valid_types'> & { project_id: string; valid_types: string }
const tables = (handle: Handle) => handle as Kysely<{ redirect_urls: Row }>

/** The redirect URLs of an environment, oldest first. */
export async function selectRedirectUrls(store: Store, project_id: string): Promise<RedirectUrl[]> {
  const rows = await tables(store.read)
    .selectFrom('redirect_urls')
    .select(['url', 'valid_types', 'created_at'])
    .where('project_id', '=', project_id)
    .orderBy('created_at')
    .orderBy('url')
    .execute()
  return rows.map((row) => ({ ...row, valid_types: JSON.parse(row.valid_types) as ValidType[] }))
}

/** Writes a redirect URL, new or known. */
export async function upsertRedirectUrl(store: Store, project_id: string, one: RedirectUrl): Promise<void> {
  const valid_types = JSON.stringify(one.valid_types)
  await tables(store.write)
    .insertInto('redirect_urls')
    .values({ ...one, project_id, valid_types })
    .onConflict((conflict) => conflict.columns(['project_id', 'url']).doUpdateSet({ valid_types }))
    .execute()
}

/** Removes a redirect URL. */
export async function deleteRedirectUrlRow(store: Store, project_id: string, url: string): Promise<void> {
  await tables(store.write)
    .deleteFrom('redirect_urls')
    .where('project_id', '=', project_id)
    .where('url', '=', url)
    .execute()
}
