/** The rows of sessions together with their owners', for many keys at once: whole ones, and what tells whether they are still the same. */
import { type KeyedStatement, keyedSelect } from '../../store/keyed.ts'
import type { Store } from '../../store/store.ts'
import { type MemberRow, memberColumns } from '../members/row.ts'
import { type OrganizationRow, organizationColumns } from '../organizations/row.ts'
import { type UserRow, userColumns } from '../users/row.ts'
import type { Session } from './session.ts'
import { type Key, type SessionRow, sessionColumns, toSession } from './table.ts'

/** The columns of an owner under their own names, the session's prefixed with `s_`, and those of an organization with `o_`. */
type JointRow<Owner> = Owner &
  Pick<StateRow, 'config_version'> & { [Column in keyof SessionRow as `s_${Column}`]: SessionRow[Column] }
export type SessionAndUserRow = JointRow<UserRow>
export type SessionAndMemberRow = JointRow<MemberRow> & {
  [Column in keyof OrganizationRow as `o_${Column}`]: OrganizationRow[Column]
}

/** What changes about a session all the time, and the versions of everything else that was read with it. */
export type StateRow = Pick<Session, 'last_accessed_at' | 'expires_at' | 'revoked_at'> & {
  session_version: number
  owner_version: number
  /** Null where there is no organization. */
  organization_version: number | null
  /** Of the environment, for whoever needs its configuration. */
  config_version: number
}

/** How sessions of one kind of owner are read; each verb answers in the order of the keys. */
export type JointTable<Row> = {
  rows(store: Store, column: Key['column'], keys: Key[]): Promise<(Row | undefined)[]>
  states(store: Store, column: Key['column'], keys: Key[]): Promise<(StateRow | undefined)[]>
}

/** Sessions of users. */
export const sessionsOfUsers: JointTable<SessionAndUserRow> = joint(
  'user',
  [...userColumns.map((name) => `u.${name}`), ...sessionColumns.map((name) => `s.${name} as s_${name}`)],
  ['u.version as owner_version', 'null as organization_version'],
  'join users u on u.project_id = s.project_id and u.user_id = s.owner_id',
)

/** Sessions of members. */
export const sessionsOfMembers: JointTable<SessionAndMemberRow> = joint(
  'member',
  [
    ...memberColumns.map((name) => `m.${name}`),
    ...sessionColumns.map((name) => `s.${name} as s_${name}`),
    ...organizationColumns.map((name) => `o.${name} as o_${name}`),
  ],
  ['m.version as owner_version', 'o.version as organization_version'],
  `join members m on m.project_id = s.project_id and m.member_id = s.owner_id
   join organizations o on o.project_id = m.project_id and o.organization_id = m.organization_id`,
)

/** The session of a joint row. */
export function sessionOf(row: { [Column in keyof SessionRow as `s_${Column}`]: SessionRow[Column] }): Session {
  return toSession(unprefixed(row, 's_', sessionColumns) as SessionRow)
}

/** The organization's columns of a joint row. */
export function organizationRowOf(row: SessionAndMemberRow): OrganizationRow {
  return unprefixed(row, 'o_', organizationColumns) as OrganizationRow
}

function unprefixed(row: object, prefix: string, columns: readonly string[]): object {
  const values = row as Record<string, unknown>
  return Object.fromEntries(columns.map((name) => [name, values[`${prefix}${name}`]]))
}

function joint<Row>(owner: string, columns: string[], versions: string[], owners: string): JointTable<Row> {
  const state = ['s.last_accessed_at', 's.expires_at', 's.revoked_at', 's.version as session_version', ...versions]
  const joins = `${owners} join environments e on e.project_id = s.project_id`
  const statements = {
    rows: byColumn(`${owner} sessions`, [...columns, 'e.config_version'], joins),
    states: byColumn(`${owner} session states`, [...state, 'e.config_version'], joins),
  }
  const find = (statement: KeyedStatement, store: Store, keys: Key[]) =>
    store.find(
      statement,
      keys.map(({ project_id, value }) => [project_id, value]),
    )
  return {
    rows: (store, column, keys) => find(statements.rows[column], store, keys) as Promise<(Row | undefined)[]>,
    states: (store, column, keys) => find(statements.states[column], store, keys) as Promise<(StateRow | undefined)[]>,
  }
}

/** Every column by name: a statement that is kept prepared must not change its shape when a table gets another one. */
function byColumn(name: string, columns: string[], joins: string): Record<Key['column'], KeyedStatement> {
  const by = (column: Key['column']) =>
    keyedSelect({
      name: `${name} by ${column}`,
      select: columns.join(', '),
      from: 'sessions s',
      on: ['s.project_id', `s.${column}`],
      joins,
    })
  return { token_hash: by('token_hash'), session_id: by('session_id') }
}
