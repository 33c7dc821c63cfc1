/** Exchanging the session of a member for one in another organization: `sessions.exchange` (reference: b2b.md §1.9). */
import type { Locale } from '../../delivery/message.ts'
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { takeMemberTurn } from '../members/member.ts'
import type { Member } from '../members/row.ts'
import { getOrganization } from '../organizations/reference.ts'
import { type AuthenticationFactor, isImpersonated, type Proof } from '../sessions/factors.ts'
import type { PresentedMember } from '../sessions/presented.ts'
import { getLivingSession, type SessionChange, startSessionWith } from '../sessions/session.ts'
import { refuseLocked } from './lock.ts'
import { type MemberSignIn, signInMember, usualMinutes } from './member.ts'
import { holdAddressee } from './member_addressee.ts'
import { isSecond, provesAddress } from './policy.ts'

/**
 * Signs the person behind a living session in to the organization that `reference` names, where they must be a member by
 * the same address, with what of the session counts there. The session itself stays. Refuses with
 * `organization_not_found`, `member_not_found`, and `insufficient_factors_for_session_exchange` when the session has
 * proven nothing that another organization could go by.
 */
export function exchangeSession(
  app: App,
  environment: Environment,
  presented: PresentedMember,
  reference: string,
  context: { change: SessionChange; locale: Locale },
): Promise<MemberSignIn> {
  return app.transaction(async (app) => {
    const organization = await getOrganization(app, environment, reference)
    if (organization.organization_id === presented.organization.organization_id) {
      return startAnew(app, environment, { ...presented, organization }, context.change)
    }
    const source = presented.member
    const target = (await holdAddressee(app, organization, source.email_address)) ?? fail('member_not_found')
    // Somebody may have ended the session since it was looked up. Looked at only now that the target is held: whoever resets the
    // password that both share ends the session before this goes on, or else what comes out of it.
    const session = await getLivingSession(app, environment.project_id, presented.session.session_id)
    const factors = session.authentication_factors
    if (!provesSomebody(source, factors)) fail('insufficient_factors_for_session_exchange')
    return signInMember(app, environment, organization, target, undefined, {
      ...context,
      carried: carriedFactors(environment, source, target, factors),
      address_known: source.email_address_verified,
    })
  })
}

/** Another session of the same member, with the same factors and the same standing, whatever the settings say by now. */
async function startAnew(
  app: App,
  environment: Environment,
  { organization, member: known, session }: Omit<PresentedMember, 'token'>,
  change: SessionChange,
): Promise<MemberSignIn> {
  const member = await takeMemberTurn(app, known)
  refuseLocked(app, member)
  const { authentication_factors: factors } = await getLivingSession(app, environment.project_id, session.session_id)
  if (isImpersonated(factors)) fail('insufficient_factors_for_session_exchange')
  const duration_minutes = change.duration_minutes ?? usualMinutes
  const lasting = { ...change, duration_minutes }
  const started = await startSessionWith(app, environment, member.member_id, factors, lasting)
  return {
    organization,
    member,
    session: started,
    intermediate: undefined,
    mfa_required: null,
    primary_required: null,
  }
}

/** What others have only vouched for: neither the address nor anything else was proven to this server. */
const vouched = new Set(['trusted_auth_token', 'imported'])

/**
 * Whether the session shows whose address it is: by a factor that proves it, or by another first factor of a member who has
 * proven the address before. A proof of an address the member had is none of this one: its owner may be somebody else, who was
 * made to confirm it.
 */
export function provesSomebody(member: Member, factors: AuthenticationFactor[]): boolean {
  if (isImpersonated(factors)) return false
  return factors.some(
    (factor) =>
      provesAddress(factor, member.email_address) ||
      (member.email_address_verified && !isSecond(factor) && !vouched.has(factor.type) && !('email_factor' in factor)),
  )
}

/** What of a session counts for the member of the other organization. */
export function carriedFactors(
  environment: Environment,
  source: Member,
  target: Member,
  factors: AuthenticationFactor[],
): AuthenticationFactor[] {
  return factors.flatMap((factor) => carried(environment, source, target, factor) ?? [])
}

/**
 * A factor as it counts for the member of the other organization, with the times it was made at; undefined for what stays
 * behind. Addresses and numbers must be those that both members have now, numbers verified on both sides.
 */
function carried(
  { settings }: Environment,
  source: Member,
  target: Member,
  factor: AuthenticationFactor,
): AuthenticationFactor | undefined {
  if (provesAddress(factor, target.email_address)) {
    const { email_id, email_address } = target
    return { ...factor, email_factor: { email_id, email_address } } as AuthenticationFactor
  }
  if (!source.email_address_verified) return undefined
  if (factor.type === 'password') return settings.cross_org_passwords_enabled ? factor : undefined
  return 'phone_number_factor' in factor ? carriedNumber(source, target, factor) : undefined
}

function carriedNumber(
  { mfa_phone: from }: Member,
  { mfa_phone: to }: Member,
  factor: AuthenticationFactor & Extract<Proof, { phone_number_factor: object }>,
): AuthenticationFactor | undefined {
  const { phone_number } = factor.phone_number_factor
  if (!from?.verified || !to?.verified) return undefined
  if (from.phone_number !== phone_number || to.phone_number !== phone_number) return undefined
  return { ...factor, phone_number_factor: { phone_id: to.phone_id, phone_number } }
}
