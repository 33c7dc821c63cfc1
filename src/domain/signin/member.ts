/** What a proof leads to in an organization: a session, or an intermediate session with what is still required (reference: b2b.md §1.5). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import {
  consumeIntermediateSession,
  type IntermediateSession,
  refuseBoundElsewhere,
  replaceFactors,
  startIntermediateSession,
} from '../intermediate_sessions/intermediate_session.ts'
import { sharesPasswords } from '../members/address_password.ts'
import { changeMember, takeMemberTurn } from '../members/member.ts'
import { findPasswordOf, requirePasswordReset } from '../members/password.ts'
import type { Member } from '../members/row.ts'
import type { Organization } from '../organizations/row.ts'
import { type AuthenticationFactor, addProof, mergeFactors, type Proof } from '../sessions/factors.ts'
import type { PresentedMember } from '../sessions/presented.ts'
import {
  gatherFactor,
  revokeSessionsOf,
  type Session,
  type SessionChange,
  startSession,
  startSessionWith,
} from '../sessions/session.ts'
import { forgetFailedAttempts, refuseLocked } from './lock.ts'
import { sendMfaCodeEarly } from './mfa_code.ts'
import { type Requirements, requirementsOf } from './policy.ts'

/** What a new session of a member lasts unless the request says otherwise, in minutes. */
export const usualMinutes = 60

export type MfaRequired = {
  /** Null when the member has no second factor yet. The number is masked. */
  member_options: { mfa_phone_number: string; totp_registration_id: string } | null
  secondary_auth_initiated: 'sms_otp' | null
}

export type MemberSignIn = {
  organization: Organization
  member: Member
  /** Undefined while something is still required. */
  session: Session | undefined
  /** Set while something is still required. `token` is what the person goes on with. */
  intermediate: { token: string; expires_at: number } | undefined
  mfa_required: MfaRequired | null
  primary_required: Requirements['primary_required']
}

/** What a sign-in brings along beside the proof it makes. */
export type SignInContext = {
  /** The session that the request presents; one of another member is ignored. */
  presented?: PresentedMember | undefined
  /** The intermediate session that the request presents, with its token; one of another address is ignored. */
  intermediate?: { record: IntermediateSession; token: string } | undefined
  /**
   * A session of the member that this transaction has ended. It counts as a presented one does, and the new session goes on with
   * its factors, its claims and the time it had left.
   */
  continued?: Session | undefined
  change: SessionChange
  /** The language of a code that is sent by itself; undefined for operations that send none. */
  locale?: Parameters<typeof sendMfaCodeEarly>[4]
  /** Factors carried over from elsewhere, with the times they were made at. */
  carried?: AuthenticationFactor[]
  /**
   * Whether the address was proven in this very flow by another way than a factor, as by a password that was set through a mailed
   * link. An intermediate session keeps that.
   */
  address_proven?: boolean
  /** Whether the address is known by an earlier proof; that is not kept. */
  address_known?: boolean
  /** Whether what was proven counts in this organization only, as a password does. */
  bound?: boolean
}

/**
 * Signs a member in who has just proven something, or has it carried over; belongs into the transaction of the proof. With
 * all requirements met there is a session: the presented one with the new factor, or a new one; the intermediate session is
 * used up then. Otherwise there is an intermediate session: the presented one, or a new one. Refuses a locked member.
 */
