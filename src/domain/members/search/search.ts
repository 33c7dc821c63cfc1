/** Searching the members of organizations, page by page (reference: b2b.md §5.6.3). */
import { fail } from '../../../errors.ts'
import type { App } from '../../app.ts'
import type { Environment } from '../../configuration/environment.ts'
import { getOrganization } from '../../organizations/reference.ts'
import type { Organization } from '../../organizations/row.ts'
import { readCursor, writeCursor } from '../../search/cursor.ts'
import { findPage, type GivenSearch, pageLimit } from '../../search/page.ts'
import type { Member } from '../row.ts'
import { readQuery } from './query.ts'
import { countMatching, selectMatching } from './table.ts'

/** A search as a request gives it, by ids, slugs or external ids of organizations. */
export type GivenMemberSearch = GivenSearch & { organization_ids: string[] }

export type FoundMembers = {
  members: { member: Member; organization: Organization }[]
  total: number
  next_cursor: string | null
}

const mostOrganizations = 100

/**
 * One page of the members that match, in the order they were created in, how many match in all, and the cursor of the next
 * page, `null` on the last one. Refuses organizations that are missing or unknown, and like user search: with
 * `user_search_invalid_limit`, `user_search_invalid_cursor`, `too_many_requests`, `search_timeout`, and `readQuery`'s types.
 */
export async function searchMembers(
  app: App,
  environment: Environment,
  given: GivenMemberSearch,
): Promise<FoundMembers> {
  const references = [...new Set(given.organization_ids)]
  if (references.length === 0) fail('member_search_organization_ids_empty')
  if (references.length > mostOrganizations) {
    fail('bad_request', `organization_ids: at most ${mostOrganizations} organizations can be searched at once.`)
  }
  const limit = pageLimit(given.limit)
  const query = readQuery(environment, given.query)
  const { project_id } = environment
  const organizations = await findAll(app, environment, references)
  const search = { of: 'member', query: [[...organizations.keys()], query] } as const
  const from = given.cursor ? readCursor(app, project_id, search, given.cursor) : undefined
  const scope = { environment, organizations: [...organizations.values()] }
  const { found, total } = await findPage(
    app,
    environment,
    { from, limit, counted_as: 'members' },
    (store, after, most) => selectMatching(store, scope, query, after, most),
    (store) => countMatching(store, scope, query),
  )
  const page = found.slice(0, limit)
  const last = found.length > limit ? page.at(-1) : undefined
  return {
    members: page.map((member) => {
      return { member, organization: organizations.get(member.organization_id) as Organization }
    }),
    total,
    next_cursor: last ? writeCursor(app, project_id, search, { after: { ...last, id: last.member_id }, total }) : null,
  }
}

/** The organizations by id, in the order of their ids, so that a cursor does not depend on how they were listed. */
async function findAll(app: App, environment: Environment, references: string[]): Promise<Map<string, Organization>> {
  const found = await Promise.all(references.map((reference) => getOrganization(app, environment, reference)))
  const byId = new Map(found.map((organization) => [organization.organization_id, organization]))
  return new Map([...byId].sort(([a], [b]) => (a < b ? -1 : 1)))
}
