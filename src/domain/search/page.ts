/** How much of a search one call gets: so many results, and so much time. */
import { fail } from '../../errors.ts'
import { StatementTimeout, type Store } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { countAgainst } from '../limits/limit.ts'
import type { Continuation, Position } from './cursor.ts'
import type { GivenQuery } from './language.ts'

/** A search as a request gives it. */
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

/** How many results a page has. Refuses with `user_search_invalid_limit`. */
export function pageLimit(given: number | undefined): number {
  // Clients that cannot leave a field out send 0.
  const limit = given || usualLimit
  return limit < 0 || limit > highestLimit ? fail('user_search_invalid_limit') : limit
}

/**
 * The results of one page and one more, and how many there are in all. They are counted for the first page only, and only when
 * there are more than it holds: counting may read every user.
 */
export function findPage<Found>(
  app: App,
  environment: Pick<Environment, 'project_id'>,
  { from, limit, counted_as }: { from: Continuation | undefined; limit: number; counted_as: string },
  select: (store: Store, after: Position | undefined, most: number) => Promise<Found[]>,
  count: (store: Store) => Promise<number>,
): Promise<{ found: Found[]; total: number }> {
  return inTurn(app, environment, counted_as, async (store) => {
    const found = await select(store, from?.after, limit + 1)
    if (from) return { found, total: from.total }
    return { found, total: found.length <= limit ? found.length : await count(store) }
  })
}

/**
 * A search may read every user, or member: it counts against its limit, waits for its turn, and does not take for ever. What is not
 * let into the queue does not count. Refuses with `too_many_requests`, `server_unavailable` and `search_timeout`.
 */
async function inTurn<T>(
  app: App,
  environment: Pick<Environment, 'project_id'>,
  counted_as: string,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  try {
    return await app.searches.run(environment.project_id, async () => {
      await countAgainst(app, environment, 'user_search', counted_as)
      return app.store.bounded(patience, work)
    })
  } catch (error) {
    if (error instanceof StatementTimeout) fail('search_timeout')
    throw error
  }
}
