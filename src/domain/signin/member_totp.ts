/** Authenticator apps as a second factor of members: enrolled, imported, and what they show redeemed (reference: b2b.md §4.2 to §4.4). */
import { isRecoveryCodeShaped, plainRecoveryCode } from '../../crypto/recovery_codes.ts'
import { otpauthUri, parseTotpSecret } from '../../crypto/totp.ts'
import { fail } from '../../errors.ts'
import { qrCode } from '../../values/qr_code.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvent } from '../events/event.ts'
import { countAgainst } from '../limits/limit.ts'
import { claim, identifier, release } from '../members/identifiers.ts'
import { changeMember } from '../members/member.ts'
import type { Member } from '../members/row.ts'
import type { Organization } from '../organizations/row.ts'
import { consumeTotpCode, createTotp, findTotp, getUsableTotp, isUsable, type NewTotp } from '../proofs/totp/totp.ts'
import type { SessionChange } from '../sessions/session.ts'
import { attempt, failedAttempt } from './attempt.ts'
import {
  admitToEnrolment,
  type Enrolment,
  type Place,
  requireFactorBeside,
  requireMethod,
  requirePrimary,
  type SecondFactorSignIn,
  type Standing,
  settleMember,
  signInBySecondFactor,
  takeTurnOf,
} from './member_second_factor.ts'

/** An app that a member has got, with what is shown of it. */
export type MemberTotp = {
  organization: Organization
  member: Member
  totp_registration_id: string
  secret: string
  recovery_codes: string[]
}

/** Reads how many minutes an app may wait for its first code: an hour unless given. Refuses with `invalid_expiration`. */
export function readTotpMinutes(minutes = 60): number {
  if (minutes >= 5 && minutes <= 1440) return minutes
  return fail('invalid_expiration', 'expiration_minutes must be between 5 and 1440.')
}

/**
 * Enrols an authenticator app for a member, in place of one that still waits for its first code, and draws its QR code as a
 * data URL. Refuses with `active_totp_exists`, with `secondary_factor_not_found` while there is a verified phone number that
 * was not proven, and as `takeTurnOf`, `admitToEnrolment` and `requireMethod` do.
 */
export async function enrolMemberTotp(
  app: App,
  environment: Environment,
  standing: Standing,
  minutes: number,
): Promise<MemberTotp & { qr_code: string }> {
  const enrolled = await app.transaction(async (app) => {
    const taken = await takeTurnOf(app, environment, standing, { signing_in: false })
    const turn = await admitToEnrolment(app, environment, taken)
    requireMethod(turn, 'totp')
    if (turn.member.totp?.verified) fail('active_totp_exists')
    requireFactorBeside(turn, 'totp')
    const given = { id_prefix: 'member-totp', minutes, replaces_pending: true } as const
    return { organization: turn.organization, ...(await give(app, environment, turn.member, given)) }
  })
  // Drawn outside of the transaction: on the embedded engine, other writes would wait for it.
  const uri = otpauthUri(enrolled.secret, environment.project_name, enrolled.member.email_address)
  return { ...enrolled, qr_code: qrCode(uri) }
}

/** Secret and recovery codes of another system, as they are kept. */
export type ImportedTotp = { secret: string; recovery_codes: string[] }

/** Reads what is imported. Refuses with `bad_request` a secret or a recovery code that can be none. */
export function readImportedTotp({ secret: text, recovery_codes }: ImportedTotp): ImportedTotp {
  const secret = parseTotpSecret(text) ?? fail('bad_request', 'secret must be 10 to 128 bytes in base32.')
  const codes = recovery_codes.map((code) => code.trim())
  if (!codes.every(isRecoveryCodeShaped)) {
    fail('bad_request', 'recovery_codes must have 6 to 64 visible ASCII characters each, and not just six digits.')
  }
  if (codes.length > 100 || new Set(codes.map(plainRecoveryCode)).size < codes.length) {
    fail('bad_request', 'recovery_codes must be at most 100, each another one.')
  }
  return { secret, recovery_codes: codes }
}

/**
 * Gives a member the authenticator app they had elsewhere, which counts at once; without recovery codes, ten are made. Whether
 * the member is enrolled stays as it is. Refuses with `active_totp_exists`, and with `recovery_codes_already_exist` codes for
 * a member whose app waits for its first code: its codes have been shown already.
 */
export function importMemberTotp(
  app: App,
  environment: Environment,
  place: Place,
  { secret, recovery_codes }: ImportedTotp,
): Promise<MemberTotp> {
  return app.transaction(async (app) => {
    const { member } = await takeTurnOf(app, environment, place, { signing_in: false })
    if (member.totp?.verified) fail('active_totp_exists')
    const pending = await findTotp(app, environment, member.member_id)
    if (pending && isUsable(pending, app.now()) && recovery_codes.length > 0) fail('recovery_codes_already_exist')
    const given: NewTotp = {
      id_prefix: 'member-totp',
      minutes: undefined,
      secret,
      recovery_codes,
      replaces_pending: true,
    }
    return { organization: place.organization, ...(await give(app, environment, member, given)) }
  })
}

async function give(app: App, environment: Environment, { member_id, ...known }: Member, given: NewTotp) {
  const { totp, secret, recovery_codes } = await createTotp(app, environment, member_id, given)
  const { totp_id, verified } = totp
  const member = await changeMember(app, { ...known, member_id }, async (app, current) => {
    if (current.totp) await release(app, current, [identifier(current, 'totp_id', current.totp.totp_id)])
    await claim(app, current, [identifier(current, 'totp_id', totp_id)])
    return { ...current, totp: { totp_id, verified } }
  })
  await recordEvent(app, environment.project_id, 'totp.created', totp_id, { owner_id: member_id })
  return { member, totp_registration_id: totp_id, secret, recovery_codes }
}

/**
 * Signs a member in by a code of their app, which is verified with the first one. Refuses with `totp_not_found`,
 * `expired_totp`, `unable_to_authenticate_totp`, with `totp_code_already_authenticated` a code of 30 seconds of which, or of
 * later ones, a code was used before, with `secondary_factor_not_found` the first code of an app while there is a verified
 * phone number that was not proven, and as `takeTurnOf`, `requireMethod` and `requirePrimary` do. Wrong codes count towards
 * the lock, all codes towards the limit of the member.
 */
export function signInByMemberTotp(
  app: App,
  environment: Environment,
  standing: Standing,
  { code, enrolment }: { code: string; enrolment: Enrolment },
  change: SessionChange,
): Promise<SecondFactorSignIn> {
  return attempt(app, async (app) => {
    const turn = await takeTurnOf(app, environment, standing, { signing_in: true })
    requireMethod(turn, 'totp')
    requirePrimary(turn)
    const { member } = turn
    await countAgainst(app, environment, 'totp', member.member_id)
    const totp = await getUsableTotp(app, environment, member.member_id)
    if (!totp.verified) requireFactorBeside(turn, 'totp')
    const verdict = await consumeTotpCode(app, totp, code)
    if (verdict === 'wrong') return failedAttempt(app, environment, member, 'unable_to_authenticate_totp')
    if (verdict === 'used') {
      return failedAttempt(app, environment, member, 'totp_code_already_authenticated', { counts: false })
    }
    const { totp_id } = totp
    const settled = await settleMember(app, turn, 'totp', enrolment, { totp: { totp_id, verified: true } })
    const proof = {
      type: 'totp',
      delivery_method: 'authenticator_app',
      authenticator_app_factor: { totp_id },
    } as const
    return signInBySecondFactor(app, environment, turn, settled, proof, change)
  })
}
