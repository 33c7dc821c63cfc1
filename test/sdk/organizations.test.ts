/** The official Node client against a listening server: organizations, their search and their roles. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { B2BClient } from 'stytch'
import { setB2bPolicy } from '../support/organizations.ts'
import { b2bClientOf, expectRefusal, listening } from '../support/sdk.ts'
import { engines, type TestProject, type World, world } from '../support/world.ts'

for (const engine of engines) {
  describe(`organizations with the official client (${engine})`, () => {
    let here: World
    let project: TestProject
    let client: B2BClient
    let stop: () => Promise<void>

    before(async () => {
      here = await world(engine)
      const { url, stop: end } = await listening(here)
      stop = end
      project = await here.project('B2B')
      client = b2bClientOf(project, url)
    })
    after(() => stop())

    test('creates, reads, changes and deletes one', async () => {
      const { organization } = await client.organizations.create({
        organization_name: 'Acme',
        organization_slug: 'acme',
        organization_external_id: 'crm|7',
        email_allowed_domains: ['acme.com'],
        email_invites: 'RESTRICTED',
      })
      const read = await client.organizations.get({ organization_id: 'crm|7' })
      assert.deepEqual(read.organization, organization)
      const updated = await client.organizations.update({
        organization_id: organization.organization_id,
        mfa_policy: 'REQUIRED_FOR_ALL',
        trusted_metadata: { plan: 'pro' },
      })
      assert.equal(updated.organization.mfa_policy, 'REQUIRED_FOR_ALL')
      assert.deepEqual(updated.organization.trusted_metadata, { plan: 'pro' })
      await expectRefusal(
        client.organizations.create({ organization_name: 'Second', organization_slug: 'ACME' }),
        400,
        'organization_slug_already_used',
      )
      const bare = await client.organizations.deleteExternalId({ organization_id: 'acme' })
      assert.equal(bare.organization.organization_external_id, null)
      assert.equal((await client.organizations.metrics({ organization_id: 'acme' })).member_count, 0)
      const { organization_id } = await client.organizations.delete({ organization_id: 'acme' })
      assert.equal(organization_id, organization.organization_id)
      await expectRefusal(client.organizations.get({ organization_id: 'acme' }), 404, 'organization_not_found')
    })

    test('searches page by page', async () => {
      for (const name of ['Page one', 'Page two', 'Page three']) {
        await client.organizations.create({ organization_name: name })
      }
      const query = {
        operator: 'AND' as const,
        operands: [{ filter_name: 'organization_name_fuzzy' as const, filter_value: 'page' }],
      }
      const first = await client.organizations.search({ query, limit: 2 })
      assert.deepEqual([first.organizations.length, first.results_metadata.total], [2, 3])
      const cursor = first.results_metadata.next_cursor
      const second = await client.organizations.search({ query, limit: 2, ...(cursor ? { cursor } : {}) })
      assert.equal(second.organizations.length, 1)
      assert.equal(second.results_metadata.next_cursor, null)
    })

    test('reads the policy, and gives an organization roles of its own', async () => {
      const permissions = [{ resource_id: 'documents', actions: ['read'] }]
      await setB2bPolicy(here, project, {
        custom_resources: [{ resource_id: 'documents', description: '', available_actions: ['read'] }],
      })
      const { policy } = await client.rbac.policy()
      assert.deepEqual(
        policy?.roles.map(({ role_id }) => role_id),
        ['stytch_member', 'stytch_admin'],
      )
      const { organization } = await client.organizations.create({ organization_name: 'Own roles' })
      const { organization_id } = organization
      const org_policy = { roles: [{ role_id: 'reader', description: 'Reads', permissions }] }
      const set = await client.rbac.organizations.setOrgPolicy({ organization_id, org_policy })
      assert.deepEqual(set.org_policy, org_policy)
      const read = await client.rbac.organizations.getOrgPolicy({ organization_id })
      assert.deepEqual(read.org_policy, org_policy)
      assert.deepEqual(
        (await client.organizations.get({ organization_id })).organization.custom_roles,
        org_policy.roles,
      )
    })

    test('reads the key set', async () => {
      const { keys } = await client.sessions.getJWKS({ project_id: project.id })
      assert.equal(keys.length, 1)
    })
  })
}
