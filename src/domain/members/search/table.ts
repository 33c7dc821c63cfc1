/** The queries of member search. */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { containing, type Handle, oneOf, type Store } from '../../../store/store.ts'
import type { Environment } from '../../configuration/environment.ts'
import type { Organization } from '../../organizations/row.ts'
import type { Position } from '../../search/cursor.ts'
import { defaultRole, isRole } from '../roles.ts'
import { type Member, type MemberRow, roleFlag, toMember } from '../row.ts'
import type { Condition, MemberQuery } from './query.ts'

/** Whose members are searched. */
type Scope = { environment: Environment; organizations: Organization[] }

const tables = (handle: Handle) => handle as Kysely<{ members: MemberRow }>
const everybody = sql`1 = 1`
const nobody = sql`1 = 0`

/** The members that match, oldest first, after that position; at most `most` of them. */
export async function selectMatching(
  store: Store,
  scope: Scope,
  query: MemberQuery,
  after: Position | undefined,
  most: number,
): Promise<Member[]> {
  let select = matching(store, scope, query)
  // The pair is compared as one, which the index can follow.
  if (after) select = select.where(sql<boolean>`(created_at, member_id) > (${after.created_at}, ${after.id})`)
  const rows = await select.selectAll().orderBy('created_at').orderBy('member_id').limit(most).execute()
  return rows.map(toMember)
}

/** How many members match. */
export async function countMatching(store: Store, scope: Scope, query: MemberQuery): Promise<number> {
  const { count } = await matching(store, scope, query)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

function matching(store: Store, scope: Scope, { operator, conditions, with_deleted }: MemberQuery) {
  let select = tables(store.read)
    .selectFrom('members')
    .where('members.project_id', '=', scope.environment.project_id)
    .where(inOneOf(store, scope.organizations))
  if (!with_deleted) select = select.where('members.status', '<>', 'deleted')
  if (conditions.length === 0) return select
  const parts = conditions.map((condition) => sql`(${holds(store, scope, condition)})`)
  return select.where(sql<boolean>`(${sql.join(parts, sql.raw(operator === 'AND' ? ' and ' : ' or '))})`)
}

function inOneOf(store: Store, organizations: Organization[]): RawBuilder<boolean> {
  const ids = organizations.map(({ organization_id }) => organization_id)
  // Of one organization the index gives the members in their order.
  return ids.length === 1
    ? sql<boolean>`members.organization_id = ${ids[0]}`
    : oneOf(store, 'members.organization_id', ids)
}

function holds(store: Store, scope: Scope, condition: Condition): RawBuilder<unknown> {
  switch (condition.on) {
    case 'organization':
      return sql`members.organization_id = ${condition.is}`
    case 'organization_slug':
      return inOneOfThose(store, scope, ({ organization_slug }) => {
        const slug = organization_slug.toLowerCase()
        return 'is' in condition ? slug === condition.is : slug.includes(condition.contains)
      })
    case 'is_breakglass':
      return sql`members.is_breakglass = ${condition.is ? 1 : 0}`
    case 'flags': {
      const any = anyOf(condition.any_of.map((flag) => hasFlag(store, flag)))
      return condition.present ? any : sql`not ${any}`
    }
    case 'roles':
      return anyOf(condition.any_of.map((role_id) => hasRole(store, scope, role_id)))
    case 'phone_number':
      if ('contains' in condition) return like(phoneNumber(store), condition.contains)
      return anyOf(condition.any_of.map((number) => sql`${sql.raw(phoneNumber(store))} = ${number}`))
    default:
      if ('contains' in condition) return like(`members.${condition.on}`, condition.contains)
      return oneOf(store, `members.${condition.on}`, condition.any_of)
  }
}

/** Roles as `rolesOfMember` has them: everybody's, assigned ones, those by domain; one that no policy defines is nobody's. */
function hasRole(store: Store, { environment, organizations }: Scope, role_id: string): RawBuilder<unknown> {
  if (role_id === defaultRole) return everybody
  const parts = organizations
    .filter((organization) => isRole(environment.policy, organization, role_id))
    .map(({ organization_id, settings }) => {
      const domains = settings.rbac_email_implicit_role_assignments
        .filter((implicit) => implicit.role_id === role_id)
        .map(({ domain }) => sql`(members.email_address_verified = 1 and ${endsWith(`@${domain}`)})`)
      return sql`(members.organization_id = ${organization_id} and ${anyOf([
        hasFlag(store, roleFlag(role_id)),
        ...domains,
      ])})`
    })
  return anyOf(parts)
}

function inOneOfThose(store: Store, { organizations }: Scope, those: (one: Organization) => boolean) {
  const chosen = organizations.filter(those)
  return chosen.length === 0 ? nobody : inOneOf(store, chosen)
}

function anyOf(parts: RawBuilder<unknown>[]): RawBuilder<unknown> {
  return parts.length === 0 ? nobody : sql`(${sql.join(parts, sql` or `)})`
}

/** Compared letter by letter: LIKE does not tell cases apart on both engines. */
function hasFlag({ engine }: Store, flag: string): RawBuilder<unknown> {
  const wanted = `|${flag}|`
  return engine === 'postgres'
    ? sql`strpos(members.search_flags, ${wanted}) > 0`
    : sql`instr(members.search_flags, ${wanted}) > 0`
}

function phoneNumber({ engine }: Store): string {
  return engine === 'postgres'
    ? "(members.mfa_phone::json ->> 'phone_number')"
    : "(members.mfa_phone ->> 'phone_number')"
}

function endsWith(end: string): RawBuilder<unknown> {
  return sql`members.email_address like ${containing(end).slice(0, -1)} escape '\\'`
}

function like(column: string, part: string): RawBuilder<unknown> {
  return sql`${sql.raw(column)} like ${containing(part)} escape '\\'`
}
