/** The second factor of members: what every operation that attaches, proves or replaces one has to check (reference: b2b.md §2, §3.3, §4.1). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import {
  getIntermediateSession,
  type IntermediateSession,
  refuseBoundElsewhere,
} from '../intermediate_sessions/intermediate_session.ts'
import { changeMember, takeMemberTurn } from '../members/member.ts'
import { getMember } from '../members/reference.ts'
import type { Member } from '../members/row.ts'
import { getOrganization } from '../organizations/reference.ts'
import type { MfaMethod, Organization } from '../organizations/row.ts'
import type { Proof } from '../sessions/factors.ts'
import {
  lookUpPresentedMember,
  type MemberLookup,
  type PresentedMember,
  requirePresentedMember,
  type SessionFields,
} from '../sessions/presented.ts'
import { gatherFactor, type Session, type SessionChange } from '../sessions/session.ts'
import { forgetFailedAttempts, refuseLocked } from './lock.ts'
import { admit, signInMember } from './member.ts'
import { isMfaMethodAllowed, requirementsOf } from './policy.ts'

/** How a request says what has been proven before. */
export type TokenFields = Pick<SessionFields, 'session_token' | 'session_jwt'> & {
  intermediate_session_token?: string | undefined
}
type Fields = TokenFields & { organization_id: string; member_id: string }

/** A member whom a request is about, and what it presents, which is that member's. */
export type Standing = {
  organization: Organization
  member: Member
  presented: PresentedMember | undefined
  /** Not looked up yet: that belongs into the transaction. */
  intermediate_session_token: string | undefined
}

/** The member alone, where nothing has to be presented. */
export type Place = Pick<Standing, 'organization' | 'member'>

/** The same in its transaction: nobody else changes the member until that ends. */
export type Turn = Place & {
  presented: PresentedMember | undefined
  intermediate: { record: IntermediateSession; token: string } | undefined
}

/** What a success makes of the member's settings; `set_mfa_enrollment` counts only where the organization leaves the choice. */
export type Enrolment = { set_mfa_enrollment: 'enroll' | 'unenroll' | undefined; set_default_mfa: boolean }

/** A member signed in for sure. */
export type SecondFactorSignIn = { organization: Organization; member: Member; session: Session }

/**
 * Starts the look-up of the presented session. Refuses more than one of the three tokens with `too_many_session_arguments`,
 * and with `needed` none of them with `no_session_arguments`.
 */
export function lookUpProven(
  app: App,
  project_id: string,
  fields: TokenFields,
  { needed }: { needed: boolean },
): Promise<MemberLookup> {
  const given = [fields.intermediate_session_token, fields.session_token, fields.session_jwt].filter(Boolean)
  const names = 'intermediate_session_token, session_token and session_jwt'
  if (given.length > 1) fail('too_many_session_arguments', `Include only one of ${names}.`)
  if (given.length === 0 && needed) fail('no_session_arguments', `Include one of ${names}.`)
  return lookUpPresentedMember(app, project_id, fields)
}

/**
 * The member whom a request is about, with the session it presents. Refuses what names no organization or member there, a
 * dead session, and with `member_session_member_id_mismatch` one of somebody else. With `signing_in`, a locked member is
 * refused before their session is looked at.
 */
export async function findStanding(
  app: App,
  environment: Environment,
  fields: Fields,
  lookup: MemberLookup,
  { signing_in }: { signing_in: boolean },
): Promise<Standing> {
  const organization = await getOrganization(app, environment, fields.organization_id)
  const member = await getMember(app, environment, organization, fields.member_id)
  if (signing_in) refuseLocked(app, member)
  const presented = await requirePresentedMember(app, environment, fields, lookup)
  if (presented && presented.member.member_id !== member.member_id) fail('member_session_member_id_mismatch')
  const intermediate_session_token = fields.intermediate_session_token || undefined
  return { organization, member, presented, intermediate_session_token }
}

/**
 * Takes the member's turn: what is tried for one member is tried in a row, so that no guess is weighed before those ahead of
 * it are counted. Refuses with `intermediate_session_not_found`, with `member_session_member_id_mismatch` one of another
 * address, and with `invalid_intermediate_session_token_for_organization` one whose factors count elsewhere only.
 */
export async function takeTurnOf(
  app: App,
  environment: Environment,
  { organization, member: known, presented, intermediate_session_token: token }: Place & Partial<Standing>,
  { signing_in }: { signing_in: boolean },
): Promise<Turn> {
  const member = await takeMemberTurn(app, await getMember(app, environment, organization, known.member_id))
  if (signing_in) refuseLocked(app, member)
  if (token === undefined) return { organization, member, presented, intermediate: undefined }
  const record = await getIntermediateSession(app, environment, token)
  if (record.email_address !== member.email_address) fail('member_session_member_id_mismatch')
  refuseBoundElsewhere(record, organization)
  return { organization, member, presented, intermediate: { record, token } }
}

