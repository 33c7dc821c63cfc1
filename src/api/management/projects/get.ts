/** GET /pwa/v3/projects/{project_slug}. */
import { getProject } from '../../../domain/projects/project.ts'
import { Project, projectToWire } from '../../../wire/project.ts'
import { operation } from '../../operation.ts'

export const get = operation({
  route: 'GET /pwa/v3/projects/{project_slug}',
  name: 'pwa_application_v3_Get',
  sdk: 'projects.get',
  summary: 'Returns a project.',
  caller: 'workspace',
  reply: { project: Project },
  async run(app, { params }) {
    return { project: projectToWire(await getProject(app, params.project_slug)) }
  },
})
