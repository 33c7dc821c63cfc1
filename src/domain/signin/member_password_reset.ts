/** Resetting passwords of members: by a mailed link, by the existing password, by a fresh session (reference: b2b.md §7.3). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { endIntermediateSessionsOf } from '../intermediate_sessions/intermediate_session.ts'
import { withoutEmailUpdate } from '../members/address.ts'
import { sharesPasswords } from '../members/address_password.ts'
import { changeMember } from '../members/member.ts'
import { amongSharers, findPasswordOf, givePassword, holdSharers, type Sharers } from '../members/password.ts'
import { findMember } from '../members/reference.ts'
import type { Member } from '../members/row.ts'
import { getOrganization } from '../organizations/reference.ts'
import { type AcceptedPassword, acceptNewPassword } from '../passwords/acceptance.ts'
import { consumeOneTimeToken, type OneTimeToken } from '../proofs/one_time_token.ts'
import { verifyPkce } from '../proofs/pkce.ts'
import { type AuthenticationFactor, isImpersonated } from '../sessions/factors.ts'
import type { PresentedMember } from '../sessions/presented.ts'
import { getLivingSession, revokeSessionsOf, type Session } from '../sessions/session.ts'
import { requireFreshFactor } from './fresh_factor.ts'
import { refuseLocked } from './lock.ts'
import { type MemberSignIn, type SignInContext, signInMember } from './member.ts'
import { type MemberNamed, membersByAddress, refuseForbiddenPassword, wordsAboutMember } from './member_password.ts'
import { refuseForbiddenMethod } from './policy.ts'
import { type Presenting, readPresenting } from './presenting.ts'
import { findResetToken } from './reset_token.ts'
import { passwordProof, replacingPassword } from './verified_password.ts'

/**
 * Sets the password of the member whom a reset link was mailed to, proves the address, ends all sessions and signs in. Refuses
 * with `unable_to_auth_password_reset_token`, with `operation_restricted_by_organization_auth_methods`, with PKCE errors, as a
 * new password is refused, and as `signInMember` does; nothing but a success burns the token.
 */
export async function resetMemberPasswordByEmail(
  app: App,
  environment: Environment,
  given: { token: string; password: string; code_verifier?: string | undefined },
  presenting: Presenting,
): Promise<MemberSignIn & { email_id: string }> {
  const context = await readPresenting(app, environment, presenting)
  const token = await findResetToken(app, environment, 'password reset', given.token)
  const member = addressee(token, await findMember(app, environment, token.owner_id))
  refuseLocked(app, member)
  verifyPkce(token.details.code_challenge, given.code_verifier)
  const organization = await getOrganization(app, environment, member.organization_id)
  refuseForbiddenPassword(organization, member, member.email_address, context)
  const continued = ownSession(presenting.presented, member)
  const accepted = await acceptNewPassword(app, environment, given.password, wordsAboutMember(member))
  return app.transaction(async (app) => {
    const sharers = await holdSharers(app, environment, token.owner_id)
    const current = addressee(token, amongSharers(sharers, token.owner_id))
    refuseLocked(app, current)
    if (!(await consumeOneTimeToken(app, token))) fail('unable_to_auth_password_reset_token')
    const context = { ...(await readPresenting(app, environment, presenting)), continued, address_proven: true }
    const signIn = await replacePassword(app, environment, sharers as Sharers, current, accepted, context)
    return { ...signIn, email_id: token.method_id }
  })
}

/** Whom a link was mailed to; it is void once the member has gone, or has got another address. */
function addressee({ method_id }: OneTimeToken, member: Member | undefined): Member {
  const isTheirs = member?.email_id === method_id && member.status !== 'deleted'
  return isTheirs ? member : fail('unable_to_auth_password_reset_token')
}

/**
 * Replaces a password by somebody who knows it, ends all sessions and signs in. Refuses as `membersByAddress`,
 * `replacingPassword` and `signInMember` do.
 */
export function resetMemberPasswordByExisting(
  app: App,
  environment: Environment,
  given: MemberNamed & { existing_password: string; new_password: string },
  presenting: Presenting,
): Promise<MemberSignIn> {
  return replacingPassword(app, environment, membersByAddress(environment, given), given, {
    hold: (app, { member_id }) => holdSharers(app, environment, member_id),
    async finish(app, member, accepted, sharers) {
      const continued = ownSession(presenting.presented, member)
      const context = { ...(await readPresenting(app, environment, presenting)), continued }
      return replacePassword(app, environment, sharers as Sharers, member, accepted, context)
    },
  })
}

/**
 * Sets the password of the member of a session in which the address or the password was proven within the last five minutes; all
 * other sessions end. Refuses with `no_session_arguments`, with `session_authorization_tenancy_error` a session of another
 * organization than the one named, with `operation_restricted_by_organization_auth_methods`, with
 * `member_has_no_active_verified_email` before anybody has proven the address (else whoever an organization vouches for could
 * choose the password of the mailbox), as `requireFreshFactor` does, and as a new password is refused.
 */