/** Refuses a second factor that the organization does not allow the member. */
export function requireMethod({ organization, member }: Place, method: MfaMethod): void {
  if (!isMfaMethodAllowed(organization, member, method)) fail('operation_restricted_by_organization_mfa_methods')
}

/** Refuses an intermediate session that does not meet what the organization requires of the first factor. */
export function requirePrimary({ organization: { settings }, member, intermediate }: Turn): void {
  if (!intermediate) return
  const { authentication_factors: factors, details } = intermediate.record
  const address_proven = details.address_proven === true
  const { primary_required } = requirementsOf({ settings, member, factors, address_proven })
  if (primary_required) fail('action_available_only_once_primary_authentication_is_met')
}

/**
 * Lets a member in to whom a second factor is attached. Somebody invited or pending is let in by an intermediate session that
 * meets what is required of the first factor, and is active then. Refuses with `action_available_only_for_active_members`
 * without one.
 */
export async function admitToEnrolment(app: App, environment: Environment, turn: Turn): Promise<Turn> {
  const { member, intermediate } = turn
  if (member.status !== 'active' && !intermediate) fail('action_available_only_for_active_members')
  requirePrimary(turn)
  if (!intermediate) return turn
  return { ...turn, member: await admit(app, environment, member, intermediate.record.authentication_factors) }
}

/**
 * Refuses with `secondary_factor_not_found` to attach a second factor, or to verify one that was attached before, unless
 * session or intermediate session contain the verified one of the other method, if there is one: who has a second factor has
 * to prove it first, otherwise a new one, or one that was left unverified in advance, would get around it.
 */
export function requireFactorBeside({ member, presented, intermediate }: Turn, method: MfaMethod): void {
  const { totp, mfa_phone } = member
  const factors = (presented?.session ?? intermediate?.record)?.authentication_factors ?? []
  const isProven =
    method === 'sms_otp'
      ? !totp?.verified ||
        factors.some((one) => one.type === 'totp' && one.authenticator_app_factor.totp_id === totp.totp_id)
      : !mfa_phone?.verified ||
        factors.some((one) => one.type === 'otp' && one.phone_number_factor.phone_id === mfa_phone.phone_id)
  if (!isProven) fail('secondary_factor_not_found')
}

/** Reads what a request wants of the member's settings. Refuses with `bad_request` another word than the two. */
export function readEnrolment(fields: {
  set_mfa_enrollment?: string | undefined
  set_default_mfa?: boolean | undefined
}): Enrolment {
  const { set_mfa_enrollment, set_default_mfa = false } = fields
  if (set_mfa_enrollment && set_mfa_enrollment !== 'enroll' && set_mfa_enrollment !== 'unenroll') {
    fail('bad_request', 'set_mfa_enrollment must be enroll or unenroll.')
  }
  return { set_mfa_enrollment: (set_mfa_enrollment || undefined) as Enrolment['set_mfa_enrollment'], set_default_mfa }
}

/**
 * What becomes of the member by a second factor that was just proven: `part` is the factor as it is now. The first method
 * that is ever completed becomes the default one. Writes only what changes.
 */
export function settleMember(
  app: App,
  { organization: { settings }, member }: Turn,
  method: MfaMethod,
  { set_mfa_enrollment, set_default_mfa }: Enrolment,
  part: Partial<Pick<Member, 'mfa_phone' | 'totp'>>,
): Promise<Member> {
  const chosen = set_mfa_enrollment === undefined ? member.mfa_enrolled : set_mfa_enrollment === 'enroll'
  const mfa_enrolled = settings.mfa_policy === 'REQUIRED_FOR_ALL' || chosen
  return changeMember(app, member, (_, current) => {
    const isDefault = set_default_mfa || current.default_mfa_method === ''
    const default_mfa_method = isDefault ? method : current.default_mfa_method
    const next = { ...current, ...part, mfa_enrolled, default_mfa_method }
    return JSON.stringify(next) === JSON.stringify(current) ? current : next
  })
}

/**
 * Signs the member in by a second factor: it joins the presented session, or the intermediate session becomes a session and
 * is used up. Belongs into the transaction of the proof, after everything that may refuse it.
 */
export async function signInBySecondFactor(
  app: App,
  environment: Environment,
  { organization, presented, intermediate }: Turn,
  member: Member,
  proof: Proof,
  change: SessionChange,
): Promise<SecondFactorSignIn> {
  if (presented) {
    await forgetFailedAttempts(app, member)
    const session = await gatherFactor(app, environment, presented.session.session_id, proof, change)
    return { organization, member, session }
  }
  const signIn = await signInMember(app, environment, organization, member, proof, { intermediate, change })
  // All that could be missing was checked before the proof.
  if (!signIn.session) throw new Error('A second factor of an allowed method did not complete the sign-in.')
  return { organization, member: signIn.member, session: signIn.session }
}
