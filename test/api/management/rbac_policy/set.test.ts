/** PUT /pwa/v3/projects/{project_slug}/environments/{environment_slug}/rbac_policy. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../support/call.ts'
import { onBothEngines, type World, world } from '../../../support/world.ts'

// Neither sorted nor grouped: the order must come back as it was sent.
const custom = {
  custom_resources: [
    { resource_id: 'report', description: 'Reports', available_actions: ['write', 'read', 'archive'] },
    { resource_id: 'billing', description: '', available_actions: ['pay'] },
  ],
  custom_roles: [
    {
      role_id: 'writer',
      description: 'Writes reports',
      permissions: [
        { resource_id: 'report', actions: ['write', 'read'] },
        { resource_id: 'billing', actions: ['*'] },
      ],
    },
    { role_id: 'auditor', description: '', permissions: [] },
  ],
  custom_scopes: [
    { scope: 'read:reports', description: 'Read', permissions: [{ resource_id: 'report', actions: ['read'] }] },
  ],
}

async function read(here: World, path: string) {
  return (await succeed(here, here.workspace, `GET ${path}/rbac_policy`)).policy
}

onBothEngines('rbacPolicy.set', (engine) => {
  test('stores the policy and shows it in the order it was sent', async () => {
    const here = await world(engine)
    const project = await here.project()
    const stytch_user = { permissions: [{ resource_id: 'report', actions: ['archive', 'read'] }] }
    const { policy } = await succeed(here, here.workspace, `PUT ${project.path}/rbac_policy`, {
      ...custom,
      stytch_user,
    })
    assert.deepEqual(policy, { ...custom, stytch_user, stytch_resources: [] })
    assert.deepEqual(await read(here, project.path), policy)
  })

  test('counts on the next call of the backend, in that environment only', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const before = (await succeed(here, project, 'GET /v1/rbac/policy')).policy
    await succeed(here, other, 'GET /v1/rbac/policy')
    await succeed(here, here.workspace, `PUT ${project.path}/rbac_policy`, custom)
    const { policy } = await succeed(here, project, 'GET /v1/rbac/policy')
    assert.deepEqual(policy.roles.slice(1), custom.custom_roles)
    assert.deepEqual(policy.scopes, custom.custom_scopes)
    assert.deepEqual(
      policy.resources,
      custom.custom_resources.map(({ available_actions, ...rest }) => ({ ...rest, actions: available_actions })),
    )
    assert.deepEqual((await succeed(here, other, 'GET /v1/rbac/policy')).policy, before)
    await succeed(here, here.workspace, `PUT ${project.path}/rbac_policy`, {})
    assert.deepEqual((await succeed(here, project, 'GET /v1/rbac/policy')).policy, before)
  })

  test('removes custom parts that are absent or null, and keeps a default role that is', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { custom_resources } = custom
    const stytch_user = { permissions: [{ resource_id: 'report', actions: ['read'] }] }
    await succeed(here, here.workspace, `PUT ${project.path}/rbac_policy`, { ...custom, stytch_user })
    const { policy } = await succeed(here, here.workspace, `PUT ${project.path}/rbac_policy`, {
      custom_resources,
      custom_roles: null,
      stytch_user: null,
    })
    assert.deepEqual(policy, {
      stytch_resources: [],
      custom_resources,
      custom_roles: [],
      custom_scopes: [],
      stytch_user,
    })
    const emptied = await succeed(here, here.workspace, `PUT ${project.path}/rbac_policy`, {
      stytch_user: { permissions: [] },
    })
    assert.deepEqual(emptied.policy.stytch_user, { permissions: [] })
  })

  test('takes missing lists and descriptions for empty ones', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { policy } = await succeed(here, here.workspace, `PUT ${project.path}/rbac_policy`, {
      custom_resources: [{ resource_id: 'report', available_actions: ['read'] }],
      custom_roles: [{ role_id: 'auditor' }],
      custom_scopes: [{ scope: 'read:reports', description: null, permissions: null }],
      stytch_user: {},
    })
    assert.deepEqual(policy, {
      stytch_resources: [],
      custom_resources: [{ resource_id: 'report', description: '', available_actions: ['read'] }],
      custom_roles: [{ role_id: 'auditor', description: '', permissions: [] }],
      custom_scopes: [{ scope: 'read:reports', description: '', permissions: [] }],
      stytch_user: { permissions: [] },
    })
  })

  test('stores the default roles of a B2B environment as sent, each by itself', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const { stytch_admin, stytch_resources } = await read(here, project.path)
    const stytch_member = {
      permissions: [
        { resource_id: 'report', actions: ['read'] },
        { resource_id: 'stytch.self', actions: ['update.info.name'] },
      ],
    }
    const { policy } = await succeed(here, here.workspace, `PUT ${project.path}/rbac_policy`, {
      ...custom,
      stytch_member,
    })
    assert.deepEqual(policy, { ...custom, stytch_member, stytch_admin, stytch_resources })
  })

  test("accepts older spellings of the platform's actions, and of nobody else's", async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const stytch_admin = {
      permissions: [
        {
          resource_id: 'stytch.organization',
          actions: ['update.settings.allowed_domains', 'update.info.mfa_policy', 'update.info.logo-url'],
        },
        { resource_id: 'stytch.member', actions: ['update.info.mfa_phone'] },
      ],
    }
    const { policy } = await succeed(here, here.workspace, `PUT ${project.path}/rbac_policy`, { stytch_admin })
    assert.deepEqual(policy.stytch_admin, stytch_admin)
    const plain = {
      custom_resources: [{ resource_id: 'report', description: '', available_actions: ['read-all'] }],
      stytch_member: { permissions: [{ resource_id: 'report', actions: ['read_all'] }] },
    }
    await refuse(here, here.workspace, `PUT ${project.path}/rbac_policy`, plain, 400, 'invalid_permission_action')
  })

  test('refuses default roles of the other vertical, and changes nothing', async () => {
    const here = await world(engine)
    for (const [vertical, roles] of [
      ['CONSUMER', ['stytch_member', 'stytch_admin']],
      ['B2B', ['stytch_user']],
    ] as const) {
      const project = await here.project(vertical)
      const before = await read(here, project.path)
      for (const role of roles) {
        const body = { ...custom, [role]: { permissions: [] } }
        await refuse(here, here.workspace, `PUT ${project.path}/rbac_policy`, body, 400, 'invalid_role_for_vertical')
      }
      assert.deepEqual(await read(here, project.path), before)
    }
  })

  test('refuses a policy that does not fit together, by name, and changes nothing', async () => {
    const here = await world(engine)
    const project = await here.project()
    await succeed(here, here.workspace, `PUT ${project.path}/rbac_policy`, custom)
    const before = await read(here, project.path)
    const resource = (change: object) => ({ custom_resources: [{ ...report, ...change }] })
    const report = { resource_id: 'report', description: '', available_actions: ['read'] }
    const role = (change: object) => ({
      custom_resources: [report],
      custom_roles: [{ role_id: 'reader', description: '', permissions: [], ...change }],
    })
    const scope = (change: object) => ({
      custom_resources: [report],
      custom_scopes: [{ scope: 'reports', description: '', permissions: [], ...change }],
    })
    const grant = (permission: object) => role({ permissions: [{ resource_id: 'report', actions: [], ...permission }] })
    const long = 'x'.repeat(129)
    const text = 'x'.repeat(501)
    const twice = <T>(thing: T) => [thing, thing]
    const cases: [body: object, error_type: string][] = [
      [resource({ resource_id: '' }), 'empty_rbac_resource_id'],
      [resource({ resource_id: long }), 'rbac_resource_id_too_long'],
      [resource({ resource_id: 'stytch.report' }), 'invalid_stytch_prefixed_resource'],
      [resource({ description: text }), 'rbac_description_too_long'],
      [resource({ available_actions: [] }), 'rbac_resource_missing_actions'],
      [resource({ available_actions: ['*'] }), 'invalid_wildcard_action'],
      [resource({ available_actions: ['read', 'read'] }), 'rbac_action_duplicate'],
      [resource({ available_actions: [long] }), 'rbac_action_too_long'],
      [resource({ available_actions: [''] }), 'bad_request'],
      [{ custom_resources: twice(report) }, 'rbac_resource_duplicate'],
      [role({ role_id: '' }), 'empty_rbac_role_id'],
      [role({ role_id: long }), 'rbac_role_id_too_long'],
      [role({ role_id: 'stytch_user' }), 'invalid_stytch_prefixed_resource'],
      [role({ description: text }), 'rbac_description_too_long'],
      [{ custom_roles: twice({ role_id: 'reader', description: '', permissions: [] }) }, 'rbac_role_duplicate'],
      [grant({ actions: [] }), 'rbac_permission_missing_actions'],
      [grant({ actions: ['*', 'read'] }), 'cannot_specify_wildcard_with_other_actions'],
      [grant({ actions: ['write'] }), 'invalid_permission_action'],
      [grant({ actions: ['read', 'read'] }), 'rbac_action_duplicate'],
      [grant({ resource_id: 'nothing', actions: ['read'] }), 'invalid_permission_resource'],
      [grant({ resource_id: 'stytch.member', actions: ['search'] }), 'invalid_permission_resource'],
      [scope({ scope: '' }), 'empty_rbac_scope'],
      [scope({ scope: long }), 'rbac_scope_too_long'],
      [scope({ scope: 'openid' }), 'rbac_reserved_scope'],
      [scope({ scope: 'full_access' }), 'rbac_reserved_scope'],
      [scope({ description: text }), 'rbac_description_too_long'],
      [scope({ permissions: [{ resource_id: 'nothing', actions: ['read'] }] }), 'invalid_permission_resource'],
      [{ custom_scopes: twice({ scope: 'reports', description: '', permissions: [] }) }, 'rbac_scope_duplicate'],
      // A default role may not refer to what the same request removes.
      [{ stytch_user: { permissions: [{ resource_id: 'billing', actions: ['pay'] }] } }, 'invalid_permission_resource'],
      [{ custom_roles: {} }, 'bad_request'],
      [{ custom_roles: [{ description: '' }] }, 'bad_request'],
      [{ stytch_user: { permissions: [{ actions: ['read'] }] } }, 'bad_request'],
    ]
    for (const [body, error_type] of cases) {
      await refuse(here, here.workspace, `PUT ${project.path}/rbac_policy`, body, 400, error_type)
    }
    assert.deepEqual(await read(here, project.path), before)
  })

  test('refuses to remove a resource that a default role, kept as it is, still refers to', async () => {
    const here = await world(engine)
    const project = await here.project()
    const stytch_user = { permissions: [{ resource_id: 'report', actions: ['read'] }] }
    await succeed(here, here.workspace, `PUT ${project.path}/rbac_policy`, { ...custom, stytch_user })
    await refuse(here, here.workspace, `PUT ${project.path}/rbac_policy`, {}, 400, 'invalid_permission_resource')
    assert.deepEqual((await read(here, project.path)).stytch_user, stytch_user)
  })

  test('ends concurrent writes with one of the policies, whole', async () => {
    const here = await world(engine)
    const project = await here.project()
    const policies = Array.from({ length: 8 }, (_, index) => ({
      custom_resources: [{ resource_id: `r${index}`, description: '', available_actions: ['read'] }],
      custom_roles: [
        { role_id: `r${index}`, description: '', permissions: [{ resource_id: `r${index}`, actions: ['read'] }] },
      ],
    }))
    const answers = await Promise.all(
      policies.map((policy) => call(here, here.workspace, `PUT ${project.path}/rbac_policy`, policy)),
    )
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    const { custom_resources, custom_roles } = await read(here, project.path)
    assert.equal(custom_roles.length, 1)
    assert.equal(custom_roles[0].role_id, custom_resources[0].resource_id)
  })
})
