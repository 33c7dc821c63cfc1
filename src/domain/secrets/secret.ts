/** Secrets: what a project's backend proves itself with. Only their hashes are kept. */
import { hashSecret, newSecret } from '../../crypto/tokens.ts'
import { fail } from '../../errors.ts'
import { newId, parseId } from '../../values/id.ts'
import { MINUTE } from '../../values/time.ts'
import type { App } from '../app.ts'
import { recordEvent } from '../events/event.ts'
import { changeConfiguration, type EnvironmentRecord } from '../projects/environment.ts'
import { deleteSecretRow, insertSecret, selectSecrets, updateUsedAt } from './table.ts'

export type Secret = {
  secret_id: string
  secret_hash: string
  last_four: string
  created_at: number
  used_at: number | null
}

const most = 50

/** The secrets of an environment, oldest first. */
export function listSecrets(app: App, environment: EnvironmentRecord): Promise<Secret[]> {
  return selectSecrets(app.store, environment.project_id)
}

/** The secret with that id; refuses with `invalid_secret_id` or `secret_not_found`. */
export async function getSecret(app: App, environment: EnvironmentRecord, secret_id: string): Promise<Secret> {
  checkSecretId(secret_id)
  const all = await selectSecrets(app.store, environment.project_id)
  return all.find((secret) => secret.secret_id === secret_id) ?? fail('secret_not_found')
}

/** Creates a secret and returns it with its value, which cannot be had again. Refuses with `too_many_secrets`. */
export function createSecret(app: App, environment: EnvironmentRecord): Promise<Secret & { value: string }> {
  const value = newSecret(`secret-${environment.type === 'LIVE' ? 'live' : 'test'}`)
  const secret: Secret = {
    secret_id: newId('secret-id', environment.type),
    secret_hash: hashSecret(value),
    last_four: value.slice(-4),
    created_at: app.now(),
    used_at: null,
  }
  return changeConfiguration(app, environment.project_id, async (app) => {
    const existing = await selectSecrets(app.store, environment.project_id)
    if (existing.length >= most) fail('too_many_secrets')
    await insertSecret(app.store, environment.project_id, secret)
    await recordEvent(app, environment.project_id, 'secret.created', secret.secret_id)
    return { ...secret, value }
  })
}

/** Deletes a secret: from the next call on, no node accepts it. Refuses with `invalid_secret_id` or `secret_not_found`. */
export function deleteSecret(app: App, environment: EnvironmentRecord, secret_id: string): Promise<void> {
  checkSecretId(secret_id)
  return changeConfiguration(app, environment.project_id, async (app) => {
    if (!(await deleteSecretRow(app.store, environment.project_id, secret_id))) fail('secret_not_found')
    await recordEvent(app, environment.project_id, 'secret.deleted', secret_id)
  })
}

/** Notes that a secret was used; written at most once a minute, in the background. */
export function noteSecretUse(app: App, project_id: string, secret: Secret): void {
  const now = app.now()
  if (secret.used_at !== null && now - secret.used_at < MINUTE && now >= secret.used_at) return
  secret.used_at = now
  app.later('note the use of a secret', () => updateUsedAt(app.store, project_id, secret.secret_id, now))
}

function checkSecretId(secret_id: string): void {
  if (parseId(secret_id)?.prefix !== 'secret-id') fail('invalid_secret_id')
}
