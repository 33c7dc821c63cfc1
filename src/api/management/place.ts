/** The place that a management path names: an environment of a project. */
import type { App } from '../../domain/app.ts'
import { type EnvironmentRecord, getEnvironment } from '../../domain/projects/environment.ts'
import { getProject, type Project } from '../../domain/projects/project.ts'

/** The environment, with its project. Refuses with `project_not_found` or `environment_not_found`. */
export async function environmentAt(
  app: App,
  { project_slug, environment_slug }: { project_slug: string; environment_slug: string },
): Promise<{ project: Project; environment: EnvironmentRecord }> {
  const project = await getProject(app, project_slug)
  return { project, environment: await getEnvironment(app, project, environment_slug) }
}
