/** GET /v1/b2b/rbac/policy. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { setB2bPolicy } from '../../../support/organizations.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const route = 'GET /v1/b2b/rbac/policy'

onBothEngines('b2b rbac.policy', (engine) => {
  test('begins with the default roles and the resources of the platform', async () => {
    const here = await world(engine)
    const { policy } = await succeed(here, await here.project('B2B'), route)
    const resources = new Map<string, string[]>(
      policy.resources.map(({ resource_id, actions }: { resource_id: string; actions: string[] }) => [
        resource_id,
        actions,
      ]),
    )
    const names = ['organization', 'member', 'self', 'sso', 'scim', 'custom-org-roles'].map((name) => `stytch.${name}`)
    assert.deepEqual([...resources.keys()], names)
    assert.ok(resources.get('stytch.organization')?.includes('update.settings.allowed-auth-methods'))
    assert.deepEqual(resources.get('stytch.sso'), ['create', 'get', 'update', 'delete'])
    assert.deepEqual(policy.scopes, [])
    const [member, admin, ...more] = policy.roles
    assert.deepEqual(more, [])
    assert.deepEqual(
      [member.role_id, member.permissions],
      ['stytch_member', [{ resource_id: 'stytch.self', actions: resources.get('stytch.self') }]],
    )
    assert.equal(admin.role_id, 'stytch_admin')
    assert.deepEqual(
      admin.permissions,
      ['stytch.organization', 'stytch.member', 'stytch.sso', 'stytch.scim'].map((resource_id) => ({
        resource_id,
        actions: ['*'],
      })),
    )
  })

  test('shows what was set, the default roles first, on the very next call', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    await succeed(here, project, route)
    const permissions = [{ resource_id: 'documents', actions: ['read'] }]
    const editor = { role_id: 'editor', description: 'Edits', permissions }
    await setB2bPolicy(here, project, {
      default_roles: { stytch_member: { permissions } },
      custom_resources: [{ resource_id: 'documents', description: 'Papers', available_actions: ['read', 'write'] }],
      custom_roles: [editor],
      custom_scopes: [{ scope: 'read:documents', description: 'Reads', permissions }],
    })
    const { policy } = await succeed(here, project, route)
    assert.deepEqual(policy.resources.at(-1), {
      resource_id: 'documents',
      description: 'Papers',
      actions: ['read', 'write'],
    })
    assert.deepEqual(policy.roles[0].permissions, permissions)
    assert.deepEqual(policy.roles.at(-1), editor)
    assert.deepEqual(policy.scopes, [{ scope: 'read:documents', description: 'Reads', permissions }])
  })

  test('is for B2B projects', async () => {
    const here = await world(engine)
    await refuse(here, await here.project(), route, undefined, 400, 'invalid_b2b_endpoint')
  })
})
