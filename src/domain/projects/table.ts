/** The rows of projects and their environments. */

import type { Kysely } from 'kysely'
import { keyedSelect } from '../../store/keyed.ts'
import type { Handle, Store } from '../../store/store.ts'
import type { EnvironmentRecord } from './environment.ts'
import type { Project } from './project.ts'
import { defaultSettings, type Settings } from './settings.ts'

type EnvironmentRow = Omit<EnvironmentRecord, 'settings'> & { settings: string }
type Tables = { projects: Project; environments: EnvironmentRow }
const tables = (handle: Handle) => handle as Kysely<Tables>

const toRecord = (row: EnvironmentRow): EnvironmentRecord => ({
  ...row,
  // Rows written before a setting existed lack it.
  settings: { ...defaultSettings, ...(JSON.parse(row.settings) as Partial<Settings>) },
})

/** All projects, oldest first. */
export function selectProjects(store: Store): Promise<Project[]> {
  return tables(store.read).selectFrom('projects').selectAll().orderBy('created_at').orderBy('project_slug').execute()
}

/** The project with that slug. */
export function selectProject(store: Store, project_slug: string): Promise<Project | undefined> {
  return tables(store.read)
    .selectFrom('projects')
    .selectAll()
    .where('project_slug', '=', project_slug)
    .executeTakeFirst()
}

/** Holds a project until the transaction ends; false when it is gone. */
export async function holdProjectRow(store: Store, project_slug: string): Promise<boolean> {
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('projects')
    .set((eb) => ({ name: eb.ref('name') }))
    .where('project_slug', '=', project_slug)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Adds a project; false when the slug is taken. */
export async function insertProject(store: Store, project: Project): Promise<boolean> {
  const result = await tables(store.write)
    .insertInto('projects')
    .values(project)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** The environments of a project, oldest first. */
export async function selectEnvironments(store: Store, project_slug: string): Promise<EnvironmentRecord[]> {
  const rows = await tables(store.read)
    .selectFrom('environments')
    .selectAll()
    .where('project_slug', '=', project_slug)
    .orderBy('created_at')
    .orderBy('environment_slug')
    .execute()
  return rows.map(toRecord)
}

/** The environment with that id; reads inside the caller's transaction if there is one. */
export async function selectEnvironment(store: Store, project_id: string): Promise<EnvironmentRecord | undefined> {
  const row = await tables(store.read)
    .selectFrom('environments')
    .selectAll()
    .where('project_id', '=', project_id)
    .executeTakeFirst()
  return row && toRecord(row)
}

/** The ids of all environments. */
export async function selectProjectIds(store: Store): Promise<string[]> {
  const rows = await tables(store.read).selectFrom('environments').select('project_id').execute()
  return rows.map(({ project_id }) => project_id)
}

const versionById = keyedSelect({
  name: 'configuration version by id',
  select: 'e.config_version',
  from: 'environments e',
  on: ['e.project_id'],
})

/** The configuration versions of many environments, in the order of the ids. */
export async function selectVersions(store: Store, project_ids: string[]): Promise<(number | undefined)[]> {
  const ids = [...new Set(project_ids)]
  const rows = await store.find<{ config_version: number }>(
    versionById,
    ids.map((id) => [id]),
  )
  const versions = new Map(ids.map((id, index) => [id, rows[index]?.config_version]))
  return project_ids.map((id) => versions.get(id))
}

/** Adds an environment. */
export async function insertEnvironment(store: Store, { settings, ...rest }: EnvironmentRecord): Promise<void> {
  await tables(store.write)
    .insertInto('environments')
    .values({ ...rest, settings: JSON.stringify(settings) })
    .execute()
}

/** Counts the configuration version up, which also holds other configuration writes off until the transaction ends. */
export async function incrementVersion(store: Store, project_id: string): Promise<void> {
  await tables(store.write)
    .updateTable('environments')
    .set((eb) => ({ config_version: eb('config_version', '+', 1) }))
    .where('project_id', '=', project_id)
    .execute()
}

/** Keeps an environment from being changed until the transaction ends, and returns it as it is now. */
export async function holdEnvironmentRow(store: Store, project_id: string): Promise<EnvironmentRecord | undefined> {
  const row = await tables(store.write)
    .updateTable('environments')
    .set((eb) => ({ config_version: eb.ref('config_version') }))
    .where('project_id', '=', project_id)
    .returningAll()
    .executeTakeFirst()
  return row && toRecord(row)
}

/** Writes the name and the settings of an environment. */
export async function updateEnvironmentRow(
  store: Store,
  { project_id, name, settings }: EnvironmentRecord,
): Promise<void> {
  await tables(store.write)
    .updateTable('environments')
    .set({ name, settings: JSON.stringify(settings) })
    .where('project_id', '=', project_id)
    .execute()
}
