/** How templates and defaults are changed: one change of a project at a time, each told to the audit trail. */
import type { JsonObject } from '../../values/json.ts'
import type { App } from '../app.ts'
import { type EventType, recordEvent } from '../events/event.ts'
import { listEnvironments } from '../projects/environment.ts'
import { holdProject, type Project } from '../projects/project.ts'

/**
 * Runs a change in a transaction that holds the project, so that limits and defaults hold under concurrent calls, and records
 * it for all its environments: templates serve each of them. No cache knows templates, so none goes stale.
 */
export function changeTemplates<T>(
  app: App,
  project: Project,
  { event, template_id, details }: { event: EventType; template_id: string; details?: JsonObject },
  work: (app: App) => Promise<T>,
): Promise<T> {
  return app.transaction(async (app) => {
    await holdProject(app, project)
    const result = await work(app)
    for (const { project_id } of await listEnvironments(app, project)) {
      await recordEvent(app, project_id, event, template_id, details)
    }
    return result
  })
}
