/** DELETE /v1/b2b/organizations/{organization_id}/external_id. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { newOrganization } from '../../../support/organizations.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const remove = (reference: string) => `DELETE /v1/b2b/organizations/${encodeURIComponent(reference)}/external_id`

onBothEngines('organizations.deleteExternalId', (engine) => {
  test('takes the external id, however the organization is named, and frees it', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    for (const by of ['organization_id', 'organization_slug', 'organization_external_id']) {
      const before = await newOrganization(here, project, { organization_external_id: 'crm|7' })
      const { organization } = await succeed(here, project, remove(before[by]), {})
      assert.deepEqual(organization, { ...before, organization_external_id: null })
      await refuse(here, project, remove('crm|7'), undefined, 404, 'organization_not_found')
    }
  })

  test('an organization without one stays as it is', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const before = await newOrganization(here, project)
    assert.deepEqual((await succeed(here, project, remove(before.organization_id))).organization, before)
  })

  test('refuses an organization that does not exist here', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project('B2B'), await here.project('B2B')]
    const before = await newOrganization(here, project, { organization_external_id: 'crm|7' })
    for (const reference of [before.organization_id, 'crm|7', before.organization_slug]) {
      await refuse(here, other, remove(reference), undefined, 404, 'organization_not_found')
    }
    await refuse(here, other, remove('organization-test-7'), undefined, 400, 'invalid_organization_id')
    const { organization } = await succeed(here, project, 'GET /v1/b2b/organizations/crm%7C7')
    assert.deepEqual(organization, before)
  })
})
