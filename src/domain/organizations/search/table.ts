/** The queries of organization search. */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { ownersOfAny, ownersOfLike } from '../../../store/identifiers.ts'
import { containing, type Handle, keyTable, oneOf, type Store } from '../../../store/store.ts'
import type { Position } from '../../search/cursor.ts'
import { organizationScope } from '../reference.ts'
import { type Organization, type OrganizationRow, toOrganization } from '../row.ts'
import type { Condition, OrganizationQuery } from './query.ts'

const tables = (handle: Handle) => handle as Kysely<{ organizations: OrganizationRow }>
const id = 'organizations.organization_id'

/** The organizations that match, oldest first, after that position; at most `most` of them. */
export async function selectMatching(
  store: Store,
  project_id: string,
  query: OrganizationQuery,
  after: Position | undefined,
  most: number,
): Promise<Organization[]> {
  let select = matching(store, project_id, query)
  // The pair is compared as one, which the index can follow.
  if (after) select = select.where(sql<boolean>`(created_at, organization_id) > (${after.created_at}, ${after.id})`)
  const rows = await select.selectAll().orderBy('created_at').orderBy('organization_id').limit(most).execute()
  return rows.map(toOrganization)
}

/** How many organizations match. */
export async function countMatching(store: Store, project_id: string, query: OrganizationQuery): Promise<number> {
  const { count } = await matching(store, project_id, query)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

function matching(store: Store, project_id: string, { operator, conditions }: OrganizationQuery) {
  const select = tables(store.read).selectFrom('organizations').where('organizations.project_id', '=', project_id)
  if (conditions.length === 0) return select
  const parts = conditions.map((condition) => sql`(${holds(store, project_id, condition)})`)
  return select.where(sql<boolean>`(${sql.join(parts, sql.raw(operator === 'AND' ? ' and ' : ' or '))})`)
}

function holds(store: Store, project_id: string, condition: Condition): RawBuilder<unknown> {
  switch (condition.on) {
    case 'reference': {
      const { any_of } = condition
      const slugs = any_of.map((reference) => reference.toLowerCase())
      const ids = any_of.map((organization_id) => [organization_id])
      const lists = [
        sql`select k.organization_id from ${keyTable(store, 'k', ['organization_id'], ids)}`,
        ownersOfAny(store, project_id, organizationScope, 'slug', slugs),
        ownersOfAny(store, project_id, organizationScope, 'external_id', any_of),
      ]
      return sql`${sql.raw(id)} in (${sql.join(lists, sql` union `)})`
    }
    case 'slug':
    case 'claimed_domain': {
      const { on: kind } = condition
      const owners =
        'any_of' in condition
          ? ownersOfAny(store, project_id, organizationScope, kind, condition.any_of)
          : ownersOfLike(project_id, organizationScope, kind, containing(condition.contains))
      return sql`${sql.raw(id)} in (${owners})`
    }
    case 'name':
      return like('organizations.name_search', condition.contains)
    case 'allowed_domain':
      return sql`${sql.raw(id)} in (
        select d.organization_id from organization_domains d
        where d.project_id = ${project_id} and ${matches(store, 'd.domain', condition)})`
    case 'member_email':
      return sql`${sql.raw(id)} in (
        select m.organization_id from members m
        where m.project_id = ${project_id} and m.status <> 'deleted' and ${matches(store, 'm.email_address', condition)})`
    case 'sso_connection':
      // No organization has a connection yet.
      return condition.is === false ? sql`1 = 1` : sql`1 = 0`
  }
}

function matches(store: Store, column: string, asked: { any_of: string[] } | { contains: string }) {
  return 'any_of' in asked ? oneOf(store, column, asked.any_of) : like(column, asked.contains)
}

function like(column: string, text: string): RawBuilder<unknown> {
  return sql`${sql.raw(column)} like ${containing(text)} escape '\\'`
}
