/** Searching the users of an environment, page by page (reference: consumer.md §2.4). */
import type { App } from '../../app.ts'
import type { Environment } from '../../configuration/environment.ts'
import { readCursor, writeCursor } from '../../search/cursor.ts'
import { findPage, type GivenSearch, pageLimit } from '../../search/page.ts'
import type { User } from '../row.ts'
import { readQuery } from './query.ts'
import { countMatching, selectMatching } from './table.ts'

/**
 * One page of the users that match, newest first, how many match in all, and the cursor of the next page, `null` on the
 * last one. Refuses with `user_search_invalid_limit`, `user_search_invalid_cursor`, `too_many_requests`, `search_timeout`
 * and what `readQuery` refuses with.
 */
export async function searchUsers(
  app: App,
  environment: Environment,
  given: GivenSearch,
): Promise<{ users: User[]; total: number; next_cursor: string | null }> {
  const limit = pageLimit(given.limit)
  const { project_id } = environment
  const query = readQuery(environment, given.query)
  const search = { of: 'user', query } as const
  const from = given.cursor ? readCursor(app, project_id, search, given.cursor) : undefined
  const { found, total } = await findPage(
    app,
    environment,
    { from, limit, counted_as: '' },
    (store, after, most) => selectMatching(store, environment, query, after, most),
    (store) => countMatching(store, environment, query),
  )
  const users = found.slice(0, limit)
  const last = found.length > limit ? users.at(-1) : undefined
  return {
    users,
    total,
    next_cursor: last ? writeCursor(app, project_id, search, { after: { ...last, id: last.user_id }, total }) : null,
  }
}
