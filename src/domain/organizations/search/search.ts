/** Searching the organizations of an environment, page by page (reference: b2b.md §5.2). */
import type { App } from '../../app.ts'
import type { Environment } from '../../configuration/environment.ts'
import { readCursor, writeCursor } from '../../search/cursor.ts'
import { findPage, type GivenSearch, pageLimit } from '../../search/page.ts'
import type { Organization } from '../row.ts'
import { readQuery } from './query.ts'
import { countMatching, selectMatching } from './table.ts'

/**
 * One page of the organizations that match, oldest first, how many match in all, and the cursor of the next page, `null` on
 * the last one. Refuses like user search: with `user_search_invalid_limit`, `user_search_invalid_cursor`,
 * `too_many_requests`, `search_timeout`, and what `readQuery` refuses with.
 */
export async function searchOrganizations(
  app: App,
  environment: Environment,
  given: GivenSearch,
): Promise<{ organizations: Organization[]; total: number; next_cursor: string | null }> {
  const limit = pageLimit(given.limit)
  const { project_id } = environment
  const query = readQuery(environment, given.query)
  const search = { of: 'organization', query } as const
  const from = given.cursor ? readCursor(app, project_id, search, given.cursor) : undefined
  const { found, total } = await findPage(
    app,
    environment,
    { from, limit, counted_as: 'organizations' },
    (store, after, most) => selectMatching(store, project_id, query, after, most),
    (store) => countMatching(store, project_id, query),
  )
  const organizations = found.slice(0, limit)
  const last = found.length > limit ? organizations.at(-1) : undefined
  return {
    organizations,
    total,
    next_cursor: last
      ? writeCursor(app, project_id, search, { after: { ...last, id: last.organization_id }, total })
      : null,
  }
}
