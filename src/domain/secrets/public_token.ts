/** Public tokens: they name an environment in places that people can see, and open nothing. */
import { newId, parseId } from '../../values/id.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { EnvironmentRecord } from '../projects/environment.ts'
import { insertPublicToken, selectPublicTokenOwner, selectPublicTokens } from './table.ts'

export type PublicToken = { public_token: string; created_at: number }

/** Creates a public token. */
export async function createPublicToken(app: App, environment: EnvironmentRecord): Promise<PublicToken> {
  const token = { public_token: newId('public-token', environment.type), created_at: app.now() }
  await insertPublicToken(app.store, environment.project_id, token)
  return token
}

/** The public tokens of an environment, oldest first. */
export function listPublicTokens(app: App, project_id: string): Promise<PublicToken[]> {
  return selectPublicTokens(app.store, project_id)
}

/** The environment that a public token names, if there is one. */
export async function findEnvironmentByPublicToken(app: App, public_token: string): Promise<Environment | undefined> {
  if (parseId(public_token)?.prefix !== 'public-token') return undefined
  const project_id = await selectPublicTokenOwner(app.store, public_token)
  return project_id === undefined ? undefined : app.environment(project_id)
}
