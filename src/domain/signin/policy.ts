/** What an organization still asks of somebody who has proven something: the one decision behind every sign-in of members (reference: b2b.md §1.5). */
import { fail } from '../../errors.ts'
import type { Member } from '../members/row.ts'
import {
  type AuthMethod,
  authMethods,
  type MfaMethod,
  type Organization,
  type OrganizationSettings,
} from '../organizations/row.ts'
import type { AuthenticationFactor, Proof } from '../sessions/factors.ts'

/** What the decision depends on. */
export type Evidence = {
  settings: Pick<
    OrganizationSettings,
    'auth_methods' | 'allowed_auth_methods' | 'mfa_policy' | 'mfa_methods' | 'allowed_mfa_methods'
  >
  member: Pick<
    Member,
    'status' | 'email_address' | 'email_address_verified' | 'is_breakglass' | 'mfa_enrolled' | 'mfa_phone' | 'totp'
  >
  /** All that has been proven in this sign-in, first and second factors alike, for this member. */
  factors: (Proof | AuthenticationFactor)[]
  /** Whether the address is known to be the member's by another way, for example a password set through a mailed link. */
  address_proven?: boolean
  /** Whether a living session of the same member was presented, which meets the second requirement. */
  session_presented?: boolean
}

/** `null` for what is met. An empty list of methods never occurs. */
export type Requirements = {
  primary_required: { allowed_auth_methods: AuthMethod[] } | null
  mfa_required: boolean
}

/** The order in which missing methods are shown; those that prove an address come first. */
const proving: AuthMethod[] = ['sso', 'magic_link', 'password', 'google_oauth', 'microsoft_oauth', 'email_otp']
const second = new Set<string>(['otp', 'totp', 'recovery_codes'])

/** What is still required. Both may be; then the first factor comes first. */
export function requirementsOf(evidence: Evidence): Requirements {
  const { settings, member, factors } = evidence
  const primary = factors.filter((factor) => !isSecond(factor))
  const restricted = settings.auth_methods === 'RESTRICTED' && !member.is_breakglass
  const allowed = restricted
    ? primary.some((factor) => isAllowed(settings.allowed_auth_methods, factor))
    : primary.length > 0
  const unproven = needsProof(evidence) && !primary.some((factor) => provesAddress(factor, member.email_address))
  const methods = restricted
    ? settings.allowed_auth_methods
    : [...proving, ...authMethods.filter((one) => !proving.includes(one))]
  const able = methods.filter((method) => proving.includes(method))
  const shown = unproven && able.length > 0 ? able : methods
  return {
    primary_required: allowed && !unproven ? null : { allowed_auth_methods: shown },
    mfa_required: needsMfa(evidence) && !evidence.session_presented && !hasSecondFactor(evidence),
  }
}

/** Whether a factor is a second one, which never lets anybody in by itself. */
export function isSecond({ type }: Pick<AuthenticationFactor, 'type'>): boolean {
  return second.has(type)
}

/**
 * Refuses with `operation_restricted_by_organization_auth_methods` a method that the organization forbids this member, or
 * somebody who is none yet; for operations that use one method and bring no others along (reference: b2b.md §1.5, OC-10).
 */
export function refuseForbiddenMethod(
  organization: Pick<Organization, 'settings'>,
  member: Pick<Member, 'is_breakglass'> | undefined,
  method: AuthMethod,
): void {
  if (isForbiddenMethod(organization, member, method)) fail('operation_restricted_by_organization_auth_methods')
}

/** Whether an organization forbids this member, or somebody who is none yet, a method. */
export function isForbiddenMethod(
  { settings }: Pick<Organization, 'settings'>,
  member: Pick<Member, 'is_breakglass'> | undefined,
  method: AuthMethod,
): boolean {
  if (settings.auth_methods !== 'RESTRICTED' || member?.is_breakglass) return false
  return !settings.allowed_auth_methods.includes(method)
}

/** The method of an organization's settings that a factor counts as; undefined for those that no setting names. */
export function methodOf({ type }: Pick<AuthenticationFactor, 'type'>): AuthMethod | undefined {
  return type === 'magic_link' || type === 'email_otp' || type === 'password' ? type : undefined
}

/** Whether a factor proves that the address is whose it says. */
export function provesAddress(factor: Proof | AuthenticationFactor, email_address: string): boolean {
  return 'email_factor' in factor && factor.email_factor.email_address === email_address
}

function isAllowed(allowed: AuthMethod[], factor: Proof | AuthenticationFactor): boolean {
  const method = methodOf(factor)
  return method !== undefined && allowed.includes(method)
}

/** Somebody who has not been let in yet, or whose address was never proven, has to prove it. */
function needsProof({ member, address_proven }: Evidence): boolean {
  if (address_proven) return false
  return member.status === 'pending' || member.status === 'invited' || !member.email_address_verified
}

function needsMfa({ settings, member }: Evidence): boolean {
  return settings.mfa_policy === 'REQUIRED_FOR_ALL' || member.mfa_enrolled
}

/** Whether a member may use that second factor in the organization; breakglass members may use every one. */
export function isMfaMethodAllowed(
  { settings }: Pick<Evidence, 'settings'>,
  { is_breakglass }: Pick<Member, 'is_breakglass'>,
  method: MfaMethod,
): boolean {
  return settings.mfa_methods === 'ALL_ALLOWED' || is_breakglass || settings.allowed_mfa_methods.includes(method)
}

function hasSecondFactor({ settings, member, factors }: Evidence): boolean {
  const allowed = (method: MfaMethod) => isMfaMethodAllowed({ settings }, member, method)
  return factors.some((factor) => {
    if (!isOwn(member, factor)) return false
    return factor.type === 'otp' ? allowed('sms_otp') : isSecond(factor) && allowed('totp')
  })
}

/** Whether a second factor is the member's: an intermediate session may bring those of a member of another organization. */
function isOwn({ mfa_phone, totp }: Evidence['member'], factor: Proof | AuthenticationFactor): boolean {
  if ('phone_number_factor' in factor) return factor.phone_number_factor.phone_id === mfa_phone?.phone_id
  if ('authenticator_app_factor' in factor) return factor.authenticator_app_factor.totp_id === totp?.totp_id
  return true
}
