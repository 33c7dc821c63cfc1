/** PUT /v1/b2b/rbac/organizations/{organization_id}: roles of an organization, and how project and organization respect each other. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { selectMember } from '../../../../../src/domain/members/table.ts'
import { call, refuse, succeed } from '../../../../support/call.ts'
import { addMember, newOrganization, setB2bPolicy } from '../../../../support/organizations.ts'
import { type Engine, onBothEngines, world } from '../../../../support/world.ts'

const path = (reference: string) => `/v1/b2b/rbac/organizations/${reference}`
const documents = { resource_id: 'documents', description: '', available_actions: ['read', 'write'] }
const editor = { role_id: 'editor', description: '', permissions: [] }
const role = (role_id: string, actions: string[] = ['read'], resource_id = 'documents') => ({
  role_id,
  description: '',
  permissions: [{ resource_id, actions }],
})
const org_policy = (...roles: object[]) => ({ org_policy: { roles } })

async function acme(engine: Engine) {
  const here = await world(engine)
  const project = await here.project('B2B')
  await setB2bPolicy(here, project, { custom_resources: [documents], custom_roles: [editor] })
  const organization = await newOrganization(here, project)
  const put = `PUT ${path(organization.organization_id)}`
  const read = async () =>
    (await succeed(here, project, `GET /v1/b2b/organizations/${organization.organization_id}`)).organization
  return { here, project, organization, put, read }
}

onBothEngines('rbac.organizations.setOrgPolicy', (engine) => {
  test('replaces the roles, and the organization shows them in the order they were sent', async () => {
    const { here, project, organization, put, read } = await acme(engine)
    const other = await newOrganization(here, project)
    const first = [role('writer', ['write', 'read']), role('auditor', ['*'], 'stytch.member')]
    assert.deepEqual((await succeed(here, project, put, org_policy(...first))).org_policy.roles, first)
    assert.deepEqual(await read(), { ...organization, custom_roles: first })
    const second = [role('reader')]
    await succeed(here, project, `PUT ${path(organization.organization_slug)}`, org_policy(...second))
    assert.deepEqual((await read()).custom_roles, second)
    // Two organizations can have roles of the same name.
    await succeed(here, project, `PUT ${path(other.organization_id)}`, org_policy(role('reader', ['*'])))
    assert.deepEqual((await read()).custom_roles, second)
    await succeed(here, project, put, org_policy())
    assert.deepEqual((await read()).custom_roles, [])
  })

  test('takes missing permissions and descriptions for empty ones', async () => {
    const { here, project, put } = await acme(engine)
    const reply = await succeed(here, project, put, org_policy({ role_id: 'reader' }))
    assert.deepEqual(reply.org_policy.roles, [{ role_id: 'reader', description: '', permissions: [] }])
  })

  test('refuses roles that are not the organization to define or do not fit the project, and changes nothing', async () => {
    const { here, project, put, read } = await acme(engine)
    await succeed(here, project, put, org_policy(role('reader')))
    const before = await read()
    const many = Array.from({ length: 101 }, (_, index) => role(`role${index}`))
    const rows: [roles: object[], error_type: string][] = [
      [[role('')], 'empty_rbac_role_id'],
      [[role('r'.repeat(129))], 'rbac_role_id_too_long'],
      [[role('a'), role('a')], 'rbac_role_duplicate'],
      [[role('editor')], 'rbac_role_duplicate'],
      [[role('stytch_member')], 'rbac_role_duplicate'],
      [[role('stytch_admin')], 'rbac_role_duplicate'],
      [[role('stytch_owner')], 'rbac_org_custom_roles_only'],
      [[{ ...role('a'), description: 'd'.repeat(501) }], 'rbac_description_too_long'],
      [[role('a', ['read'], 'reports')], 'invalid_permission_resource'],
      [[role('a', ['archive'])], 'invalid_permission_action'],
      [[role('a', ['explode'], 'stytch.member')], 'invalid_permission_action'],
      [[role('a', [])], 'rbac_permission_missing_actions'],
      [[role('a', ['read', 'read'])], 'rbac_action_duplicate'],
      [[role('a', ['*', 'read'])], 'cannot_specify_wildcard_with_other_actions'],
      [many, 'too_many_roles'],
      [[{ description: 'nameless' }], 'bad_request'],
    ]
    for (const [roles, error_type] of rows) {
      await refuse(here, project, put, org_policy(role('new'), ...roles), 400, error_type)
    }
    for (const body of [undefined, {}, { org_policy: null }, { org_policy: [] }, { org_policy: {} }]) {
      await refuse(here, project, put, body, 400, 'bad_request')
    }
    assert.deepEqual(await read(), before)
  })

  test('members and domains lose the roles that go, and do not get them back with the name', async () => {
    const { here, project, organization, put, read } = await acme(engine)
    const other = await newOrganization(here, project)
    const roles = [role('reader'), role('read'), role('writer')]
    await succeed(here, project, put, org_policy(...roles))
    await succeed(here, project, `PUT ${path(other.organization_id)}`, org_policy(...roles))
    const assigned_roles = ['reader', 'editor', 'read', 'writer']
    const member = await addMember(here, project, organization, { assigned_roles })
    const stranger = await addMember(here, project, other, { assigned_roles })
    const tie = (role_id: string) => ({ domain: 'acme.com', role_id })
    await succeed(here, project, `PUT /v1/b2b/organizations/${organization.organization_id}`, {
      rbac_email_implicit_role_assignments: [tie('reader'), tie('editor'), tie('read')],
    })
    await succeed(here, project, put, org_policy(role('read')))
    await succeed(here, project, put, org_policy(...roles))
    const rolesOf = async ({ member_id }: { member_id: string }) =>
      (await selectMember(here.app.store, project.id, member_id))?.assigned_roles
    assert.deepEqual(await rolesOf(member), ['editor', 'read'])
    assert.deepEqual(await rolesOf(stranger), assigned_roles)
    assert.deepEqual((await read()).rbac_email_implicit_role_assignments, [tie('editor'), tie('read')])
  })

  test('the project cannot remove what a role of an organization uses, nor define that role itself', async () => {
    const { here, project, put } = await acme(engine)
    await succeed(here, project, put, org_policy(role('reader')))
    const set = `PUT ${project.path}/rbac_policy`
    const rows: [policy: object, error_type: string][] = [
      [{}, 'rbac_cannot_delete_attribute_used_in_org_policy'],
      [
        { custom_resources: [{ ...documents, available_actions: ['write'] }] },
        'rbac_cannot_delete_attribute_used_in_org_policy',
      ],
      [{ custom_resources: [documents], custom_roles: [{ role_id: 'reader' }] }, 'rbac_role_duplicate'],
    ]
    const before = await succeed(here, project, 'GET /v1/b2b/rbac/policy')
    for (const [policy, error_type] of rows) await refuse(here, here.workspace, set, policy, 400, error_type)
    assert.deepEqual((await succeed(here, project, 'GET /v1/b2b/rbac/policy')).policy, before.policy)

    await succeed(here, here.workspace, set, { custom_resources: [{ ...documents, available_actions: ['read'] }] })
    await succeed(here, project, put, org_policy(role('all', ['*'])))
    await refuse(here, here.workspace, set, {}, 400, 'rbac_cannot_delete_attribute_used_in_org_policy')
    await succeed(here, here.workspace, set, { custom_resources: [{ ...documents, available_actions: ['archive'] }] })
    await succeed(here, project, put, org_policy())
    await succeed(here, here.workspace, set, {})
  })

  test('when project and organization change at once, no role is left without its resource', async () => {
    const { here, project, put, read } = await acme(engine)
    for (let round = 0; round < 10; round++) {
      await succeed(here, project, put, org_policy())
      await setB2bPolicy(here, project, { custom_resources: [documents] })
      const [own, projects] = await Promise.all([
        call(here, project, put, org_policy(role('reader'))),
        call(here, here.workspace, `PUT ${project.path}/rbac_policy`, {}),
      ])
      assert.notEqual(own.status, projects.status)
      assert.equal((await read()).custom_roles.length, own.status === 200 ? 1 : 0)
    }
  })

  test('refuses an organization that does not exist here', async () => {
    const { here, project, organization } = await acme(engine)
    const other = await here.project('B2B')
    const reference = organization.organization_id
    await refuse(here, other, `PUT ${path(reference)}`, org_policy(), 404, 'organization_not_found')
    await refuse(here, project, `PUT ${path('organization-test-7')}`, org_policy(), 400, 'invalid_organization_id')
    await refuse(here, await here.project(), `PUT ${path('acme')}`, org_policy(), 400, 'invalid_b2b_endpoint')
  })
})
