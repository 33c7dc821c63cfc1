/** The page of permissions tells what the operations declare. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { permissionsPage } from '../../scripts/permissions.ts'
import { operations } from '../../src/api/index.ts'
import { defaultRoles } from '../../src/domain/rbac/builtin.ts'
import { root } from './source.ts'

test('docs/permissions.md is what `npm run permissions` writes', () => {
  assert.equal(readFileSync(join(root, 'docs/permissions.md'), 'utf8'), permissionsPage(), 'run "npm run permissions"')
})

test('every field that a permission names is one of the body', () => {
  for (const { sdk, permission, body } of operations) {
    for (const field of Object.keys(permission?.fields ?? {})) {
      assert.ok(Object.hasOwn(body.shape, field), `${sdk} has no field ${field}`)
    }
  }
})

test('nothing that changes an organization or a member can be asked for as a member without a permission', () => {
  const reading = /\.(get|search|metrics|dangerouslyGet|getOrgPolicy)$/
  const open = operations.filter(
    ({ path, method, sdk, permission }) =>
      path.startsWith('/v1/b2b/organizations/{organization_id}') &&
      method !== 'GET' &&
      !reading.test(sdk) &&
      !permission,
  )
  assert.deepEqual(
    open.map(({ sdk }) => sdk),
    [],
  )
})

test('members begin with no permission on others', () => {
  const { permissions = [] } = defaultRoles.B2B.stytch_member ?? {}
  assert.deepEqual(
    permissions.map(({ resource_id }) => resource_id),
    ['stytch.self'],
  )
})
