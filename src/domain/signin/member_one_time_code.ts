/** Signing a member in by a one-time code that was mailed to them (reference: b2b.md §1.5, §7.2; README "OTP, both verticals"). */
import { fail } from '../../errors.ts'
import { WriteConflict } from '../../store/store.ts'
import { parseEmail } from '../../values/email.ts'
import { type Address, takeAddressTurn } from '../addresses/address.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { completeEmailUpdate, findMemberByEmailUpdate, holdEmailUpdate } from '../members/email_update.ts'
import { takeMemberTurn } from '../members/member.ts'
import { findMemberByAddress } from '../members/reference.ts'
import type { Member } from '../members/row.ts'
import { getOrganization } from '../organizations/reference.ts'
import type { Organization } from '../organizations/row.ts'
import { checkCodeForm, checkOneTimeCode, consumeOneTimeCode } from '../proofs/one_time_code.ts'
import { attempt, failedAttempt } from './attempt.ts'
import { countFailedAttempt, forgetFailedAttempts, refuseLocked } from './lock.ts'
import { type MemberSignIn, type SignInContext, signInMember } from './member.ts'
import { refuseForbiddenMethod } from './policy.ts'
import { type Presenting, readPresenting } from './presenting.ts'

/** A code, and the address in the organization that it was sent to. */
export type GivenMemberCode = { organization_id: string; email_address: string; code: string }

/** Whom a code may be of: by the primary address, or by the one that is being changed to. */
type Owner = { member: Member; email_id: string; changes_address: boolean }

/** `unproven`: the address, where nobody has proven it for this member. */
type Turn = Owner & { unproven: Address | undefined }

/**
 * Signs the member of an organization in by the code that was sent to the address; one that was sent for a change of address
 * completes the change. Refuses a locked member; with `otp_code_not_found` a wrong code, which counts towards the lock and
 * voids the code with the fifth try, and an address that nobody has; what fails before the address is proven for the member
 * counts for the address, too, whose owner could else be impersonated by whoever adds enough members with it; with
 * `unable_to_auth_otp_code` one that was right once; with `operation_restricted_by_organization_auth_methods` where codes cannot be used and no intermediate session tells of
 * another method; with `invalid_code`, `invalid_email`, `organization_not_found`. Only a success uses the code.
 */
export function signInMemberByCode(
  app: App,
  environment: Environment,
  given: GivenMemberCode,
  presenting: Presenting,
): Promise<MemberSignIn & { method_id: string }> {
  checkCodeForm(given.code)
  const email_address = parseEmail(given.email_address) ?? fail('invalid_email')
  return attempt(app, async (app) => {
    const organization = await getOrganization(app, environment, given.organization_id)
    const context = await readPresenting(app, environment, presenting)
    const owner = await takeOwner(app, environment, organization, email_address, context)
    const { member, email_id, changes_address, unproven } = owner
    const checked = await checkOneTimeCode(app, environment, email_id, given.code)
    if (checked.verdict === 'wrong') {
      if (unproven) await countFailedAttempt(app, environment, unproven)
      return failedAttempt(app, environment, member, 'otp_code_not_found')
    }
    const spent = checked.verdict === 'spent' || !(await consumeOneTimeCode(app, checked.code))
    if (spent) return failedAttempt(app, environment, member, 'unable_to_auth_otp_code', { counts: false })
    if (unproven) await forgetFailedAttempts(app, unproven)
    const session_id = context.presented?.session.session_id
    const proven = changes_address ? await completeEmailUpdate(app, environment, member, email_id, session_id) : member
    const email_factor = { email_id, email_address }
    const proof = { type: 'email_otp', delivery_method: 'email', email_factor } as const
    const signIn = await signInMember(app, environment, organization, proven, proof, context)
    return { ...signIn, method_id: email_id }
  })
}

/**
 * The owner of a code to that address, once it is their turn: no guess is weighed before those ahead of it count. Where codes
 * are forbidden, an address that nobody has is refused as any other.
 */
async function takeOwner(
  app: App,
  environment: Environment,
  organization: Organization,
  email_address: string,
  { intermediate }: SignInContext,
): Promise<Turn> {
  const known =
    (await findMemberByAddress(app, organization, email_address)) ??
    (await findMemberByEmailUpdate(app, organization, email_address))
  const isUnproven = known !== undefined && !hasProven(known, email_address)
  if (known && known.email_address !== email_address) await holdEmailUpdate(app, environment, known)
  const { project_id } = environment
  const unproven = isUnproven ? await takeAddressTurn(app, { project_id, email_address }) : undefined
  const member = known && (await takeMemberTurn(app, known))
  const owner = member && ownerOf(member, email_address)
  // Somebody has taken the proof of the address back meanwhile.
  if (owner && !isUnproven && !hasProven(owner.member, email_address)) throw new WriteConflict()
  if (unproven) refuseLocked(app, unproven)
  if (owner) refuseLocked(app, owner.member)
  const isStep = intermediate?.record.email_address === email_address
  // A change of address is no login: it is completed whatever methods the organization has.
  if (!owner?.changes_address && !isStep) refuseForbiddenMethod(organization, member, 'email_otp')
  return owner ? { ...owner, unproven } : fail('otp_code_not_found')
}

function hasProven(member: Member, email_address: string): boolean {
  return member.email_address === email_address && member.status === 'active' && member.email_address_verified
}

function ownerOf(member: Member, email_address: string): Owner | undefined {
  if (member.email_address === email_address) return { member, email_id: member.email_id, changes_address: false }
  const { email_update } = member
  if (email_update?.email_address !== email_address) return undefined
  return { member, email_id: email_update.email_id, changes_address: true }
}
