/** GET /pwa/v3/projects. */
import { z } from 'zod'
import { listProjects } from '../../../domain/projects/project.ts'
import { Project, projectToWire } from '../../../wire/project.ts'
import { operation } from '../../operation.ts'

export const getAll = operation({
  route: 'GET /pwa/v3/projects',
  name: 'pwa_application_v3_GetAll',
  sdk: 'projects.getAll',
  summary: 'Lists the projects of the workspace.',
  caller: 'workspace',
  reply: { projects: z.array(Project) },
  async run(app) {
    const projects = await listProjects(app)
    return { projects: projects.map(projectToWire) }
  },
})
