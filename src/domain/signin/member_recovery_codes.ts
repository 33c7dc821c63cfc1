/** Recovery codes of members: what gets somebody in who has lost the authenticator app (reference: b2b.md §4.6). */
import { isRecoveryCodeShaped, plainRecoveryCode } from '../../crypto/recovery_codes.ts'
import { isTotpShaped } from '../../crypto/totp.ts'
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvent } from '../events/event.ts'
import { countAgainst } from '../limits/limit.ts'
import type { Member } from '../members/row.ts'
import { consumeRecoveryCode, findTotp, isUsable, openRecoveryCodes, rotateRecoveryCodes } from '../proofs/totp/totp.ts'
import type { SessionChange } from '../sessions/session.ts'
import { attempt, failedAttempt } from './attempt.ts'
import {
  type Place,
  requireMethod,
  requirePrimary,
  type SecondFactorSignIn,
  type Standing,
  signInBySecondFactor,
  takeTurnOf,
} from './member_second_factor.ts'

/**
 * A recovery code in the form in which it is compared; imported ones may look like anything. Refuses with
 * `totp_code_used_as_recovery_code` or `invalid_recovery_code`.
 */
export function readMemberRecoveryCode(text: string): string {
  if (isTotpShaped(text.trim())) fail('totp_code_used_as_recovery_code')
  return isRecoveryCodeShaped(text.trim()) ? plainRecoveryCode(text) : fail('invalid_recovery_code')
}

/**
 * Signs a member in by a recovery code, which is gone then, and tells how many are left. They count from the first code of
 * the app on. Refuses with `totp_not_found`, with `recovery_codes_not_found` when all have been used, with
 * `unable_to_authenticate_recovery_code`, and as `takeTurnOf`, `requireMethod` and `requirePrimary` do. Counts as a code does.
 */
export function signInByMemberRecoveryCode(
  app: App,
  environment: Environment,
  standing: Standing,
  code: string,
  change: SessionChange,
): Promise<SecondFactorSignIn & { recovery_codes_remaining: number }> {
  return attempt(app, async (app) => {
    const turn = await takeTurnOf(app, environment, standing, { signing_in: true })
    requireMethod(turn, 'totp')
    requirePrimary(turn)
    const { member } = turn
    await countAgainst(app, environment, 'totp', member.member_id)
    const totp = await findTotp(app, environment, member.member_id)
    if (!totp?.verified) fail('totp_not_found')
    const right = await consumeRecoveryCode(app, totp, code)
    if (!right) return failedAttempt(app, environment, member, 'unable_to_authenticate_recovery_code')
    const { totp_recovery_code_id, remaining } = right
    await recordEvent(app, environment.project_id, 'totp.recovery_code_used', totp.totp_id, { totp_recovery_code_id })
    const proof = {
      type: 'recovery_codes',
      delivery_method: 'recovery_code',
      recovery_code_factor: { totp_recovery_code_id },
    } as const
    const signIn = await signInBySecondFactor(app, environment, turn, member, proof, change)
    return { ...signIn, recovery_codes_remaining: remaining }
  })
}

/** The recovery codes of a member that have not been used. Refuses with `recovery_codes_not_found` when there are none. */
export async function listMemberRecoveryCodes(
  app: App,
  environment: Environment,
  { member_id }: Pick<Member, 'member_id'>,
): Promise<string[]> {
  const totp = await findTotp(app, environment, member_id)
  const codes = totp && isUsable(totp, app.now()) ? openRecoveryCodes(app, totp) : []
  return codes.length > 0 ? codes.map(({ code }) => code) : fail('recovery_codes_not_found')
}

/**
 * Makes all recovery codes of a member void, and ten new ones. Refuses with `no_active_recovery_code_backed_factor` a member
 * without a verified app.
 */
export function rotateMemberRecoveryCodes(
  app: App,
  environment: Environment,
  place: Place,
): Promise<{ member: Member; recovery_codes: string[] }> {
  return app.transaction(async (app) => {
    const { member } = await takeTurnOf(app, environment, place, { signing_in: false })
    const totp = await findTotp(app, environment, member.member_id)
    if (!totp?.verified) fail('no_active_recovery_code_backed_factor')
    const recovery_codes = await rotateRecoveryCodes(app, environment, totp)
    await recordEvent(app, environment.project_id, 'totp.recovery_codes_rotated', totp.totp_id)
    return { member, recovery_codes }
  })
}
