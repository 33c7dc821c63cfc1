/** What a node does on the side: purges what has ended, and replaces signing keys that have grown old. */
import { DAY, HOUR } from '../../values/time.ts'
import type { App } from '../app.ts'
import { purgeEvents } from '../events/event.ts'
import { purgeIntermediateSessions } from '../intermediate_sessions/intermediate_session.ts'
import { purgeCounters } from '../limits/limit.ts'
import { purgeMessages } from '../messages/message.ts'
import { purgeSuppressions } from '../messages/suppression.ts'
import { findEnvironment, listProjectIds } from '../projects/environment.ts'
import { purgeOneTimeCodes } from '../proofs/one_time_code.ts'
import { purgeOneTimeTokens } from '../proofs/one_time_token.ts'
import { purgeSpentTokens } from '../proofs/trusted_token.ts'
import { purgeSessions } from '../sessions/session.ts'
import { purgeAddresses } from '../signin/lock.ts'
import { rotateWhenDue } from '../signing_keys/signing_key.ts'
import { removeLapsedContacts } from '../users/contacts.ts'
import { inBatches } from './batches.ts'

/** So long an ended link or code is still known as one, and refused as used or expired rather than unknown. */
const linkRetention = 7 * DAY
const codeRetention = DAY

/** One round. Safe on several nodes at once; `stopped` ends it between two batches. */
export async function maintain(app: App, stopped: () => boolean): Promise<{ purged: number }> {
  const now = app.now()
  const { session_retention_days, event_retention_days, delivery } = app.settings
  const purges = [
    purgeSessions(app, now - session_retention_days * DAY),
    (limit: number) => purgeSpentTokens(app, now, limit),
    (limit: number) => purgeOneTimeTokens(app, now - linkRetention, limit),
    (limit: number) => purgeOneTimeCodes(app, now - codeRetention, limit),
    (limit: number) => purgeIntermediateSessions(app, now, limit),
    (limit: number) => purgeAddresses(app, now, limit),
    (limit: number) => purgeCounters(app, now, limit),
    (limit: number) => purgeMessages(app, now - delivery.message_retention_hours * HOUR, limit),
    (limit: number) => purgeSuppressions(app, now, limit),
    (limit: number) => removeLapsedContacts(app, app.environment, limit),
    purgeEvents(app, now - event_retention_days * DAY),
  ]
  let purged = 0
  for (const purge of purges) purged += await inBatches(app, purge, stopped)
  for (const project_id of await listProjectIds(app)) {
    if (stopped()) break
    const environment = await findEnvironment(app, project_id)
    if (environment) await rotateWhenDue(app, environment)
  }
  return { purged }
}
