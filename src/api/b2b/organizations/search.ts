/** POST /v1/b2b/organizations/search: the organizations that match a query, page by page. */
import { z } from 'zod'
import { searchOrganizations } from '../../../domain/organizations/search/search.ts'
import { Organization, organizationToWire } from '../../../wire/organization.ts'
import { ResultsMetadata, SearchQuery } from '../../../wire/organization_search.ts'
import { maybe } from '../../../wire/shape.ts'
import { operation } from '../../operation.ts'

export const search = operation({
  route: 'POST /v1/b2b/organizations/search',
  name: 'api_organization_v1_Search',
  sdk: 'organizations.search',
  summary: 'Finds the organizations that match a query, oldest first.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    query: maybe(SearchQuery).describe('Which organizations; all of them when absent or without operands.'),
    cursor: maybe(z.string(), 'user_search_invalid_cursor').describe('Where the page before this one ended.'),
    limit: maybe(z.int().min(0), 'user_search_invalid_limit').describe(
      'How many results, 1 to 1000; 100 unless given.',
    ),
  },
  reply: { organizations: z.array(Organization), results_metadata: ResultsMetadata },
  async run(app, { environment, body }) {
    const { organizations, total, next_cursor } = await searchOrganizations(app, environment, body)
    return { organizations: organizations.map(organizationToWire), results_metadata: { total, next_cursor } }
  },
})
