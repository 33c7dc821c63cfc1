/** Organizations for tests: made through the API. */
import { randomUUID } from 'node:crypto'
import type { Environment } from '../../src/domain/configuration/environment.ts'
import type { Member } from '../../src/domain/members/row.ts'
import { insertMember } from '../../src/domain/members/table.ts'
import { type PolicyChange, setPolicy } from '../../src/domain/rbac/policy.ts'
import { claimIdentifiers } from '../../src/store/identifiers.ts'
import { succeed } from './call.ts'
import type { Credentials, TestProject, World } from './world.ts'

export const organizationsRoute = 'POST /v1/b2b/organizations'

/** Creates an organization and returns it as the API does; without a body, one called "Acme". */
export async function newOrganization(here: World, project: Credentials, body: object = {}) {
  const { organization } = await succeed(here, project, organizationsRoute, { organization_name: 'Acme', ...body })
  return organization
}

/** How many organizations the project has. */
export async function countOrganizations(here: World, project: Credentials): Promise<number> {
  const { metrics } = await succeed(here, project, 'GET /v1/projects/metrics')
  return metrics.find(({ metric_type }: { metric_type: string }) => metric_type === 'ORGANIZATION_COUNT').count
}

/** Adds a member to an organization straight into the store, an active one with a verified address unless told otherwise. */
export async function addMember(
  here: World,
  { id: project_id }: Credentials,
  { organization_id }: { organization_id: string },
  parts: Partial<Member> = {},
): Promise<Member> {
  const now = here.app.now()
  const member: Member = {
    project_id,
    organization_id,
    member_id: `member-test-${randomUUID()}`,
    status: 'active',
    name: '',
    external_id: null,
    email_id: `member-email-test-${randomUUID()}`,
    email_address: `${randomUUID()}@example.com`,
    email_address_verified: true,
    retired_email_addresses: [],
    email_update: null,
    is_breakglass: false,
    mfa_enrolled: false,
    default_mfa_method: '',
    mfa_phone: null,
    totp: null,
    password: null,
    sso_registrations: [],
    oauth_registrations: [],
    scim_registration: null,
    assigned_roles: [],
    trusted_metadata: {},
    untrusted_metadata: {},
    lock_created_at: null,
    lock_expires_at: null,
    created_at: now,
    updated_at: now,
    version: 1,
    ...parts,
  }
  await here.app.transaction(async ({ store }) => {
    await insertMember(store, member)
    if (member.status === 'deleted') return
    await claimIdentifiers(store, project_id, member.member_id, [
      { scope: organization_id, kind: 'email', value: member.email_address },
      { scope: organization_id, kind: 'email_id', value: member.email_id },
    ])
  })
  return member
}

/** The world as a member sees it who calls with a session of their own, besides the credentials of the backend. */
export function actingWith(here: World, session_token: string): World {
  const inject = (request: { headers: Record<string, string> }) =>
    here.server.inject({ ...request, headers: { ...request.headers, 'x-stytch-member-session': session_token } })
  return { ...here, server: { inject } as unknown as World['server'] }
}

/** Sets the custom parts of the RBAC policy of a B2B project. */
export async function setB2bPolicy(here: World, project: TestProject, change: PolicyChange): Promise<void> {
  await setPolicy(here.app, project.id, 'B2B', change)
}

/** The environment of a project as requests see it at this moment. */
export async function environmentOf(here: World, project: Credentials): Promise<Environment> {
  const environment = await here.app.environment(project.id)
  if (!environment) throw new Error(`There is no environment ${project.id}.`)
  return environment
}
