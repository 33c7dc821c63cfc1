/** Projects: the unit an operator creates, with a vertical and one or more environments. */
import { randomBytes } from 'node:crypto'
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import { holdProjectRow, insertProject, selectProject, selectProjects } from './table.ts'

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

/** Holds a project until the transaction ends: changes of what belongs to all its environments take turns. Refuses with `project_not_found`. */
export async function holdProject(app: App, { project_slug }: Pick<Project, 'project_slug'>): Promise<void> {
  if (!(await holdProjectRow(app.store, project_slug))) fail('project_not_found')
}

/** How many suffixes are drawn for a slug, at most. */
const mostSlugs = 20

export type NewProject = { name: string; vertical: Vertical; project_slug?: string | undefined }

/**
 * Creates a project without environments. A slug that is not given comes from the name, with a random suffix. Refuses an
 * empty name, and a slug that is malformed or taken, with `bad_request`.
 */
export async function createProject(app: App, { name, vertical, project_slug }: NewProject): Promise<Project> {
  if (name.trim() === '') fail('bad_request', 'A project needs a name.')
  if (project_slug !== undefined && !slugGrammar.test(project_slug)) {
    fail('bad_request', 'A project slug is 1 to 63 of a-z, 0-9 and "-", and begins with a letter or digit.')
  }
  for (let attempt = 1; ; attempt++) {
    const project = { project_slug: project_slug ?? slugOf(name), name, vertical, created_at: app.now() }
    if (await insertProject(app.store, project)) return project
    // A suffix that was drawn before is drawn anew: of six digits that happens among some thousand projects of one name.
    if (project_slug !== undefined || attempt === mostSlugs) {
      fail('bad_request', `The project slug ${project.project_slug} is taken.`)
    }
  }
}

/** A slug made from a name: lower-case letters, digits and single hyphens, and six random digits. */
function slugOf(name: string): string {
  const stem = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 50)
  return `${stem === '' ? 'project' : stem}-${randomBytes(3).toString('hex')}`
}
