/** POST /v1/b2b/organizations/members/search: the members of organizations that match a query, page by page. */
import { z } from 'zod'
import { searchMembers } from '../../../../domain/members/search/search.ts'
import { Member } from '../../../../wire/member.ts'
import { Organization, organizationToWire } from '../../../../wire/organization.ts'
import { ResultsMetadata, SearchQuery } from '../../../../wire/organization_search.ts'
import { maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { memberInOrganization } from '../../member_reply.ts'

export const search = operation({
  route: 'POST /v1/b2b/organizations/members/search',
  name: 'api_organization_v1_organizations_members_Search',
  sdk: 'organizations.members.search',
  summary:
    'Finds the members of organizations that match a query, oldest first. Deleted ones only when it asks for them.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    organization_ids: z.array(z.string()).describe('Ids, slugs or external ids; at least one, at most 100.'),
    query: maybe(SearchQuery).describe('Which members; all of them when absent or without operands.'),
    cursor: maybe(z.string(), 'user_search_invalid_cursor').describe('Where the page before this one ended.'),
    limit: maybe(z.int().min(0), 'user_search_invalid_limit').describe(
      'How many results, 1 to 1000; 100 unless given.',
    ),
  },
  permission: { resource: 'stytch.member', action: 'search' },
  target: async (_, { body }) => ({ organizations: body.organization_ids }),
  reply: {
    members: z.array(Member),
    organizations: z.record(z.string(), Organization).describe('The organizations of these members, by id.'),
    results_metadata: ResultsMetadata,
  },
  async run(app, { environment, body }) {
    const { members, total, next_cursor } = await searchMembers(app, environment, body)
    return {
      members: members.map(({ member, organization }) => memberInOrganization(app, environment, organization, member)),
      organizations: Object.fromEntries(
        members.map(({ organization }) => [organization.organization_id, organizationToWire(organization)]),
      ),
      results_metadata: { total, next_cursor },
    }
  },
})
