/** Signing a user in by the code of an authenticator app, or by a recovery code (reference: consumer.md §3.5). */
import { parseRecoveryCode } from '../../crypto/recovery_codes.ts'
import { isTotpShaped } from '../../crypto/totp.ts'
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvent } from '../events/event.ts'
import { countAgainst } from '../limits/limit.ts'
import { consumeRecoveryCode, consumeTotpCode, getUsableTotp } from '../proofs/totp/totp.ts'
import type { Presented } from '../sessions/presented.ts'
import type { SessionChange } from '../sessions/session.ts'
import { getUser } from '../users/reference.ts'
import type { User } from '../users/row.ts'
import { changeUser, takeTurn } from '../users/user.ts'
import { attempt, failedAttempt } from './attempt.ts'
import { refuseLocked } from './lock.ts'
import { type SignIn, signInUser } from './user.ts'

type TotpSignIn = SignIn & { totp_id: string }

/** The code of an app as it was given. Refuses with `recovery_code_used_as_totp_code` or `invalid_totp_code`. */
export function readTotpCode(text: string): string {
  if (isTotpShaped(text)) return text
  fail(parseRecoveryCode(text) ? 'recovery_code_used_as_totp_code' : 'invalid_totp_code')
}

/** A recovery code in the form it was issued. Refuses with `totp_code_used_as_recovery_code` or `invalid_recovery_code`. */
export function readRecoveryCode(text: string): string {
  if (isTotpShaped(text)) fail('totp_code_used_as_recovery_code')
  return parseRecoveryCode(text) ?? fail('invalid_recovery_code')
}

/**
 * Signs a user in by a code of their app, which is verified with the first one. Refuses with `totp_not_found`,
 * `expired_totp`, `unable_to_authenticate_totp`, and with `totp_code_already_authenticated` a code of 30 seconds of which,
 * or of later ones, a code was used before. Wrong codes count towards the lock, all codes towards the limit of the user.
 */
export function signInByTotp(
  app: App,
  environment: Environment,
  { user_id, code }: { user_id: string; code: string },
  presented: Presented | undefined,
  change: SessionChange,
): Promise<TotpSignIn> {
  return attempt(app, async (app) => {
    const user = await admit(app, environment, user_id)
    const totp = await getUsableTotp(app, environment, user.user_id)
    const verdict = await consumeTotpCode(app, totp, code)
    if (verdict === 'wrong') return failedAttempt(app, environment, user, 'unable_to_authenticate_totp')
    if (verdict === 'used') {
      return failedAttempt(app, environment, user, 'totp_code_already_authenticated', { counts: false })
    }
    const { totp_id } = totp
    const verified = totp.verified ? user : await markVerified(app, environment, user, totp_id)
    const proof = {
      type: 'totp',
      delivery_method: 'authenticator_app',
      authenticator_app_factor: { totp_id },
    } as const
    return { ...(await signInUser(app, environment, verified, proof, presented, change)), totp_id }
  })
}

/**
 * Signs a user in by a recovery code, which is gone then. Refuses with `totp_not_found`, `expired_totp`,
 * `recovery_codes_not_found` when all have been used, and `unable_to_authenticate_recovery_code`. Counts as a code does.
 */
export function signInByRecoveryCode(
  app: App,
  environment: Environment,
  { user_id, code }: { user_id: string; code: string },
  presented: Presented | undefined,
  change: SessionChange,
): Promise<TotpSignIn> {
  return attempt(app, async (app) => {
    const user = await admit(app, environment, user_id)
    const totp = await getUsableTotp(app, environment, user.user_id)
    const right = await consumeRecoveryCode(app, totp, code)
    if (!right) return failedAttempt(app, environment, user, 'unable_to_authenticate_recovery_code')
    const { totp_id } = totp
    const { totp_recovery_code_id } = right
    await recordEvent(app, environment.project_id, 'totp.recovery_code_used', totp_id, { totp_recovery_code_id })
    const proof = {
      type: 'recovery_codes',
      delivery_method: 'recovery_code',
      recovery_code_factor: { totp_recovery_code_id },
    } as const
    return { ...(await signInUser(app, environment, user, proof, presented, change)), totp_id }
  })
}

/**
 * The user whom a code is tried for. Attempts of one user take turns from here on, so that no guess is weighed before the
 * failures of the ones before it are counted. Refuses a locked user, and with `too_many_requests`.
 */
async function admit(app: App, environment: Environment, reference: string): Promise<User> {
  const user = await takeTurn(app, environment, await getUser(app, environment, reference))
  refuseLocked(app, user)
  await countAgainst(app, environment, 'totp', user.user_id)
  return user
}

function markVerified(app: App, environment: Environment, user: User, totp_id: string): Promise<User> {
  return changeUser(app, environment, user.user_id, (_, current) => ({
    ...current,
    totps: current.totps.map((totp) => (totp.totp_id === totp_id ? { ...totp, verified: true } : totp)),
  }))
}
