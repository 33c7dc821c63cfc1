/** How much of a search one call gets: so many results, and so much time. */
import { fail } from '../../errors.ts'
import { StatementTimeout, type Store } from '../../store/store.ts'
import type { App } from '../app.ts'
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

/** A search may read every user, or member: it waits for its turn, and does not take for ever. Refuses with `search_timeout`. */
export async function inTurn<T>(app: App, work: (store: Store) => Promise<T>): Promise<T> {
  try {
    return await app.searches(() => app.store.bounded(patience, work))
  } catch (error) {
    if (error instanceof StatementTimeout) fail('search_timeout')
    throw error
  }
}
