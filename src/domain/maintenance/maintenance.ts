/** What a node does on the side: purges what has ended, and replaces signing keys that have grown old. */
import { DAY, HOUR } from '../../values/time.ts'
import type { App } from '../app.ts'
import { deleteEventsBefore } from '../events/event.ts'
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

const batchSize = 500
/** So long an ended link or code is still known as one, and refused as used or expired rather than unknown. */
const linkRetention = 7 * DAY
const codeRetention = DAY

/** One round. Safe on several nodes at once; `stopped` ends it between two batches. */
export async function maintain(app: App, stopped: () => boolean): Promise<{ purged: number }> {
  const now = app.now()
  const { session_retention_days, event_retention_days, delivery } = app.settings
  const purges = [
    () => purgeSessions(app, now - session_retention_days * DAY, batchSize),
    () => purgeSpentTokens(app, now, batchSize),
    () => purgeOneTimeTokens(app, now - linkRetention, batchSize),
    () => purgeOneTimeCodes(app, now - codeRetention, batchSize),
    () => purgeIntermediateSessions(app, now, batchSize),
    () => purgeAddresses(app, now, batchSize),
    () => purgeCounters(app, now, batchSize),
    () => purgeMessages(app, now - delivery.message_retention_hours * HOUR, batchSize),
    () => purgeSuppressions(app, now, batchSize),
    () => removeLapsedContacts(app, app.environment, batchSize),
    () => deleteEventsBefore(app, now - event_retention_days * DAY, batchSize),
  ]
  let purged = 0
  for (const purge of purges) {
    // Small transactions with room between them: requests never wait for a purge.
    for (let removed = batchSize; removed === batchSize && !stopped(); purged += removed) {
      removed = await purge()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  for (const project_id of await listProjectIds(app)) {
    if (stopped()) break
    const environment = await findEnvironment(app, project_id)
    if (environment) await rotateWhenDue(app, environment)
  }
  return { purged }
}
