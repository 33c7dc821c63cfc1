/** Writes `docs/permissions.md`: what a member has to be allowed for each call that can run as one, and who is by default. */
import { writeFileSync } from 'node:fs'
import { operations } from '../src/api/index.ts'
import type { ForOthers } from '../src/domain/rbac/acting.ts'
import { defaultRoles } from '../src/domain/rbac/builtin.ts'
import { authorize } from '../src/domain/rbac/check.ts'

const path = `${import.meta.dirname}/../docs/permissions.md`
const policy = { default_roles: defaultRoles.B2B, custom_roles: [], custom_resources: [], custom_scopes: [] }

const introduction = `# Permissions

A call of the B2B API that carries \`X-Stytch-Member-Session\` or \`X-Stytch-Member-SessionJWT\` beside the credentials of the backend
runs as that member: the member must belong to the organization that the call is about, and hold a role with the permission below.
Without the header a call has the full authority of the project. Operations that are not listed ignore the header.

The last columns tell whether the two default roles are allowed as every project begins: ✓ for everybody in the organization,
"self" for the member's own record only. \`npm run permissions\` writes this page from the declarations of the operations; a test
holds it to them.

| operation | field | permission | \`stytch_member\` | \`stytch_admin\` |
|---|---|---|---|---|
`

type Row = { sdk: string; field: string; resource: string; action: string; self: boolean }

/** The text of the page. */
export function permissionsPage(): string {
  const rows = operations.flatMap(({ sdk, permission }): Row[] => {
    if (!permission) return []
    const { resource, action, fields = {}, self = false } = permission
    const one = (field: string, need: string | ForOthers): Row =>
      typeof need === 'string'
        ? { sdk, field, resource, action: need, self }
        : { sdk, field, resource, action: need.action, self: false }
    return [
      ...(action === undefined ? [] : [one('', action)]),
      ...Object.entries(fields).map(([field, need]) => one(field, need)),
    ]
  })
  return introduction + rows.map(line).join('')
}

function line(row: Row): string {
  const { sdk, field, resource, action, self } = row
  const needed = `\`${resource}\` \`${action}\`${self ? ', or for oneself the same on `stytch.self`' : ''}`
  const roles = ['stytch_member', 'stytch_admin'].map((role) => standing(role, row))
  return `| \`${sdk}\` | ${field && `\`${field}\``} | ${needed} | ${roles.join(' | ')} |\n`
}

/** Every member is a `stytch_member`, so an administrator is both. */
function standing(role: string, { resource, action, self }: Row): string {
  const held = [...new Set(['stytch_member', role])]
  const may = (resource_id: string) => authorize(policy, 'B2B', held, { resource_id, action }).authorized
  if (may(resource)) return '✓'
  return self && may('stytch.self') ? 'self' : '–'
}

if (import.meta.main) writeFileSync(path, permissionsPage())
