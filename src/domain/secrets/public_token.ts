/** Public tokens: they name an environment in places that people can see, and open nothing. */
import { newId } from '../../values/id.ts'
import type { App } from '../app.ts'
import type { EnvironmentRecord } from '../projects/environment.ts'
import { insertPublicToken } from './table.ts'

export type PublicToken = { public_token: string; created_at: number }

/** Creates a public token. */
export async function createPublicToken(app: App, environment: EnvironmentRecord): Promise<PublicToken> {
  const token = { public_token: newId('public-token', environment.type), created_at: app.now() }
  await insertPublicToken(app.store, environment.project_id, token)
  return token
}
