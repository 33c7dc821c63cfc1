/** Environments: where all end-user data lives. The API's `project_id` is the id of an environment. */
import { fail } from '../../errors.ts'
import type { Store } from '../../store/store.ts'
import { type EnvironmentType, newId } from '../../values/id.ts'
import { isWebUrl } from '../../values/url.ts'
import type { App } from '../app.ts'
import { recordEvent } from '../events/event.ts'
import { hasPasswords } from '../passwords/password.ts'
import type { Project } from './project.ts'
import { defaultSettings, type Settings } from './settings.ts'
import {
  holdEnvironmentRow,
  incrementVersion,
  insertEnvironment,
  selectEnvironment,
  selectEnvironments,
  selectProjectIds,
  selectVersions,
  updateEnvironmentRow,
} from './table.ts'

export type EnvironmentRecord = {
  project_id: string
  project_slug: string
  environment_slug: string
  type: EnvironmentType
  name: string
  oauth_callback_id: string
  settings: Settings
  /** Counts every change of configuration, so that caches can tell whether they are current. */
  config_version: number
  created_at: number
}

/** The environments of a project, oldest first. */
export function listEnvironments(app: App, project: Project): Promise<EnvironmentRecord[]> {
  return selectEnvironments(app.store, project.project_slug)
}

/** The ids of all environments of all projects. */
export function listProjectIds(app: App): Promise<string[]> {
  return selectProjectIds(app.store)
}

/** The environment with that id, if there is one. */
export function findEnvironment(app: App, project_id: string): Promise<EnvironmentRecord | undefined> {
  return selectEnvironment(app.store, project_id)
}

/** The configuration versions of many environments, in the order of the ids; undefined where there is none. */
export function configurationVersions(store: Store, project_ids: string[]): Promise<(number | undefined)[]> {
  return selectVersions(store, project_ids)
}

/** The environment of a project with that slug; refuses with `environment_not_found`. */
export async function getEnvironment(app: App, project: Project, environment_slug: string): Promise<EnvironmentRecord> {
  const all = await selectEnvironments(app.store, project.project_slug)
  return all.find((environment) => environment.environment_slug === environment_slug) ?? fail('environment_not_found')
}

/** Creates an environment with the default settings and nothing in it. */
export async function createEnvironment(
  app: App,
  project: Project,
  { name, environment_slug, type }: { name: string; environment_slug: string; type: EnvironmentType },
): Promise<EnvironmentRecord> {
  const environment: EnvironmentRecord = {
    project_id: newId('project', type),
    project_slug: project.project_slug,
    environment_slug,
    type,
    name,
    oauth_callback_id: newId('oauth-callback', type),
    settings: defaultSettings,
    config_version: 1,
    created_at: app.now(),
  }
  await insertEnvironment(app.store, environment)
  return environment
}

/**
 * Changes the name or settings that are given and returns the result (reference: management.md §4). Refuses with
 * `cannot_toggle_cross_org_passwords_when_password_in_use` to change whose passwords are while there are any.
 */
export function updateEnvironment(
  app: App,
  project_id: string,
  changes: Partial<Settings> & { name?: string | undefined },
): Promise<EnvironmentRecord> {
  const { name, ...settings } = changes
  checkSettings(settings)
  if (name !== undefined && name.trim() === '') fail('bad_request', 'name must not be empty.')
  return changeConfiguration(app, project_id, async (app) => {
    const environment = (await selectEnvironment(app.store, project_id)) ?? fail('environment_not_found')
    const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
    const updated: EnvironmentRecord = {
      ...environment,
      name: name ?? environment.name,
      settings: { ...environment.settings, ...given },
    }
    const before = environment.settings.cross_org_passwords_enabled
    if (updated.settings.cross_org_passwords_enabled !== before && (await hasPasswords(app, project_id))) {
      fail('cannot_toggle_cross_org_passwords_when_password_in_use')
    }
    await updateEnvironmentRow(app.store, updated)
    const fields = Object.keys(name === undefined ? given : { name, ...given })
    await recordEvent(app, project_id, 'environment.updated', project_id, { fields })
    return updated
  })
}

/**
 * Switches the sandbox values of a test environment on or off: inputs that everybody knows and that always sign in. Refuses
 * live environments with `bad_request` (reference: wire.md §7).
 */
export function switchSandbox(app: App, environment: EnvironmentRecord, on: boolean): Promise<EnvironmentRecord> {
  if (environment.type === 'LIVE') {
    fail(
      'bad_request',
      'A live environment has no sandbox: its values would let anybody sign in. Use a test environment.',
    )
  }
  return updateEnvironment(app, environment.project_id, { sandbox_enabled: on })
}

/**
 * Runs a change of an environment's configuration in a transaction of its own or the caller's, and counts its version up,
 * so that every node reloads what it has cached before it serves the next request.
 */
export function changeConfiguration<T>(app: App, project_id: string, change: (app: App) => Promise<T>): Promise<T> {
  return app.transaction(async (app) => {
    await incrementVersion(app.store, project_id)
    return change(app)
  })
}

/**
 * Keeps the settings of an environment as they are until the transaction ends. Refuses with `server_unavailable` when passwords
 * are whose they were not when the request began: what it would store could then not be used. Whoever locks more comes here
 * first.
 */
export async function holdPasswordMode(app: App, { project_id, settings }: EnvironmentRecord): Promise<void> {
  const current = await holdEnvironmentRow(app.store, project_id)
  if (current?.settings.cross_org_passwords_enabled === settings.cross_org_passwords_enabled) return
  fail('server_unavailable', undefined, 1)
}

function checkSettings(settings: Partial<Settings>): void {
  const { user_lock_threshold: threshold, user_lock_ttl: ttl } = settings
  if (threshold !== undefined && (threshold < 1 || threshold > 100)) fail('invalid_user_lock_threshold')
  if (ttl !== undefined && (ttl < 300 || ttl > 604_800)) fail('invalid_user_lock_ttl')
  for (const name of ['zero_downtime_session_migration_url', 'idp_authorization_url'] as const) {
    const url = settings[name]
    if (url && !isWebUrl(url)) fail('bad_request', `${name} must be an absolute http or https URL, or empty.`)
  }
}
