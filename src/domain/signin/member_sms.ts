/** SMS codes as a second factor of members: sent to their number, attached by the way, and redeemed (reference: b2b.md §2). */
import type { Locale } from '../../delivery/message.ts'
import { fail } from '../../errors.ts'
import { parsePhoneNumber } from '../../values/phone.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { claim, phoneIdentifiers } from '../members/identifiers.ts'
import { changeMember, newPhone } from '../members/member.ts'
import type { Member } from '../members/row.ts'
import type { Organization } from '../organizations/row.ts'
import { checkOneTimeCode, consumeOneTimeCode } from '../proofs/one_time_code.ts'
import type { Proof } from '../sessions/factors.ts'
import type { SessionChange } from '../sessions/session.ts'
import { attempt, failedAttempt } from './attempt.ts'
import {
  admitToEnrolment,
  type Enrolment,
  requireFactorBeside,
  requireMethod,
  requirePrimary,
  type SecondFactorSignIn,
  type Standing,
  settleMember,
  signInBySecondFactor,
  type Turn,
  takeTurnOf,
} from './member_second_factor.ts'
import { sendMfaCode } from './mfa_code.ts'

type Phone = NonNullable<Member['mfa_phone']>

/** Reads the number of a request. Refuses with `invalid_phone_number`. */
export function readMfaPhone(text: string | undefined): string | undefined {
  return text ? (parsePhoneNumber(text) ?? fail('invalid_phone_number')) : undefined
}

/** Reads the code of a request. Refuses with `invalid_code`. */
export function readSmsCode(text: string): string {
  return /^[0-9]{6}$/.test(text) ? text : fail('invalid_code')
}

/**
 * Sends a code to the member's number; one who has none gets the given one, unverified until its first code. Refuses with
 * `member_phone_number_not_found` without any, with `duplicate_member_phone_number_for_member` another one than is on file,
 * with `duplicate_member_phone_number` one that another member has, with `secondary_factor_not_found` to attach one while
 * there is an authenticator app that was not proven, and as `admitToEnrolment`, `requireMethod` and `sendMfaCode` do.
 */
export function sendMemberCode(
  app: App,
  environment: Environment,
  standing: Standing,
  { phone_number, locale }: { phone_number: string | undefined; locale: Locale | undefined },
): Promise<{ organization: Organization; member: Member }> {
  return app.transaction(async (app) => {
    const taken = await takeTurnOf(app, environment, standing, { signing_in: false })
    const turn = await admitToEnrolment(app, environment, taken)
    requireMethod(turn, 'sms_otp')
    const member = await withNumber(app, environment, turn, phone_number)
    await sendMfaCode(app, environment, member, member.mfa_phone, locale ?? 'en')
    return { organization: turn.organization, member }
  })
}

async function withNumber(
  app: App,
  environment: Environment,
  turn: Turn,
  phone_number: string | undefined,
): Promise<Member & { mfa_phone: Phone }> {
  const { mfa_phone } = turn.member
  if (mfa_phone) {
    const same = phone_number === undefined || phone_number === mfa_phone.phone_number
    return same ? { ...turn.member, mfa_phone } : fail('duplicate_member_phone_number_for_member')
  }
  if (phone_number === undefined) fail('member_phone_number_not_found')
  requireFactorBeside(turn, 'sms_otp')
  const phone = newPhone(environment, phone_number)
  const member = await changeMember(app, turn.member, async (app, current) => {
    await claim(app, current, phoneIdentifiers(current, phone))
    return { ...current, mfa_phone: phone }
  })
  return { ...member, mfa_phone: phone }
}

/**
 * Signs a member in by the code that was sent to their number, which is used then, and the number verified. Refuses with
 * `otp_code_not_found` a wrong code, which counts towards the lock and voids the code with the fifth try; with
 * `unable_to_auth_otp_code` one that was right once; with `secondary_factor_not_found` the first code of a number while there
 * is an authenticator app that was not proven; and as `takeTurnOf`, `requireMethod` and `requirePrimary` do. A refusal uses
 * neither code nor intermediate session.
 */
export function signInByMemberCode(
  app: App,
  environment: Environment,
  standing: Standing,
  { code, enrolment }: { code: string; enrolment: Enrolment },
  change: SessionChange,
): Promise<SecondFactorSignIn> {
  return attempt(app, async (app) => {
    const turn = await takeTurnOf(app, environment, standing, { signing_in: true })
    requireMethod(turn, 'sms_otp')
    requirePrimary(turn)
    const phone = turn.member.mfa_phone ?? fail('otp_code_not_found')
    if (!phone.verified) requireFactorBeside(turn, 'sms_otp')
    const checked = await checkOneTimeCode(app, environment, phone.phone_id, code)
    if (checked.verdict === 'wrong') return failedAttempt(app, environment, turn.member, 'otp_code_not_found')
    if (checked.verdict === 'spent' || !(await consumeOneTimeCode(app, checked.code))) {
      return failedAttempt(app, environment, turn.member, 'unable_to_auth_otp_code', { counts: false })
    }
    const member = await settleMember(app, turn, 'sms_otp', enrolment, { mfa_phone: { ...phone, verified: true } })
    return signInBySecondFactor(app, environment, turn, member, proofOf(phone), change)
  })
}

function proofOf({ phone_id, phone_number }: Phone): Proof {
  return { type: 'otp', delivery_method: 'sms', phone_number_factor: { phone_id, phone_number } }
}
