/** POST /v1/users/search: the users that match a query, page by page. */
import { z } from 'zod'
import { searchUsers } from '../../../domain/users/search/search.ts'
import { maybe } from '../../../wire/shape.ts'
import { User, userToWire } from '../../../wire/user.ts'
import { ResultsMetadata, SearchUsersQuery } from '../../../wire/user_search.ts'
import { operation } from '../../operation.ts'

export const search = operation({
  route: 'POST /v1/users/search',
  name: 'api_user_v1_Search',
  sdk: 'users.search',
  summary: 'Finds the users that match a query, newest first.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    query: maybe(SearchUsersQuery).describe('Which users; all of them when absent or without operands.'),
    cursor: maybe(z.string(), 'user_search_invalid_cursor').describe('Where the page before this one ended.'),
    limit: maybe(z.int().min(0), 'user_search_invalid_limit').describe(
      'How many results, 1 to 1000; 100 unless given.',
    ),
  },
  reply: { results: z.array(User), results_metadata: ResultsMetadata },
  async run(app, { environment, body }) {
    const { users, total, next_cursor } = await searchUsers(app, environment, body)
    const now = app.now()
    return { results: users.map((user) => userToWire(user, now)), results_metadata: { total, next_cursor } }
  },
})
