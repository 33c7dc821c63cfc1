/** GET /v1/b2b/rbac/organizations/{organization_id}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../../support/call.ts'
import { newOrganization, setB2bPolicy } from '../../../../support/organizations.ts'
import { onBothEngines, world } from '../../../../support/world.ts'

const path = (reference: string) => `/v1/b2b/rbac/organizations/${reference}`

onBothEngines('rbac.organizations.getOrgPolicy', (engine) => {
  test("shows the organization's own roles only, however it is named", async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    await setB2bPolicy(here, project, { custom_roles: [{ role_id: 'editor', description: '', permissions: [] }] })
    const acme = await newOrganization(here, project, { organization_external_id: 'crm-7' })
    const other = await newOrganization(here, project)
    const roles = [
      { role_id: 'owner', description: 'Owns', permissions: [{ resource_id: 'stytch.sso', actions: ['*'] }] },
    ]
    await succeed(here, project, `PUT ${path(acme.organization_id)}`, { org_policy: { roles } })
    for (const reference of [acme.organization_id, acme.organization_slug, 'crm-7']) {
      assert.deepEqual((await succeed(here, project, `GET ${path(reference)}`)).org_policy, { roles })
    }
    assert.deepEqual((await succeed(here, project, `GET ${path(other.organization_id)}`)).org_policy, { roles: [] })
  })

  test('refuses an organization that does not exist here', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project('B2B'), await here.project('B2B')]
    const { organization_id } = await newOrganization(here, project)
    await refuse(here, other, `GET ${path(organization_id)}`, undefined, 404, 'organization_not_found')
    await refuse(here, other, `GET ${path('organization-test-7')}`, undefined, 400, 'invalid_organization_id')
  })
})
