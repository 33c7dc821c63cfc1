/** The validated cache of sessions: what was read of a session and its owner is kept, and every look-up asks whether it is still so. */
import { LRUCache } from 'lru-cache'
import { batch } from '../../store/batch.ts'
import type { Store } from '../../store/store.ts'
import { type Member, type MemberRow, memberColumns, toMember } from '../members/row.ts'
import { type Organization, toOrganization } from '../organizations/row.ts'
import { toUserRecord, type UserRecord } from '../users/row.ts'
import {
  type JointTable,
  organizationRowOf,
  type StateRow,
  sessionOf,
  sessionsOfMembers,
  sessionsOfUsers,
} from './joint_table.ts'
import type { Session } from './session.ts'
import type { Key } from './table.ts'

/** A session with its owner. Everybody who asks is given the same objects, which are therefore frozen. */
export type Held<Owner> = { session: Session; owner: Owner }

type Versions = Pick<StateRow, 'session_version' | 'owner_version' | 'organization_version'>
type Kept<Owner> = Held<Owner> & { versions: Versions }

export type UserSession = Held<UserRecord>
export type MemberSession = Held<{ member: Member; organization: Organization }>

/** So many sessions are kept in a process, at about five kilobytes each. */
const most = 10_000

/** Returns the look-up of sessions of users. */
export function heldUserSessions(store: Store): (key: Key) => Promise<UserSession | undefined> {
  return heldSessions(store, sessionsOfUsers, (row) => ({
    session: sessionOf(row),
    owner: toUserRecord(row),
    versions: { session_version: row.s_version, owner_version: row.version, organization_version: null },
  }))
}

/** Returns the look-up of sessions of members. */
export function heldMemberSessions(store: Store): (key: Key) => Promise<MemberSession | undefined> {
  return heldSessions(store, sessionsOfMembers, (row) => {
    const own = Object.fromEntries(memberColumns.map((name) => [name, row[name]])) as MemberRow
    return {
      session: sessionOf(row),
      owner: { member: toMember(own), organization: toOrganization(organizationRowOf(row)) },
      versions: { session_version: row.s_version, owner_version: row.version, organization_version: row.o_version },
    }
  })
}

/**
 * Returns the look-up of sessions of one kind of owner. Look-ups of the same moment share one statement. A session that is kept
 * costs a few numbers: its times, and the versions by which everything that was read with it counts as the same; another
 * version is read anew. So what any node has committed before the question is in the answer, as it would be without a cache.
 */
function heldSessions<Row, Owner>(
  store: Store,
  table: JointTable<Row>,
  read: (row: Row) => Held<Owner> & { versions: Versions },
): (key: Key) => Promise<Held<Owner> | undefined> {
  const kept = new LRUCache<string, Kept<Owner>>({ max: most })

  async function lookUp(keys: Key[]): Promise<(Held<Owner> | undefined)[]> {
    const answers = new Array<Held<Owner> | undefined>(keys.length)
    for (const column of ['token_hash', 'session_id'] as const) {
      const indexes = [...keys.keys()].filter((index) => keys[index]?.column === column)
      if (indexes.length > 0) await answer(column, keys, indexes, answers)
    }
    return answers
  }

  async function answer(column: Key['column'], keys: Key[], indexes: number[], answers: (Held<Owner> | undefined)[]) {
    const known: number[] = []
    const unknown: number[] = []
    for (const index of indexes) (kept.has(nameOf(keys[index] as Key)) ? known : unknown).push(index)
    if (known.length > 0) {
      const states = await table.states(store, column, pick(keys, known))
      for (const [place, index] of known.entries()) {
        const name = nameOf(keys[index] as Key)
        const [state, held] = [states[place], kept.get(name)]
        if (!state) kept.delete(name)
        else if (held && isSame(held.versions, state)) answers[index] = { ...held, session: at(held.session, state) }
        else unknown.push(index)
      }
    }
    if (unknown.length === 0) return
    const rows = await table.rows(store, column, pick(keys, unknown))
    for (const [place, index] of unknown.entries()) {
      const row = rows[place]
      if (!row) continue
      const held = frozen(read(row))
      kept.set(nameOf(keys[index] as Key), held)
      answers[index] = held
    }
  }

  return batch(lookUp, { width: 2, most: 500 })
}

function nameOf({ project_id, column, value }: Key): string {
  return `${project_id} ${column} ${value}`
}

function pick(keys: Key[], indexes: number[]): Key[] {
  return indexes.map((index) => keys[index] as Key)
}

function isSame(versions: Versions, state: StateRow): boolean {
  return (
    versions.session_version === state.session_version &&
    versions.owner_version === state.owner_version &&
    versions.organization_version === state.organization_version
  )
}

/** The session with the times of now. */
function at(session: Session, { last_accessed_at, expires_at, revoked_at }: StateRow): Session {
  return { ...session, last_accessed_at, expires_at, revoked_at }
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) frozen(part)
  }
  return value
}
