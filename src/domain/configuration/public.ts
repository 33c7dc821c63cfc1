/** Environments as anybody may name them: by project id in a public path. */
import { fail } from '../../errors.ts'
import { parseId } from '../../values/id.ts'
import type { App } from '../app.ts'
import type { Environment } from './environment.ts'

/** The environment with that project id. Refuses with `invalid_project_id` or `project_not_found`. */
export async function getPublicEnvironment(app: App, project_id: string): Promise<Environment> {
  if (parseId(project_id)?.prefix !== 'project') fail('invalid_project_id')
  return (await app.environment(project_id)) ?? fail('project_not_found')
}
