/** GET /v1/b2b/organizations/{organization_id}: named by id, slug and external id, in the own project only. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { newOrganization } from '../../../support/organizations.ts'
import { liveCredentials } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const get = (reference: string) => `GET /v1/b2b/organizations/${encodeURIComponent(reference)}`

onBothEngines('organizations.get', (engine) => {
  test('finds an organization by id, by slug in any case, and by external id', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const acme = await newOrganization(here, project, {
      organization_slug: 'Acme-Inc',
      organization_external_id: 'crm|Acme',
    })
    for (const reference of [acme.organization_id, 'Acme-Inc', 'acme-inc', 'ACME-INC', 'crm|Acme']) {
      assert.deepEqual((await succeed(here, project, get(reference))).organization, acme)
    }
    await refuse(here, project, get('crm|acme'), undefined, 404, 'organization_not_found')
  })

  test('an organization can have its slug for an external id, too', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const both = await newOrganization(here, project, { organization_slug: 'acme', organization_external_id: 'acme' })
    assert.deepEqual((await succeed(here, project, get('acme'))).organization, both)
  })

  test('a slug in another case does not stand before an external id', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const slug = await newOrganization(here, project, { organization_slug: 'Acme' })
    const external = await newOrganization(here, project, { organization_external_id: 'acme' })
    const found = async (reference: string) => (await succeed(here, project, get(reference))).organization
    assert.deepEqual([await found('Acme'), await found('acme'), await found('ACME')], [slug, external, slug])
  })

  test('an id, slug or external id of another environment names nothing', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project('B2B'), await here.project('B2B')]
    const live = await liveCredentials(here, project)
    const { organization_id } = await newOrganization(here, project, {
      organization_slug: 'acme',
      organization_external_id: 'crm|7',
    })
    for (const reference of [organization_id, 'acme', 'crm|7']) {
      await refuse(here, other, get(reference), undefined, 404, 'organization_not_found')
    }
    for (const reference of ['acme', 'crm|7']) {
      await refuse(here, live, get(reference), undefined, 404, 'organization_not_found')
    }
    await refuse(here, live, get(organization_id), undefined, 400, 'test_id_used_in_live_environment')
  })

  test('refuses what names nothing or cannot name anything', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const refusals: [reference: string, status: number, error_type: string][] = [
      [`organization-test-${randomUUID()}`, 404, 'organization_not_found'],
      ['nobody', 404, 'organization_not_found'],
      ['organization-test-7', 400, 'invalid_organization_id'],
      ['a b', 400, 'invalid_organization_id'],
      [`organization-live-${randomUUID()}`, 400, 'live_id_used_in_test_environment'],
    ]
    for (const [reference, status, error_type] of refusals) {
      await refuse(here, project, get(reference), undefined, status, error_type)
    }
    await refuse(here, await here.project(), get('nobody'), undefined, 400, 'invalid_b2b_endpoint')
  })
})
