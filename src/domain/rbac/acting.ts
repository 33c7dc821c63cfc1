/** Calls that run as a member: what the operation asks for, and whether the member may (reference: b2b.md §0.3, §7.7.5). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { getMember } from '../members/reference.ts'
import { standingOf } from '../members/roles.ts'
import { getOrganization } from '../organizations/reference.ts'
import { lookUpPresentedMember, type PresentedMember, requirePresentedMember } from '../sessions/presented.ts'
import { authorize, policyIn } from './check.ts'

/** What an acting member needs to hold, as an operation declares it. */
export type MemberPermission = {
  resource: 'stytch.organization' | 'stytch.member'
  /** Needed by every call. */
  action?: string
  /** Needed by calls that give the field of the body. */
  fields?: Readonly<Record<string, string | ForOthers>>
  /** Whether the same action on `stytch.self` is enough for what members do to themselves. */
  self?: boolean
}

/** An action that members cannot take on themselves by a permission on `stytch.self`. */
export type ForOthers = { action: string; never_by_self: true }

/** Whom a call is about, as the request names them. */
export type Target = { organizations: string[]; member?: string | undefined }

/**
 * The member whose session a request carries in its headers, besides the credentials of the backend; undefined when there is
 * none. Refuses two headers with `too_many_session_arguments`, a dead session with `session_not_found`, and an empty header
 * with `invalid_session_token`: whoever sends one means to run as somebody, and must not get the authority of the backend.
 */
export async function findActingMember(
  app: App,
  environment: Environment,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Promise<PresentedMember | undefined> {
  const text = (name: string) => [headers[name] ?? []].flat()[0]
  const fields = {
    session_token: text('x-stytch-member-session'),
    session_jwt: text('x-stytch-member-sessionjwt'),
  }
  if (Object.values(fields).includes('')) fail('invalid_session_token', 'The header for the member session is empty.')
  const lookup = await lookUpPresentedMember(app, environment.project_id, fields)
  return requirePresentedMember(app, environment, fields, lookup)
}

/**
 * Lets a call of an acting member pass, or refuses it: `session_authorization_tenancy_error` for another organization,
 * `cannot_update_trusted_metadata`, and `session_authorization_error` without one of the permissions. `given` are the
 * names of the fields in the body.
 */
export async function authorizeActing(
  app: App,
  environment: Environment,
  { member: actor, organization }: PresentedMember,
  permission: MemberPermission,
  { organizations, member }: Target,
  given: string[],
): Promise<void> {
  for (const reference of organizations) {
    const { organization_id } = await getOrganization(app, environment, reference)
    if (organization_id !== organization.organization_id) fail('session_authorization_tenancy_error')
  }
  if (given.includes('trusted_metadata')) fail('cannot_update_trusted_metadata')
  const target = member ? await getMember(app, environment, organization, member) : undefined
  const isSelf = permission.self === true && target?.member_id === actor.member_id
  const policy = policyIn(environment.policy, organization)
  const held = standingOf(environment.policy, organization, actor).role_ids
  const may = (resource_id: string, action: string) =>
    authorize(policy, environment.vertical, held, { resource_id, action }).authorized
  for (const need of needsOf(permission, given)) {
    const { action, never_by_self } = need
    const allowed = may(permission.resource, action) || (isSelf && !never_by_self && may('stytch.self', action))
    if (!allowed) fail('session_authorization_error')
  }
}

function needsOf(
  { action, fields = {} }: MemberPermission,
  given: string[],
): { action: string; never_by_self: boolean }[] {
  const needed = given.flatMap((name) => (Object.hasOwn(fields, name) ? [fields[name] as string | ForOthers] : []))
  return [...(action === undefined ? [] : [action]), ...needed].map((one) =>
    typeof one === 'string' ? { action: one, never_by_self: false } : one,
  )
}
