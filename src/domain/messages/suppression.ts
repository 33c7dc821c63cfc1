/** Recipients that a carrier has refused for good: nothing more is sent to them for a while (reference: consumer.md §3.3). */
import type { Channel } from '../../delivery/message.ts'
import { fail } from '../../errors.ts'
import { DAY } from '../../values/time.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { deleteSuppressions, insertSuppression, selectSuppression } from './table.ts'

/** After this time the carrier is asked again: people subscribe anew, and mailboxes come back. */
const duration = DAY

/** Notes that the carrier of a channel takes nothing for a recipient: an address that does not exist, a number that opted out. */
export function suppress(app: App, project_id: string, channel: Channel, recipient: string): Promise<void> {
  return insertSuppression(app.store, { project_id, channel, recipient, expires_at: app.now() + duration })
}

/** Refuses with `inactive_email` or `unsubscribed_phone_number` while nothing is sent to that recipient. */
export async function refuseSuppressed(
  app: App,
  { project_id }: Environment,
  channel: Channel,
  recipient: string,
): Promise<void> {
  const expires_at = await selectSuppression(app.store, { project_id, channel, recipient })
  if (expires_at === undefined || expires_at <= app.now()) return
  fail(channel === 'email' ? 'inactive_email' : 'unsubscribed_phone_number')
}

/** Removes at most `limit` suppressions that ended before that time and returns how many. */
export function purgeSuppressions(app: App, time: number, limit: number): Promise<number> {
  return deleteSuppressions(app.store, time, limit)
}
