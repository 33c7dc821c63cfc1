/** Giving a user an authenticator app, showing its recovery codes, and taking it away (reference: consumer.md §2.5, §3.5). */
import { otpauthUri } from '../../crypto/totp.ts'
import { fail } from '../../errors.ts'
import { qrCode } from '../../values/qr_code.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvent } from '../events/event.ts'
import { requireOwnId } from '../own_id.ts'
import { createTotp, findTotp, isUsable, openRecoveryCodes, removeTotp } from '../proofs/totp/totp.ts'
import { findUserBy, getUser } from '../users/reference.ts'
import type { User } from '../users/row.ts'
import { changeUser, claim, holdUser, release, totpIdentifier } from '../users/user.ts'

const day = 1440

/**
 * Enrols an authenticator app for a user; it must be verified within `minutes`, 5 to 1440, a day unless given. Returns
 * its base32 secret, the QR code of that as a data URL, and ten recovery codes. Refuses with `invalid_expiration`,
 * `active_totp_exists` and `pending_totp_exists`.
 */
export async function enrolTotp(
  app: App,
  environment: Environment,
  { user_id, minutes = day }: { user_id: string; minutes?: number | undefined },
): Promise<{ user: User; totp_id: string; secret: string; qr_code: string; recovery_codes: string[] }> {
  if (minutes < 5 || minutes > day) fail('invalid_expiration', 'expiration_minutes must be between 5 and 1440.')
  const { user, totp_id, secret, recovery_codes } = await app.transaction(async (app) => {
    const owner = await getUser(app, environment, user_id)
    const { user_id: owner_id } = owner
    await holdUser(app, owner)
    const { totp, secret, recovery_codes } = await createTotp(app, environment, owner_id, {
      id_prefix: 'totp',
      minutes,
    })
    const { totp_id } = totp
    const user = await changeUser(app, environment, owner_id, async (app, user) => {
      await release(app, user, user.totps.map(totpIdentifier))
      await claim(app, user, [totpIdentifier(totp)])
      return { ...user, totps: [{ totp_id, verified: false }] }
    })
    await recordEvent(app, environment.project_id, 'totp.created', totp_id, { owner_id })
    return { user, totp_id, secret, recovery_codes }
  })
  // Drawn outside of the transaction: on the embedded engine, other writes would wait for it.
  const qr_code = qrCode(otpauthUri(secret, environment.project_name, accountOf(user)))
  return { user, totp_id, secret, qr_code, recovery_codes }
}

/**
 * The authenticator apps of a user with the recovery codes not used yet. Refuses with `totps_not_found_for_user` when there
 * is none that can be used.
 */
export async function listRecoveryCodes(
  app: App,
  environment: Environment,
  reference: string,
): Promise<{ user_id: string; totps: { totp_id: string; verified: boolean; recovery_codes: string[] }[] }> {
  const { user_id } = await getUser(app, environment, reference)
  const totp = await findTotp(app, environment, user_id)
  if (!totp || !isUsable(totp, app.now())) fail('totps_not_found_for_user')
  const { totp_id, verified } = totp
  const recovery_codes = openRecoveryCodes(app, totp).map(({ code }) => code)
  return { user_id, totps: [{ totp_id, verified, recovery_codes }] }
}

/**
 * Takes an authenticator app from its user, and the recovery codes with it; sessions keep what was proven by it. Always
 * allowed: backend deletes are administration. Refuses with `invalid_totp_id` or `totp_not_found`.
 */
export function deleteTotp(app: App, environment: Environment, totp_id: string): Promise<User> {
  requireOwnId(environment, totp_id, 'totp', 'invalid_totp_id')
  return app.transaction(async (app) => {
    const owner = (await findUserBy(app, environment, 'totp_id', totp_id)) ?? fail('totp_not_found')
    await holdUser(app, owner)
    await recordEvent(app, environment.project_id, 'totp.deleted', totp_id, { owner_id: owner.user_id })
    return changeUser(app, environment, owner.user_id, async (app, user) => {
      const totp = user.totps.find((one) => one.totp_id === totp_id) ?? fail('totp_not_found')
      await release(app, user, [totpIdentifier(totp)])
      await removeTotp(app, environment, user.user_id)
      return { ...user, totps: user.totps.filter((one) => one !== totp) }
    })
  })
}

/** What the app shows beside the name of the project. */
function accountOf({ emails, phone_numbers, user_id }: User): string {
  return emails[0]?.email ?? phone_numbers[0]?.phone_number ?? user_id
}
