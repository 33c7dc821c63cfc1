/** The rows of country allowlists, one an environment and channel. */
import type { Kysely } from 'kysely'
import type { Handle, Store } from '../../store/store.ts'

type Row = { project_id: string; channel: string; country_codes: string }
const tables = (handle: Handle) => handle as Kysely<{ allowed_country_codes: Row }>

/** The lists that were set, by channel. */
export async function selectCountryCodes(store: Store, project_id: string): Promise<Map<string, string[]>> {
  const rows = await tables(store.read)
    .selectFrom('allowed_country_codes')
    .selectAll()
    .where('project_id', '=', project_id)
    .execute()
  return new Map(rows.map(({ channel, country_codes }) => [channel, JSON.parse(country_codes) as string[]]))
}

/** Stores the list of a channel, replacing the one before. */
export async function upsertCountryCodes(
  store: Store,
  project_id: string,
  channel: string,
  codes: string[],
): Promise<void> {
  const country_codes = JSON.stringify(codes)
  await tables(store.write)
    .insertInto('allowed_country_codes')
    .values({ project_id, channel, country_codes })
    .onConflict((conflict) => conflict.columns(['project_id', 'channel']).doUpdateSet({ country_codes }))
    .execute()
}
