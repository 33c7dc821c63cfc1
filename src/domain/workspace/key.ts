/** Workspace keys: what an operator proves themself with to the management API. */
import { randomUUID } from 'node:crypto'
import { hashSecret, newToken, sameHash } from '../../crypto/tokens.ts'
import type { App } from '../app.ts'
import { insertKey, selectKey } from './table.ts'

export type WorkspaceKey = { key_id: string; secret_hash: string; last_four: string; created_at: number }

/** Creates a workspace key and returns its secret, which cannot be had again. */
export async function createWorkspaceKey(app: App): Promise<{ key_id: string; secret: string }> {
  const key_id = `workspace-key-prod-${randomUUID()}`
  const secret = newToken()
  await insertKey(app.store, {
    key_id,
    secret_hash: hashSecret(secret),
    last_four: secret.slice(-4),
    created_at: app.now(),
  })
  return { key_id, secret }
}

/** Whether that id and the secret with that hash (`hashSecret`) are a workspace key of this installation. */
export async function isWorkspaceKey(
  app: App,
  { key_id, secret_hash }: Pick<WorkspaceKey, 'key_id' | 'secret_hash'>,
): Promise<boolean> {
  const key = await selectKey(app.store, key_id)
  return key !== undefined && sameHash(key.secret_hash, secret_hash)
}
