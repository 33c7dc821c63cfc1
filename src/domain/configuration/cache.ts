/** The validated cache: configuration is kept in the process, and every request checks that it is still current. */
import { LRUCache } from 'lru-cache'
import { batch } from '../../store/batch.ts'
import type { Store } from '../../store/store.ts'
import type { App } from '../app.ts'
import { loadCountryCodes } from '../country_codes/country_code.ts'
import { loadStrengthConfig } from '../passwords/strength_config.ts'
import { configurationVersions, findEnvironment } from '../projects/environment.ts'
import { getProject } from '../projects/project.ts'
import { loadPolicy } from '../rbac/policy.ts'
import { listRedirectUrls } from '../redirect_urls/redirect_url.ts'
import { listPublicTokens } from '../secrets/public_token.ts'
import { listSecrets } from '../secrets/secret.ts'
import { loadSigningKeys } from '../signing_keys/signing_key.ts'
import type { Environment } from './environment.ts'

/**
 * Returns the look-up of environments for `app`. Each call asks the store for the environment's configuration version
 * (together with all calls of the same moment) and loads the rest only when the version differs from the cached one, so
 * a deleted secret or a changed policy counts on the next call on every node. Where the store tells that nothing was
 * committed since, it is not even asked.
 */
export function configurationCache(store: Store, loader: () => App): App['environment'] {
  const cache = new LRUCache<string, { environment: Environment; moment: number | undefined }>({ max: 1000 })
  const loading = new Map<string, Promise<Environment | undefined>>()
  const version = batch((ids: string[]) => configurationVersions(store, ids), { width: 2, most: 500, crowd: 32 })

  async function ask(project_id: string): Promise<Environment | undefined> {
    // What is committed from here on counts as committed after the answer.
    const moment = store.moment()
    const current = await version(project_id)
    if (current === undefined) return undefined
    const cached = cache.get(project_id)
    if (cached?.environment.config_version === current) {
      cached.moment = moment
      return cached.environment
    }
    // One load serves all callers that found the same version.
    const key = `${project_id} ${current}`
    let load = loading.get(key)
    if (!load) {
      load = loadEnvironment(loader(), project_id).finally(() => loading.delete(key))
      loading.set(key, load)
    }
    const environment = await load
    if (environment) cache.set(project_id, { environment, moment })
    return environment
  }

  return (project_id, version) => {
    const cached = cache.get(project_id)
    const isCurrent =
      cached !== undefined &&
      (cached.environment.config_version === version ||
        (cached.moment !== undefined && cached.moment === store.moment()))
    return isCurrent ? cached.environment : ask(project_id)
  }
}

/** Reads the version first: parts that change meanwhile carry a higher one, and the next call reloads. */
async function loadEnvironment(app: App, project_id: string): Promise<Environment | undefined> {
  const record = await findEnvironment(app, project_id)
  if (!record) return undefined
  const project = await getProject(app, record.project_slug)
  const [policy, password_strength, redirect_urls, country_codes, secrets, public_tokens, signing_keys] =
    await Promise.all([
      loadPolicy(app, project_id, project.vertical),
      loadStrengthConfig(app, project_id),
      listRedirectUrls(app, record),
      loadCountryCodes(app, project_id),
      listSecrets(app, record),
      listPublicTokens(app, project_id),
      loadSigningKeys(app, project_id),
    ])
  const { name: project_name, vertical } = project
  const keys = { secrets, public_tokens, signing_keys }
  return { ...record, project_name, vertical, policy, password_strength, redirect_urls, country_codes, ...keys }
}
