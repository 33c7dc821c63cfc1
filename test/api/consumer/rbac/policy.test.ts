/** GET /v1/rbac/policy. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setPolicy } from '../../../../src/domain/rbac/policy.ts'
import { refuse, succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('rbac.policy', (engine) => {
  test('begins with the default role and nothing else', async () => {
    const here = await world(engine)
    const { policy } = await succeed(here, await here.project(), 'GET /v1/rbac/policy')
    assert.deepEqual(policy.resources, [])
    assert.deepEqual(policy.scopes, [])
    assert.deepEqual(
      policy.roles.map(({ role_id, permissions }: { role_id: string; permissions: unknown }) => [role_id, permissions]),
      [['stytch_user', []]],
    )
  })

  test('shows what was set, the default role first, on the very next call', async () => {
    const here = await world(engine)
    const project = await here.project()
    const permissions = [{ resource_id: 'documents', actions: ['read'] }]
    await setPolicy(here.app, project.id, 'CONSUMER', {
      default_roles: { stytch_user: { permissions } },
      custom_resources: [{ resource_id: 'documents', description: 'Papers', available_actions: ['read', 'write'] }],
      custom_roles: [
        { role_id: 'editor', description: 'Edits', permissions: [{ resource_id: 'documents', actions: ['*'] }] },
      ],
      custom_scopes: [{ scope: 'read:documents', description: 'Reads', permissions }],
    })
    const { policy } = await succeed(here, project, 'GET /v1/rbac/policy')
    assert.deepEqual(policy.resources, [
      { resource_id: 'documents', description: 'Papers', actions: ['read', 'write'] },
    ])
    assert.deepEqual(policy.roles[0].permissions, permissions)
    assert.deepEqual(policy.roles[1], {
      role_id: 'editor',
      description: 'Edits',
      permissions: [{ resource_id: 'documents', actions: ['*'] }],
    })
    assert.deepEqual(policy.scopes, [{ scope: 'read:documents', description: 'Reads', permissions }])
  })

  test('is for consumer projects', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    await refuse(here, project, 'GET /v1/rbac/policy', undefined, 400, 'invalid_consumer_endpoint')
  })
})