export async function resetMemberPasswordBySession(
  app: App,
  environment: Environment,
  { organization_id, password }: { organization_id: string; password: string },
  { presented, change, locale }: Presenting,
): Promise<MemberSignIn> {
  if (!presented) fail('no_session_arguments')
  const { session, member } = presented
  const organization = await getOrganization(app, environment, organization_id)
  if (organization.organization_id !== member.organization_id) fail('session_authorization_tenancy_error')
  if (isImpersonated(session.authentication_factors)) fail('session_not_mutable')
  refuseForbiddenMethod(organization, member, 'password')
  await checkSession(app, environment, session, member)
  const accepted = await acceptNewPassword(app, environment, password, wordsAboutMember(member))
  return app.transaction(async (app) => {
    const sharers = await holdSharers(app, environment, member.member_id)
    const current = amongSharers(sharers, member.member_id) ?? fail('session_not_found')
    const living = await getLivingSession(app, environment.project_id, session.session_id)
    await checkSession(app, environment, living, current)
    const next = await setPassword(app, environment, sharers as Sharers, current, accepted, { kept: living })
    const context = { presented: { ...presented, member: next }, change, locale }
    return signInMember(app, environment, organization, next, passwordProof, context)
  })
}

/** Whether a session may choose the password of its member at this moment. */
async function checkSession(app: App, environment: Environment, session: Session, member: Member): Promise<void> {
  refuseLocked(app, member)
  if (!member.email_address_verified) fail('member_has_no_active_verified_email')
  const stored = await findPasswordOf(app, environment, member)
  // What the member has no more, or must reset, proves nothing any more; neither does an address the member had.
  const counts = (factor: AuthenticationFactor) =>
    factor.type === 'password'
      ? stored?.requires_reset === false
      : 'email_factor' in factor && factor.email_factor.email_address === member.email_address
  requireFreshFactor(session.authentication_factors, app.now(), counts)
}

/** The presented session, if it is the member's own; one of another member is ignored. */
function ownSession(presented: PresentedMember | undefined, { member_id }: Member): Session | undefined {
  if (presented?.session.owner_id !== member_id) return undefined
  if (isImpersonated(presented.session.authentication_factors)) fail('session_not_mutable')
  return presented.session
}

/** Stores the new password, ends all sessions, and signs in. A presented session ends, too, and is continued by a new one. */
async function replacePassword(
  app: App,
  environment: Environment,
  sharers: Sharers,
  member: Member,
  accepted: AcceptedPassword,
  context: SignInContext,
): Promise<MemberSignIn> {
  const { continued, intermediate, address_proven } = context
  if (continued) await getLivingSession(app, environment.project_id, continued.session_id)
  const ending = { intermediate: intermediate?.record, address_proven }
  const next = await setPassword(app, environment, sharers, member, accepted, ending)
  const organization = await getOrganization(app, environment, member.organization_id)
  const bound = !sharesPasswords(environment)
  const signingIn = { ...context, presented: undefined, bound }
  return signInMember(app, environment, organization, next, passwordProof, signingIn)
}

/**
 * Ends all sessions of everybody who has a password, and what is on the way to one, but for those of the call itself, and stores
 * the one that a member sets. Returns the member as of then.
 */
async function setPassword(
  app: App,
  environment: Environment,
  sharers: Sharers,
  { member_id, organization_id }: Member,
  accepted: AcceptedPassword,
  {
    kept,
    intermediate,
    address_proven = false,
  }: {
    kept?: Session
    intermediate?: NonNullable<SignInContext['intermediate']>['record'] | undefined
    address_proven?: boolean | undefined
  },
): Promise<Member> {
  const change = (_: App, member: Member) =>
    address_proven && !member.email_address_verified ? { ...member, email_address_verified: true } : member
  const place = sharesPasswords(environment) ? {} : { organization_id }
  await endSessionsOfSharers(app, environment, sharers, { ...place, kept, intermediate })
  const members = await givePassword(app, environment, sharers, accepted, { member_id, change })
  return amongSharers({ members }, member_id) as Member
}

/**
 * Ends the sessions of everybody who has a password, intermediate ones of the address (in an organization, or in all), and
 * changes of address that somebody who was in may have asked for.
 */
export async function endSessionsOfSharers(
  app: App,
  environment: Environment,
  { email_address, members }: Sharers,
  {
    organization_id,
    kept,
    intermediate: except,
  }: {
    organization_id?: string
    kept?: Session | undefined
    intermediate?: NonNullable<SignInContext['intermediate']>['record'] | undefined
  } = {},
): Promise<void> {
  const member_ids = members.map(({ member_id }) => member_id)
  await revokeSessionsOf(app, environment, member_ids, kept?.session_id)
  // They are held, so nothing has changed about them; and there may be thousands, all made by the one who resets.
  for (const member of members.filter(({ email_update }) => email_update)) {
    await changeMember(app, member, (app, current) => withoutEmailUpdate(app, environment, current))
  }
  await endIntermediateSessionsOf(app, environment, email_address, { organization_id, except })
}
