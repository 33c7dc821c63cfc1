/** Sealing everything under the current master key, after which an older one opens nothing and can be dropped. */
import type { App } from '../app.ts'
import { resealMessages } from '../messages/message.ts'
import { listProjectIds } from '../projects/environment.ts'
import { resealTotps } from '../proofs/totp/totp.ts'
import { resealTokens } from '../sessions/session.ts'
import { resealSigningKeys } from '../signing_keys/signing_key.ts'
import { resealCheck } from '../workspace/installation.ts'

const batchSize = 500

/** How many values of each kind were sealed anew. */
export type Resealed = { signing_keys: number; session_tokens: number; totps: number; messages: number }

/**
 * Goes through all sealed values and returns how many were sealed anew. Safe while the server runs, as long as every node
 * has both master keys: a value reads the same before and after. The check of the master key comes last, so a start with
 * the new key alone succeeds only when nothing needs the old one any more.
 */
export async function reseal(app: App): Promise<Resealed> {
  let signing_keys = 0
  for (const project_id of await listProjectIds(app)) signing_keys += await resealSigningKeys(app, project_id)
  const session_tokens = await resealTokens(app, batchSize)
  const totps = await resealTotps(app, batchSize)
  const messages = await resealMessages(app, batchSize)
  await resealCheck(app)
  return { signing_keys, session_tokens, totps, messages }
}
