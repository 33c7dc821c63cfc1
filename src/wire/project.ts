/** The Project object of the management API. */
import { z } from 'zod'
import type { Project as ProjectRecord } from '../domain/projects/project.ts'
import { rfc3339 } from '../values/time.ts'
import { component, timestamp } from './shape.ts'

export const Project = component(
  'pwa_application_v3_Project',
  z.strictObject({
    project_slug: z.string().describe('Names the project in paths; it never changes.'),
    name: z.string(),
    vertical: component('api_attribute_v1_Vertical', z.enum(['CONSUMER', 'B2B'])),
    created_at: timestamp,
  }),
)

/** The wire form of a project. */
export function projectToWire({ project_slug, name, vertical, created_at }: ProjectRecord): z.input<typeof Project> {
  return { project_slug, name, vertical, created_at: rfc3339(created_at) }
}
