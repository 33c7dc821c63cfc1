/** Requiring that the password of an address be reset, where members share one (reference: b2b.md §7.3 "email/require_reset"). */
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { getOrganization } from '../organizations/reference.ts'
import type { Organization } from '../organizations/row.ts'
import { findPassword } from '../passwords/password.ts'
import type { PresentedMember } from '../sessions/presented.ts'
import { sharesPasswords } from './address_password.ts'
import { amongSharers, holdSharersOf, requirePasswordReset, takePassword } from './password.ts'
import { findMember, findMemberByAddress, getMember } from './reference.ts'
import type { Member } from './row.ts'

/** Whose password it is, as a request names them: by the address, in an organization if one is given. */
export type AddressNamed = {
  email_address: string
  organization_id?: string | undefined
  member_id?: string | undefined
}

/** Refuses with `cross_org_passwords_not_enabled` where every member has a password of their own. */
export function requireSharedPasswords(environment: Environment): void {
  if (!sharesPasswords(environment)) fail('cross_org_passwords_not_enabled')
}

/**
 * Lets nobody log in with the password of an address before it was reset; when at most one active member has it, it is removed.
 * Sessions stay. A member who acts (`acting`) reaches members of the own organization, and no password that somebody uses in
 * another one: `session_authorization_tenancy_error`. Refuses with `cross_org_passwords_not_enabled`, with `email_not_found`
 * what nobody has, with `member_not_found` a member of another address, and with `member_password_not_found`. Returns the
 * member and the organization that were named.
 */
export async function requireResetByAddress(
  app: App,
  environment: Environment,
  given: AddressNamed,
  acting?: PresentedMember,
): Promise<{ organization: Organization | undefined; member: Member | undefined }> {
  requireSharedPasswords(environment)
  const email_address = parseEmail(given.email_address) ?? fail('invalid_email')
  const organization = acting?.organization ?? (await named(app, environment, given.organization_id))
  const known = await findNamed(app, environment, organization, email_address, given.member_id)
  return app.transaction(async (app) => {
    const sharers = await holdSharersOf(app, environment, email_address)
    const member = known && (amongSharers(sharers, known.member_id) ?? fail('member_not_found'))
    const stored = await findPassword(app, environment, email_address)
    if (!stored) fail(sharers.members.length > 0 ? 'member_password_not_found' : 'email_not_found')
    const users = sharers.members.filter(({ status }) => status === 'active')
    const isElsewhere = ({ organization_id }: Member) => organization_id !== acting?.organization.organization_id
    if (acting && users.some(isElsewhere)) fail('session_authorization_tenancy_error')
    if (users.length > 1) {
      await requirePasswordReset(app, environment, stored)
      return { organization, member }
    }
    const members = await takePassword(app, environment, sharers, stored)
    return { organization, member: member && amongSharers({ members }, member.member_id) }
  })
}

function named(app: App, environment: Environment, reference: string | undefined): Promise<Organization | undefined> {
  return reference ? getOrganization(app, environment, reference) : Promise.resolve(undefined)
}

/** The member of the address whom the request names; undefined when it names an address alone. */
async function findNamed(
  app: App,
  environment: Environment,
  organization: Organization | undefined,
  email_address: string,
  member_id: string | undefined,
): Promise<Member | undefined> {
  if (!organization && !member_id) return undefined
  if (!member_id) {
    return (organization && (await findMemberByAddress(app, organization, email_address))) ?? fail('email_not_found')
  }
  const member = organization
    ? await getMember(app, environment, organization, member_id)
    : await findMember(app, environment, member_id)
  const isTheirs = member?.email_address === email_address && member.status !== 'deleted'
  return isTheirs ? member : fail('member_not_found')
}
