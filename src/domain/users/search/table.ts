/** The queries of user search. */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { holdsAnyOf, holdsInDomain, holdsLike } from '../../../store/identifiers.ts'
import { containing, type Handle, oneOf, type Store } from '../../../store/store.ts'
import type { Environment } from '../../configuration/environment.ts'
import type { Position } from '../../search/cursor.ts'
import { userScope } from '../reference.ts'
import { searchableName, toUser, type User, type UserRow } from '../row.ts'
import type { Condition, UserQuery } from './query.ts'

const tables = (handle: Handle) => handle as Kysely<{ users: UserRow }>

/** The users that match, newest first, after that position; at most `most` of them. */
export async function selectMatching(
  store: Store,
  environment: Environment,
  query: UserQuery,
  after: Position | undefined,
  most: number,
): Promise<User[]> {
  let select = matching(store, environment, query)
  // The pair is compared as one, which the index can follow.
  if (after) select = select.where(sql<boolean>`(created_at, user_id) < (${after.created_at}, ${after.id})`)
  const rows = await select.selectAll().orderBy('created_at', 'desc').orderBy('user_id', 'desc').limit(most).execute()
  return rows.map((row) => toUser(row, environment.policy))
}

/** How many users match. */
export async function countMatching(store: Store, environment: Environment, query: UserQuery): Promise<number> {
  const { count } = await matching(store, environment, query)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

function matching(store: Store, { project_id }: Environment, { operator, conditions }: UserQuery) {
  const select = tables(store.read).selectFrom('users').where('users.project_id', '=', project_id)
  if (conditions.length === 0) return select
  const parts = conditions.map((condition) => sql`(${holds(store, project_id, condition)})`)
  return select.where(sql<boolean>`(${sql.join(parts, sql.raw(operator === 'AND' ? ' and ' : ' or '))})`)
}

function holds(store: Store, project_id: string, condition: Condition): RawBuilder<unknown> {
  switch (condition.on) {
    case 'created_at':
      return within(condition)
    case 'status':
      return sql`users.status = ${condition.is}`
    case 'user_id':
      return oneOf(store, 'users.user_id', condition.any_of)
    case 'name':
      return like('users.name_search', containing(searchableName(condition.contains)))
    case 'flags': {
      const flags = condition.any_of.map((flag) => like('users.search_flags', containing(`|${flag}|`)))
      const any = sql`(${sql.join(flags, sql` or `)})`
      return condition.present ? any : sql`not ${any}`
    }
    case 'identifier': {
      const { kind } = condition
      const owner = 'users.user_id'
      if ('any_of' in condition) return holdsAnyOf(store, owner, project_id, userScope, kind, condition.any_of)
      if ('in_domain' in condition) return holdsInDomain(store, owner, project_id, userScope, kind, condition.in_domain)
      return holdsLike(owner, project_id, userScope, kind, containing(condition.contains))
    }
  }
}

function within({ after, before }: { after?: number; before?: number }): RawBuilder<unknown> {
  const bounds = [
    ...(after === undefined ? [] : [sql`users.created_at > ${after}`]),
    ...(before === undefined ? [] : [sql`users.created_at < ${before}`]),
  ]
  return sql.join(bounds, sql` and `)
}

function like(column: string, pattern: string): RawBuilder<unknown> {
  return sql`${sql.raw(column)} like ${pattern} escape '\\'`
}
