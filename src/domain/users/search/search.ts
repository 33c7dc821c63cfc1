/** Searching the users of an environment, page by page (reference: consumer.md §2.4). */
import { fail } from '../../../errors.ts'
import { StatementTimeout, type Store } from '../../../store/store.ts'
import type { App } from '../../app.ts'
import type { Environment } from '../../configuration/environment.ts'
import { countAgainst } from '../../limits/limit.ts'
import type { User } from '../row.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { type GivenQuery, readQuery } from './query.ts'
import { countMatching, selectMatching } from './table.ts'

export type GivenSearch = {
  query?: GivenQuery | undefined
  cursor?: string | undefined
  limit?: number | undefined
}

/** How many results a search may ask for, and has without asking. */
const usualLimit = 100
const highestLimit = 1000
/** Milliseconds that one statement of a search may take. */
const patience = 5000

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
  const after = given.cursor ? readCursor(app, project_id, search, given.cursor) : undefined
  await countAgainst(app, environment, 'user_search', '')
  const { found, total } = await inTurn(app, async (store) => ({
    found: await selectMatching(store, environment, query, after, limit + 1),
    total: await countMatching(store, environment, query),
  }))
  const users = found.slice(0, limit)
  const last = found.length > limit ? users.at(-1) : undefined
  return {
    users,
    total,
    next_cursor: last ? writeCursor(app, project_id, search, { ...last, id: last.user_id }) : null,
  }
}

/** How many results a page has. Refuses with `user_search_invalid_limit`. */
export function pageLimit(given: number | undefined): number {
  // Clients that cannot leave a field out send 0.
  const limit = given || usualLimit
  return limit < 0 || limit > highestLimit ? fail('user_search_invalid_limit') : limit
}

/** A search may read every user, or member: it waits for its turn, and does not take for ever. Refuses with `search_timeout`. */
export async function inTurn<T>(app: App, work: (store: Store) => Promise<T>): Promise<T> {
  try {
    return await app.searches(() => app.store.bounded(patience, work))
  } catch (error) {
    if (error instanceof StatementTimeout) fail('search_timeout')
    throw error
  }
}
