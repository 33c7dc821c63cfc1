/** Rate limits: counters in the store, so that they hold across nodes (reference: wire.md §8.1). */
import { fail } from '../../errors.ts'
import type { Store } from '../../store/store.ts'
import type { Limit, LimitName } from '../../values/limit.ts'
import { SECOND } from '../../values/time.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { addToCounter, deleteCounters } from './table.ts'

/** One use of a limit: of which environment, at what time. */
export type Use = { project_id: string; limit: Limit; at: number }

/**
 * Counts one use of a limit by `subject` (an address, a user) and refuses with `too_many_requests` when the period has had
 * its share. Inside a transaction the use counts only when the transaction commits.
 */
export async function countAgainst(
  app: App,
  { project_id }: Pick<Environment, 'project_id'>,
  name: LimitName,
  subject: string,
): Promise<void> {
  const limit = app.settings.limits[name]
  if (!limit) return
  const at = app.now()
  const { period, expires_at } = periodOf(limit, at)
  const count = await addToCounter(app.store, { project_id, name, subject, period, count: 1, expires_at })
  if (count > limit.count) refuse(expires_at, at)
}

/** Counts a request of an environment and refuses with `too_many_requests` when there were too many. */
export async function countRequest(app: App, { project_id }: Pick<Environment, 'project_id'>): Promise<void> {
  const limit = app.settings.limits.requests
  if (!limit) return
  const at = app.now()
  if ((await app.requests({ project_id, limit, at })) > limit.count) refuse(periodOf(limit, at).expires_at, at)
}

/** Counts many requests of one moment with one statement an environment, and tells each how many there have been. */
export async function countRequests(store: Store, uses: Use[]): Promise<number[]> {
  const groups = Map.groupBy(uses, ({ project_id, limit, at }) => `${project_id} ${periodOf(limit, at).period}`)
  const counts = new Map<Use, number>()
  for (const group of groups.values()) {
    const { project_id, limit, at } = group[0] as Use
    const row = { project_id, name: 'requests', subject: '', count: group.length, ...periodOf(limit, at) }
    const total = await addToCounter(store, row)
    for (const [index, use] of group.entries()) counts.set(use, total - group.length + index + 1)
  }
  return uses.map((use) => counts.get(use) as number)
}

/** Removes at most `limit` counters of periods that ended before that time and returns how many. */
export function purgeCounters(app: App, time: number, limit: number): Promise<number> {
  return deleteCounters(app.store, time, limit)
}

/** Periods begin at multiples of their length, on every node alike. */
function periodOf({ seconds }: Limit, at: number): { period: number; expires_at: number } {
  const length = seconds * SECOND
  const period = Math.floor(at / length) * length
  return { period, expires_at: period + length }
}

function refuse(expires_at: number, at: number): never {
  fail('too_many_requests', undefined, Math.max(1, Math.ceil((expires_at - at) / SECOND)))
}