export async function signInMember(
  app: App,
  environment: Environment,
  organization: Organization,
  known: Member,
  proof: Proof | undefined,
  context: SignInContext,
): Promise<MemberSignIn> {
  const current = await takeMemberTurn(app, known)
  refuseLocked(app, current)
  const presented = context.presented?.member.member_id === current.member_id ? context.presented : undefined
  const intermediate = intermediateOf(current, context.intermediate)
  const carried = context.carried ?? []
  const brought = intermediate?.record.authentication_factors ?? []
  const add = (factors: AuthenticationFactor[]) => (proof ? addProof(factors, proof, app.now()) : factors)
  // What does not count for this member stays in the intermediate session: it may for another one of the same address.
  const kept = add([...brought, ...carried])
  const factors = add([...ownFactors(current, brought), ...carried])
  const evidence = {
    settings: organization.settings,
    factors: [...((presented?.session ?? context.continued)?.authentication_factors ?? []), ...factors],
    address_proven:
      context.address_proven || context.address_known || intermediate?.record.details.address_proven === true,
    session_presented: presented !== undefined || context.continued !== undefined,
  }
  const requirements = requirementsOf({ ...evidence, member: current })
  const own = presented?.session.session_id
  const member = requirements.primary_required ? current : await admit(app, environment, current, evidence.factors, own)
  if (requirements.primary_required || requirements.mfa_required) {
    return withhold(app, environment, organization, member, requirements, kept, intermediate, context)
  }
  await forgetFailedAttempts(app, member)
  if (intermediate) await consumeIntermediateSession(app, intermediate.record)
  const session = await open(app, environment, member, proof, factors, presented, context)
  return { organization, member, session, intermediate: undefined, mfa_required: null, primary_required: null }
}

/**
 * The intermediate session as far as it is the member's: one of another address is ignored. Refuses with
 * `invalid_intermediate_session_token_for_organization` one that counts in another organization only.
 */
function intermediateOf(member: Member, given: SignInContext['intermediate']): SignInContext['intermediate'] {
  if (given?.record.email_address !== member.email_address) return undefined
  refuseBoundElsewhere(given.record, member)
  return given
}

/**
 * The factors of an intermediate session that count for this member, as their own: they may have been made in another
 * organization, or in none. The address is the same there and here; a number counts when it is the same and verified here,
 * an app when it is this member's. What was proven both here and there is one factor.
 */
export function ownFactors(
  member: Pick<Member, 'email_id' | 'email_address' | 'mfa_phone' | 'totp'>,
  factors: AuthenticationFactor[],
): AuthenticationFactor[] {
  return mergeFactors(factors.flatMap((factor) => asOwn(member, factor)))
}

function asOwn(member: Parameters<typeof ownFactors>[0], factor: AuthenticationFactor): AuthenticationFactor[] {
  const { email_id, email_address, mfa_phone, totp } = member
  if ('email_factor' in factor) {
    if (factor.email_factor.email_address !== email_address) return []
    return [{ ...factor, email_factor: { email_id, email_address } }]
  }
  if ('phone_number_factor' in factor) {
    if (!mfa_phone?.verified || mfa_phone.phone_number !== factor.phone_number_factor.phone_number) return []
    const { phone_id, phone_number } = mfa_phone
    return [{ ...factor, phone_number_factor: { phone_id, phone_number } }]
  }
  if ('authenticator_app_factor' in factor) {
    return totp?.verified && totp.totp_id === factor.authenticator_app_factor.totp_id ? [factor] : []
  }
  // Nothing tells whose recovery code it was.
  return factor.type === 'recovery_codes' ? [] : [factor]
}

/**
 * Active, and with a verified address: what let the member in has proven it (reference: b2b.md §1.5 step 10). Until then
 * somebody else may have prepared the membership, so with the first proof of the address other sessions than `session_id` end,
 * and a password that is not among the factors has to be reset (reference: README "first proof of an unverified address").
 */
export async function admit(
  app: App,
  environment: Environment,
  member: Member,
  factors: Pick<AuthenticationFactor, 'type'>[],
  session_id?: string,
): Promise<Member> {
  if (member.status === 'active' && member.email_address_verified) return member
  const isPrepared = !member.email_address_verified
  if (isPrepared) await revokeSessionsOf(app, environment, member.member_id, session_id)
  const isStrange = isPrepared && !factors.some(({ type }) => type === 'password')
  // What members share by an address is never set without its proof, or by the backend.
  if (isStrange && member.password && !sharesPasswords(environment)) {
    const stored = await findPasswordOf(app, environment, member)
    if (stored) await requirePasswordReset(app, environment, stored)
  }
  return changeMember(app, member, (_, current) => ({ ...current, status: 'active', email_address_verified: true }))
}

