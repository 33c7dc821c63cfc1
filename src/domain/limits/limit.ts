/** Rate limits: counters in the store, so that they hold across nodes (reference: wire.md §8.1). */
import { fail } from '../../errors.ts'
import type { LimitName } from '../../values/limit.ts'
import { SECOND } from '../../values/time.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { deleteCounters, incrementCounter } from './table.ts'

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
  const length = limit.seconds * SECOND
  const period = Math.floor(app.now() / length) * length
  const count = await incrementCounter(app.store, { project_id, name, subject, period, expires_at: period + length })
  if (count > limit.count) {
    fail('too_many_requests', undefined, Math.max(1, Math.ceil((period + length - app.now()) / SECOND)))
  }
}

/** Removes at most `limit` counters of periods that ended before that time and returns how many. */
export function purgeCounters(app: App, time: number, limit: number): Promise<number> {
  return deleteCounters(app.store, time, limit)
}
