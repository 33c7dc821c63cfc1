/** Sealing everything under the current master key, after which an older one opens nothing and can be dropped. */
import type { App } from '../app.ts'
import { listProjectIds } from '../projects/environment.ts'
import { resealTotps } from '../proofs/totp/totp.ts'
import { resealTokens } from '../sessions/session.ts'
import { resealSigningKeys } from '../signing_keys/signing_key.ts'
import { resealCheck } from '../workspace/installation.ts'

const batchSize = 500

/**
 * Goes through all sealed values and returns how many were sealed anew. Safe while the server runs, as long as every node
 * has both master keys: a value reads the same before and after. The check of the master key comes last, so a start with
 * the new key alone succeeds only when nothing needs the old one any more.
 */
export async function reseal(app: App): Promise<{ signing_keys: number; session_tokens: number; totps: number }> {
  let signing_keys = 0
  for (const project_id of await listProjectIds(app)) signing_keys += await resealSigningKeys(app, project_id)
  const session_tokens = await resealTokens(app, batchSize)
  const totps = await resealTotps(app, batchSize)
  await resealCheck(app)
  return { signing_keys, session_tokens, totps }
}
