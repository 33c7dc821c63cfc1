/** Signing members in by password (reference: b2b.md §1.5, §7.3). */
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import { findAddress, findStranger, takeAddressTurn } from '../addresses/address.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { sharesPasswords } from '../members/address_password.ts'
import { takeMemberTurn } from '../members/member.ts'
import { findPasswordOf, requirePasswordReset } from '../members/password.ts'
import { findMember, findMemberByAddress } from '../members/reference.ts'
import type { Member } from '../members/row.ts'
import { getOrganization } from '../organizations/reference.ts'
import type { Organization } from '../organizations/row.ts'
import { personalWords } from '../passwords/strength.ts'
import { refuseLocked } from './lock.ts'
import { type MemberSignIn, type SignInContext, signInMember } from './member.ts'
import { refuseForbiddenMethod } from './policy.ts'
import { type Presenting, readPresenting } from './presenting.ts'
import { type Kind, loggingIn, passwordProof } from './verified_password.ts'

/** Whose password it is, as a request names them. */
export type MemberNamed = { organization_id: string; email_address: string }

/**
 * Signs the member of an organization who has the address in by password. Refuses as `membersByAddress` and `loggingIn` do, with
 * `intermediate_session_not_found`, and as `signInMember` does.
 */
export function signInMemberByPassword(
  app: App,
  environment: Environment,
  given: MemberNamed & { password: string },
  presenting: Presenting,
): Promise<MemberSignIn> {
  const kind = membersByAddress(environment, given, (app) => readPresenting(app, environment, presenting))
  return loggingIn(app, environment, kind, given.password, async (app, member) => {
    const organization = await getOrganization(app, environment, member.organization_id)
    const context = await readPresenting(app, environment, presenting)
    const bound = !sharesPasswords(environment)
    return signInMember(app, environment, organization, member, passwordProof, { ...context, bound })
  })
}

/**
 * Members of an organization by their address, with the password that counts there. Who is not a member, or has no password, is
 * refused like a wrong one, after as long, and as often before a lock. Failures count for the member; but where others share the
 * password and nobody has proven the address for this one, for the address: an organization could otherwise guess at it for
 * ever, by adding members for an address of somebody else. Refuses with `invalid_email`, `organization_not_found`,
 * and with `operation_restricted_by_organization_auth_methods` where passwords cannot be used and `read` tells of no intermediate
 * session of the address.
 */
export function membersByAddress(
  environment: Environment,
  { organization_id, email_address: text }: MemberNamed,
  read: (app: App) => Promise<Pick<SignInContext, 'intermediate'>> = async () => ({}),
): Kind<Member> {
  const email_address = parseEmail(text) ?? fail('invalid_email')
  const isStandIn = (member: Member | undefined) =>
    member !== undefined &&
    sharesPasswords(environment) &&
    (member.status !== 'active' || !member.email_address_verified)
  return {
    refusal: 'member_reset_password',
    wordsAbout: wordsAboutMember,
    async find(app) {
      const organization = await getOrganization(app, environment, organization_id)
      const context = await read(app)
      const member = await findMemberByAddress(app, organization, email_address)
      const counted = await (isStandIn(member) ? findAddress(app, environment, email_address) : member)
      const owner = counted ?? (await findStranger(app, organization, email_address))
      refuseLocked(app, owner)
      refuseForbiddenPassword(organization, member, email_address, context)
      const stored = member && (await findPasswordOf(app, environment, member))
      return member && stored ? { owner: member, stored, counted: owner } : { owner, stored: undefined }
    },
    async hold(app, owner) {
      if ('user_id' in owner) return undefined
      if (!('member_id' in owner)) return { owner: await takeAddressTurn(app, owner), stored: undefined }
      const found = await findMember(app, environment, owner.member_id)
      if (!found || found.status === 'deleted') return undefined
      const { project_id } = environment
      const address = isStandIn(found) ? await takeAddressTurn(app, { project_id, email_address }) : undefined
      const member = await takeMemberTurn(app, found)
      if (member.email_address !== email_address) return undefined
      const stored = await findPasswordOf(app, environment, member)
      const counted = address ?? member
      return stored ? { owner: member, stored, counted } : { owner: counted, stored: undefined }
    },
    mustReset: ({ stored }) => stored.requires_reset,
    requireReset: (app, { stored }) => requirePasswordReset(app, environment, stored),
  }
}

/** Refuses passwords where they cannot be used, unless an intermediate session of the address tells of another method. */
export function refuseForbiddenPassword(
  organization: Organization,
  member: Member | undefined,
  email_address: string,
  { intermediate }: Pick<SignInContext, 'intermediate'>,
): void {
  if (intermediate?.record.email_address !== email_address) refuseForbiddenMethod(organization, member, 'password')
}

/** The words about a member that a password should not be made of. */
export function wordsAboutMember(member: Pick<Member, 'email_address' | 'name'>): string[] {
  return wordsAboutMembers(member.email_address, [member])
}

/** The words about whoever has an address, all members or none. */
export function wordsAboutMembers(email_address: string, members: Pick<Member, 'name'>[]): string[] {
  const names = members.flatMap(({ name }) => name.split(/\s+/))
  return personalWords([email_address], names)
}
