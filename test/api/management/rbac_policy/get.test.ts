/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/rbac_policy. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('rbacPolicy.get', (engine) => {
  test('shows the policy that a consumer environment begins with', async () => {
    const here = await world(engine)
    const project = await here.project('CONSUMER')
    const { policy } = await succeed(here, here.workspace, `GET ${project.path}/rbac_policy`)
    assert.deepEqual(policy, {
      stytch_resources: [],
      custom_roles: [],
      custom_resources: [],
      custom_scopes: [],
      stytch_user: { permissions: [] },
    })
  })

  test('shows the policy that a B2B environment begins with', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const { policy } = await succeed(here, here.workspace, `GET ${project.path}/rbac_policy`)
    const { stytch_resources, stytch_member, stytch_admin, ...rest } = policy
    assert.deepEqual(rest, { custom_roles: [], custom_resources: [], custom_scopes: [] })
    assert.deepEqual(
      stytch_resources.map(({ resource_id }: { resource_id: string }) => resource_id),
      ['organization', 'member', 'self', 'sso', 'scim', 'custom-org-roles'].map((name) => `stytch.${name}`),
    )
    // A member may do everything to themself, action by action; an administrator everything to the rest.
    const self = stytch_resources.find(({ resource_id }: { resource_id: string }) => resource_id === 'stytch.self')
    assert.deepEqual(stytch_member.permissions, [{ resource_id: 'stytch.self', actions: self.available_actions }])
    assert.deepEqual(
      stytch_admin.permissions,
      ['organization', 'member', 'sso', 'scim'].map((name) => ({ resource_id: `stytch.${name}`, actions: ['*'] })),
    )
  })
})
