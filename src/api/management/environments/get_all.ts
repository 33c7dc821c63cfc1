/** GET /pwa/v3/projects/{project_slug}/environments. */
import { z } from 'zod'
import { listEnvironments } from '../../../domain/projects/environment.ts'
import { getProject } from '../../../domain/projects/project.ts'
import { Environment, environmentToWire } from '../../../wire/environment.ts'
import { operation } from '../../operation.ts'

export const getAll = operation({
  route: 'GET /pwa/v3/projects/{project_slug}/environments',
  name: 'pwa_environment_v3_GetAll',
  sdk: 'environments.getAll',
  summary: 'Lists the environments of a project.',
  caller: 'workspace',
  reply: { environments: z.array(Environment) },
  async run(app, { params }) {
    const environments = await listEnvironments(app, await getProject(app, params.project_slug))
    return { environments: environments.map(environmentToWire) }
  },
})
