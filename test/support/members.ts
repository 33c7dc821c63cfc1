/** Members for tests: made through the API, and given what other operations give them. */
import { randomUUID } from 'node:crypto'
import { memberSignedIn } from '../../src/api/b2b/member_signed_in.ts'
import { identifier, phoneIdentifiers, tryToClaim } from '../../src/domain/members/identifiers.ts'
import { changeMember, createMember, type NewMember } from '../../src/domain/members/member.ts'
import { findMember, getMember } from '../../src/domain/members/reference.ts'
import type { Member } from '../../src/domain/members/row.ts'
import { getOrganization } from '../../src/domain/organizations/reference.ts'
import type { Proof } from '../../src/domain/sessions/factors.ts'
import { startSession, tokenOf } from '../../src/domain/sessions/session.ts'
import { type SignInContext, signInMember } from '../../src/domain/signin/member.ts'
import { call, succeed } from './call.ts'
import { environmentOf, newOrganization } from './organizations.ts'
import type { Credentials, Engine, TestProject, World } from './world.ts'
import { world } from './world.ts'

export type Place = { organization_id: string }

/** A world, a B2B project in it, an organization in that, and the path of its members. */
export async function organizationIn(engine: Engine, settings: object = {}) {
  const here = await world(engine)
  const project = await here.project('B2B')
  const organization = await newOrganization(here, project, settings)
  return { here, project, organization, members: membersOf(organization) }
}

/** The path of the members of an organization. */
export function membersOf({ organization_id }: Place): string {
  return `/v1/b2b/organizations/${organization_id}/members`
}

/** Creates a member and returns it as the API does; without a body, one with an address nobody else has. */
export async function newMember(here: World, project: Credentials, organization: Place, body: object = {}) {
  const given = { email_address: `${randomUUID()}@example.com`, ...body }
  const { member } = await succeed(here, project, `POST ${membersOf(organization)}`, given)
  return member
}

/** A member as the API shows it now, deleted or not. */
export async function readMember(here: World, project: Credentials, { member_id }: { member_id: string }) {
  const route = `GET /v1/b2b/organizations/members/dangerously_get/${member_id}?include_deleted=true`
  return (await succeed(here, project, route)).member
}

/** Whether a member has a session that was not revoked. */
export async function isSignedIn(here: World, project: TestProject, member_id: string): Promise<boolean> {
  const rows = await here.app.store.read
    .selectFrom('sessions')
    .select('session_id')
    .where('project_id', '=', project.id)
    .where('owner_id', '=', member_id)
    .where('revoked_at', 'is', null)
    .execute()
  return rows.length > 0
}

/** Starts a session of a member, an imported one unless told otherwise, and returns its token. */
export async function signIn(
  here: World,
  project: Credentials,
  member_id: string,
  proof: Proof = { type: 'imported', delivery_method: 'imported_auth0' },
): Promise<string> {
  const environment = await environmentOf(here, project)
  const change = { duration_minutes: 60, custom_claims: undefined }
  return tokenOf(here.app, await startSession(here.app, environment, member_id, proof, change))
}

/** A member as it is kept. */
export async function stored(here: World, project: Credentials, member_id: string): Promise<Member> {
  const member = await findMember(here.app, await environmentOf(here, project), member_id)
  if (!member) throw new Error(`There is no member ${member_id}.`)
  return member
}

/** Writes parts into a stored member, with the identifiers of the factors among them. */
export async function give(
  here: World,
  project: Credentials,
  member_id: string,
  parts: Partial<Member>,
): Promise<Member> {
  return changeMember(here.app, await stored(here, project, member_id), async (app, member) => {
    await tryToClaim(app, member, [
      ...(parts.mfa_phone ? phoneIdentifiers(member, parts.mfa_phone) : []),
      ...(parts.totp ? [identifier(member, 'totp_id', parts.totp.totp_id)] : []),
      ...(parts.password ? [identifier(member, 'password_id', parts.password.password_id)] : []),
    ])
    return { ...member, ...parts }
  })
}

/** A member who has proven the address. */
export async function provenMember(here: World, project: Credentials, organization: Place, body: object = {}) {
  const { member_id } = await newMember(here, project, organization, body)
  await give(here, project, member_id, { email_address_verified: true })
  return readMember(here, project, { member_id })
}

/** Calls the same many times at once and tells how often each answer came: `200`, or an error type. */
export async function race(
  here: World,
  project: Credentials,
  route: (index: number) => string,
  body: (index: number) => object,
  times = 100,
): Promise<Record<string, number>> {
  const answers = await Promise.all(
    Array.from({ length: times }, (_, index) => call(here, project, route(index), body(index))),
  )
  const counts: Record<string, number> = {}
  for (const { status, body } of answers) {
    const key = status === 200 ? '200' : body.error_type
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

/** Adds a member to an organization; unless told otherwise, active, with a verified address nobody else has. */
export async function memberIn(
  here: World,
  project: Credentials,
  { organization_id }: Place,
  given: Partial<NewMember> = {},
): Promise<Member> {
  const environment = await environmentOf(here, project)
  const organization = await getOrganization(here.app, environment, organization_id)
  return createMember(here.app, environment, organization, {
    email_address: `${randomUUID()}@example.com`,
    email_address_verified: true,
    status: 'active',
    ...given,
  })
}

/** What a mailed link proves of a member. */
export function magicLink({ email_id, email_address }: Pick<Member, 'email_id' | 'email_address'>): Proof {
  return { type: 'magic_link', delivery_method: 'email', email_factor: { email_id, email_address } }
}

/**
 * Signs a member in who has just proven that, a mailed link unless told otherwise, and answers as operations do: a session of
 * an hour, or an intermediate session with what is still required.
 */
export async function memberSession(
  here: World,
  project: Credentials,
  { organization_id }: Place,
  { member_id }: Pick<Member, 'member_id'>,
  proof?: Proof,
  context: Partial<SignInContext> = {},
) {
  const environment = await environmentOf(here, project)
  const signIn = await here.app.transaction(async (app) => {
    const organization = await getOrganization(app, environment, organization_id)
    const member = await getMember(app, environment, organization, member_id)
    const change = { duration_minutes: undefined, custom_claims: undefined }
    return signInMember(app, environment, organization, member, proof ?? magicLink(member), { change, ...context })
  })
  return memberSignedIn(here.app, environment, signIn)
}
