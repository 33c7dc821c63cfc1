/** Projects: the unit an operator creates, with a vertical and one or more environments. */
import { randomBytes } from 'node:crypto'
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import { insertProject, selectProject, selectProjects } from './table.ts'

export type Vertical = 'CONSUMER' | 'B2B'
export type Project = { project_slug: string; name: string; vertical: Vertical; created_at: number }

const slugGrammar = /^[a-z0-9][a-z0-9-]{0,62}$/

/** Every project of the workspace, oldest first. */
export function listProjects(app: App): Promise<Project[]> {
  return selectProjects(app.store)
}

/** The project with that slug; refuses with `project_not_found`. */
export async function getProject(app: App, project_slug: string): Promise<Project> {
  // Text outside the grammar is never looked up: not every engine can compare it.
  const project = slugGrammar.test(project_slug) ? await selectProject(app.store, project_slug) : undefined
  return project ?? fail('project_not_found')
}

/** Creates a project without environments. Its slug comes from the name; a taken one gets a random suffix. Refuses an empty name. */
export async function createProject(
  app: App,
  { name, vertical }: { name: string; vertical: Vertical },
): Promise<Project> {
  if (name.trim() === '') fail('bad_request', 'A project needs a name.')
  const stem = slugOf(name)
  for (let slug = stem; ; slug = `${stem.slice(0, 50)}-${randomBytes(3).toString('hex')}`) {
    const project = { project_slug: slug, name, vertical, created_at: app.now() }
    if (await insertProject(app.store, project)) return project
  }
}

/** A slug made from a name: lower-case letters, digits and single hyphens, at most 63 characters. */
export function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
  return slug === '' ? 'project' : slug
}
