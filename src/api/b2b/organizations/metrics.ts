/** GET /v1/b2b/organizations/{organization_id}/metrics: how many members an organization has. */
import { z } from 'zod'
import { countMembersOf } from '../../../domain/members/count.ts'
import { getOrganization } from '../../../domain/organizations/reference.ts'
import { operation } from '../../operation.ts'

export const metrics = operation({
  route: 'GET /v1/b2b/organizations/{organization_id}/metrics',
  name: 'api_organization_v1_Metrics',
  sdk: 'organizations.metrics',
  summary: 'Counts the members of an organization, pending and invited ones included, deleted ones not.',
  caller: 'project',
  vertical: 'b2b',
  reply: { member_count: z.int() },
  async run(app, { environment, params }) {
    const organization = await getOrganization(app, environment, params.organization_id)
    return { member_count: await countMembersOf(app, organization) }
  },
})
