/** How a key set is published, wherever it is asked for. */
import type { App } from '../domain/app.ts'
import { getPublicEnvironment } from '../domain/configuration/public.ts'
import { publishedKeys } from '../domain/signing_keys/signing_key.ts'
import { jwkToWire } from '../wire/jwk.ts'

/** The reply of `keySetReply`. Refuses with `invalid_project_id` or `project_not_found`. */
export async function keySet(app: App, { project_id }: { project_id: string }) {
  const { signing_keys } = await getPublicEnvironment(app, project_id)
  return { keys: publishedKeys(signing_keys, app.now()).map(jwkToWire) }
}
