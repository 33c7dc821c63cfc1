/** GET /v1/b2b/organizations/{organization_id}/metrics. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { addMember, newOrganization } from '../../../support/organizations.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const metrics = (reference: string) => `GET /v1/b2b/organizations/${reference}/metrics`

onBothEngines('organizations.metrics', (engine) => {
  test('counts the members of this organization whatever their status, but not the deleted ones', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const [acme, other] = [await newOrganization(here, project), await newOrganization(here, project)]
    assert.equal((await succeed(here, project, metrics(acme.organization_id))).member_count, 0)
    for (const status of ['active', 'pending', 'invited', 'deleted'] as const) {
      await addMember(here, project, acme, { status })
    }
    await addMember(here, project, other)
    assert.equal((await succeed(here, project, metrics(acme.organization_slug))).member_count, 3)
    const reply = await succeed(here, project, 'GET /v1/projects/metrics')
    assert.deepEqual(reply.metrics.slice(1, 3), [
      { metric_type: 'ORGANIZATION_COUNT', count: 2 },
      { metric_type: 'MEMBER_COUNT', count: 2 },
    ])
  })

  test('refuses an organization that does not exist here', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project('B2B'), await here.project('B2B')]
    const { organization_id } = await newOrganization(here, project)
    await refuse(here, other, metrics(organization_id), undefined, 404, 'organization_not_found')
    await refuse(here, other, metrics('organization-test-7'), undefined, 400, 'invalid_organization_id')
  })
})
