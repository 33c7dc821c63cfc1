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
/** `moment`: when it was found to be so, as the store counts. */
type Kept<Owner> = { project_id: string; held: Held<Owner>; versions: Versions; moment: number | undefined }

/** What a look-up brings; the version of the environment's configuration is that of the same moment, where the store was asked. */
export type Found<Owner> = { held: Held<Owner> | undefined; config_version: number | undefined }
/** Finds a session with its owner, alive or ended. At once where nobody has to be asked. */
export type LookUp<Owner> = (key: Key) => Promise<Found<Owner>> | Found<Owner>

export type UserSession = Held<UserRecord>
export type MemberSession = Held<{ member: Member; organization: Organization }>

/** Returns the look-up of sessions of users; `most` of them are kept. */
export function heldUserSessions(store: Store, most: number): LookUp<UserRecord> {
  return heldSessions(store, most, sessionsOfUsers, (row) => ({
    session: sessionOf(row),
    owner: toUserRecord(row),
    versions: { session_version: row.s_version, owner_version: row.version, organization_version: null },
  }))
}

/** Returns the look-up of sessions of members; `most` of them are kept. */
export function heldMemberSessions(store: Store, most: number): LookUp<MemberSession['owner']> {
  return heldSessions(store, most, sessionsOfMembers, (row) => {
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
 * version is read anew. Where the store tells that nothing was committed since, it costs nothing at all. So what any node has
 * committed before the question is in the answer, as it would be without a cache.
 */
function heldSessions<Row extends Pick<StateRow, 'config_version'>, Owner>(
  store: Store,
  most: number,
  table: JointTable<Row>,
  read: (row: Row) => Held<Owner> & { versions: Versions },
): LookUp<Owner> {
  const kept = new LRUCache<string, Kept<Owner>>({ max: most })

  async function ask(keys: Key[]): Promise<Found<Owner>[]> {
    const answers = new Array<Found<Owner>>(keys.length).fill({ held: undefined, config_version: undefined })
    for (const column of ['token_hash', 'session_id'] as const) {
      const indexes = [...keys.keys()].filter((index) => keys[index]?.column === column)
      if (indexes.length > 0) await answer(column, keys, indexes, answers)
    }
    return answers
  }

  async function answer(column: Key['column'], keys: Key[], indexes: number[], answers: Found<Owner>[]) {
    // What is committed from here on is not in what follows, or is; so it counts as committed afterwards.
    const moment = store.moment()
    const known: number[] = []
    const unknown: number[] = []
    for (const index of indexes) (find(keys[index] as Key) ? known : unknown).push(index)
    if (known.length > 0) {
      const states = await table.states(store, column, pick(keys, known))
      for (const [place, index] of known.entries()) {
        const key = keys[index] as Key
        const [state, entry] = [states[place], find(key)]
        if (!state) kept.delete(key.value)
        else if (entry && isSame(entry.versions, state)) {
          entry.held = at(entry.held, state)
          entry.moment = moment
          answers[index] = { held: entry.held, config_version: state.config_version }
        } else unknown.push(index)
      }
    }
    if (unknown.length === 0) return
    const rows = await table.rows(store, column, pick(keys, unknown))
    for (const [place, index] of unknown.entries()) {
      const row = rows[place]
      if (!row) continue
      const { versions, ...held } = read(row)
      frozen(held)
      const key = keys[index] as Key
      kept.set(key.value, { project_id: key.project_id, held, versions, moment })
      answers[index] = { held, config_version: row.config_version }
    }
  }

  /** Names of both kinds have so much chance in them that none is the other's; but a tenant sees its own only. */
  function find({ project_id, value }: Key): Kept<Owner> | undefined {
    const entry = kept.get(value)
    return entry?.project_id === project_id ? entry : undefined
  }

  const asked = batch(ask, { width: 2, most: 500, crowd: 32 })
  return (key) => {
    const entry = find(key)
    return entry?.moment !== undefined && entry.moment === store.moment()
      ? { held: entry.held, config_version: undefined }
      : asked(key)
  }
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
function at<Owner>(held: Held<Owner>, { last_accessed_at, expires_at, revoked_at }: StateRow): Held<Owner> {
  const { session, owner } = held
  const isSame =
    session.last_accessed_at === last_accessed_at &&
    session.expires_at === expires_at &&
    session.revoked_at === revoked_at
  // What is in them is frozen already.
  return isSame
    ? held
    : Object.freeze({ session: Object.freeze({ ...session, last_accessed_at, expires_at, revoked_at }), owner })
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) frozen(part)
  }
  return value
}
