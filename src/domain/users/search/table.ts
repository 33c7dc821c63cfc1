/** The queries of user search. */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { ownersInDomain, ownersOfAny, ownersOfLike } from '../../../store/identifiers.ts'
import { containing, type Handle, keyTable, type Store } from '../../../store/store.ts'
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
  const named: RawBuilder<unknown>[] = []
  const described: RawBuilder<unknown>[] = []
  for (const condition of conditions) {
    if (isOfName(condition)) named.push(idsOf(store, project_id, condition))
    else described.push(sql`(${holds(condition)})`)
  }
  // Of several queries, one of which is to know a user, engines make one list to go by; of several conditions they would not.
  const lists = operator === 'OR' && named.length > 0 ? [sql.join(named, sql` union `)] : named
  const parts = [...lists.map((list) => sql`users.user_id in (${list})`), ...described]
  return select.where(sql<boolean>`(${sql.join(parts, sql.raw(operator === 'AND' ? ' and ' : ' or '))})`)
}

/** A condition on what users are found by, rather than on what they are. */
type NameCondition = Extract<Condition, { on: 'user_id' | 'identifier' }>

function isOfName(condition: Condition): condition is NameCondition {
  return condition.on === 'user_id' || condition.on === 'identifier'
}

/** A query of the ids of users whom a condition names. */
function idsOf(store: Store, project_id: string, condition: NameCondition): RawBuilder<unknown> {
  if (condition.on === 'user_id') {
    const ids = condition.any_of.map((user_id) => [user_id])
    return sql`select k.user_id from ${keyTable(store, 'k', ['user_id'], ids)}`
  }
  const { kind } = condition
  if ('any_of' in condition) return ownersOfAny(store, project_id, userScope, kind, condition.any_of)
  if ('in_domain' in condition) return ownersInDomain(store, project_id, userScope, kind, condition.in_domain)
  return ownersOfLike(project_id, userScope, kind, containing(condition.contains))
}

function holds(condition: Exclude<Condition, NameCondition>): RawBuilder<unknown> {
  switch (condition.on) {
    case 'created_at':
      return within(condition)
    case 'status':
      return sql`users.status = ${condition.is}`
    case 'name':
      return like('users.name_search', containing(searchableName(condition.contains)))
    case 'flags': {
      const flags = condition.any_of.map((flag) => like('users.search_flags', containing(`|${flag}|`)))
      const any = sql`(${sql.join(flags, sql` or `)})`
      return condition.present ? any : sql`not ${any}`
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