async function open(
  app: App,
  environment: Environment,
  member: Member,
  proof: Proof | undefined,
  factors: AuthenticationFactor[],
  presented: PresentedMember | undefined,
  { change, continued }: SignInContext,
): Promise<Session> {
  if (presented && proof) return gatherFactor(app, environment, presented.session.session_id, proof, change)
  if (continued && proof) return goOn(app, environment, member, proof, continued, change)
  if (factors.length === 0) fail('insufficient_factors_for_session_exchange')
  const duration_minutes = change.duration_minutes ?? usualMinutes
  return startSessionWith(app, environment, member.member_id, factors, { ...change, duration_minutes })
}

function goOn(
  app: App,
  environment: Environment,
  { member_id }: Member,
  proof: Proof,
  continued: Session,
  { duration_minutes, ...change }: SessionChange,
): Promise<Session> {
  const lifetime = duration_minutes === undefined ? { expires_at: continued.expires_at } : { duration_minutes }
  return startSession(app, environment, member_id, proof, { ...change, ...lifetime }, continued)
}

async function withhold(
  app: App,
  environment: Environment,
  organization: Organization,
  member: Member,
  { primary_required, mfa_required }: Requirements,
  factors: AuthenticationFactor[],
  given: { record: IntermediateSession; token: string } | undefined,
  { locale, bound = false, address_proven = false }: SignInContext,
): Promise<MemberSignIn> {
  const intermediate = given
    ? await regather(app, organization, given, factors, { bound, address_proven })
    : await startIntermediate(app, environment, organization, member, factors, { bound, address_proven })
  if (!mfa_required) {
    return { organization, member, session: undefined, intermediate, mfa_required: null, primary_required }
  }
  const sent =
    primary_required === null &&
    locale !== undefined &&
    (await sendMfaCodeEarly(app, environment, organization, member, locale))
  const secondary_auth_initiated = sent ? 'sms_otp' : null
  const options = { member_options: mfaOptionsOf(member), secondary_auth_initiated } as const
  return { organization, member, session: undefined, intermediate, mfa_required: options, primary_required }
}

/** The presented one with what it holds now. One that gains what counts here only ends to count elsewhere. */
async function regather(
  app: App,
  { organization_id }: Organization,
  { record, token }: { record: IntermediateSession; token: string },
  factors: AuthenticationFactor[],
  { bound, address_proven }: { bound: boolean; address_proven: boolean },
) {
  const isSame = JSON.stringify(factors) === JSON.stringify(record.authentication_factors)
  const bound_to = bound ? organization_id : undefined
  if (!isSame || address_proven) await replaceFactors(app, record, factors, { bound_to, address_proven })
  return { token, expires_at: record.expires_at }
}

async function startIntermediate(
  app: App,
  environment: Environment,
  { organization_id }: Organization,
  { email_address }: Member,
  authentication_factors: AuthenticationFactor[],
  details: { bound: boolean; address_proven: boolean },
) {
  const given = { email_address, organization_id, authentication_factors, details }
  const { intermediate, token } = await startIntermediateSession(app, environment, given)
  return { token, expires_at: intermediate.expires_at }
}

/** What the member can use as a second factor; the number shows its last four digits only. */
export function mfaOptionsOf({ mfa_phone, totp }: Pick<Member, 'mfa_phone' | 'totp'>): MfaRequired['member_options'] {
  const phone_number = mfa_phone?.verified ? mfa_phone.phone_number : ''
  const totp_registration_id = totp?.verified ? totp.totp_id : ''
  if (phone_number === '' && totp_registration_id === '') return null
  return { mfa_phone_number: masked(phone_number), totp_registration_id }
}

function masked(phone_number: string): string {
  const digits = phone_number.replace('+', '')
  return digits.slice(-4).padStart(digits.length, 'X')
}
