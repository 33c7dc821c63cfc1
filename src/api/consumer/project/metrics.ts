/** GET /v1/projects/metrics: how much there is in the project. */
import { z } from 'zod'
import { countMembers } from '../../../domain/members/count.ts'
import { countOrganizations } from '../../../domain/organizations/organization.ts'
import { countUsers } from '../../../domain/users/user.ts'
import { component } from '../../../wire/shape.ts'
import { operation } from '../../operation.ts'

const ProjectMetric = component(
  'api_project_v1_ProjectMetric',
  z.strictObject({
    metric_type: z.enum(['UNKNOWN', 'USER_COUNT', 'ORGANIZATION_COUNT', 'MEMBER_COUNT', 'M2M_CLIENT_COUNT']),
    count: z.int(),
  }),
)

export const metrics = operation({
  route: 'GET /v1/projects/metrics',
  name: 'api_project_v1_Metrics',
  sdk: 'project.metrics',
  summary: 'Counts the active objects of the project.',
  caller: 'project',
  vertical: 'both',
  reply: { project_id: z.string(), metrics: z.array(ProjectMetric) },
  async run(app, { environment }) {
    const metrics: z.input<typeof ProjectMetric>[] = [
      { metric_type: 'USER_COUNT', count: await countUsers(app, environment) },
      { metric_type: 'ORGANIZATION_COUNT', count: await countOrganizations(app, environment) },
      { metric_type: 'MEMBER_COUNT', count: await countMembers(app, environment) },
      // M2M clients cannot exist yet; their room will count them.
      { metric_type: 'M2M_CLIENT_COUNT', count: 0 },
    ]
    return { project_id: environment.project_id, metrics }
  },
})
