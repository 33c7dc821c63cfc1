/** Locks: too many failed attempts in a row keep a user from signing in for a while (reference: consumer.md §2.6, wire.md §8.2). */
import { fail } from '../../errors.ts'
import { SECOND } from '../../values/time.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvent } from '../events/event.ts'
import { consumeOneTimeToken, findOneTimeToken, isRedeemable, revokeOneTimeTokens } from '../proofs/one_time_token.ts'
import { getUser } from '../users/reference.ts'
import type { User } from '../users/row.ts'
import { changeUser } from '../users/user.ts'
import { deleteFailures, incrementFailures } from './table.ts'

/** Whether the user is locked at that time. */
export function isLocked({ lock_expires_at }: User, now: number): boolean {
  return lock_expires_at !== null && lock_expires_at > now
}

/** Refuses with `user_lock_limit_reached` while the user is locked. */
export function refuseLocked(app: App, user: User): void {
  if (!isLocked(user, app.now())) return
  fail('user_lock_limit_reached', undefined, Math.ceil(((user.lock_expires_at as number) - app.now()) / SECOND))
}

/**
 * Counts a failed attempt. The one that reaches the threshold locks the user. Belongs into a transaction that commits although the call is refused.
 */
export async function countFailedAttempt(app: App, environment: Environment, user: User): Promise<void> {
  const { project_id, settings } = environment
  const failures = await incrementFailures(app.store, project_id, user.user_id)
  await recordEvent(app, project_id, 'user.authentication_failed', user.user_id, { failures })
  if (failures < settings.user_lock_threshold) return
  const now = app.now()
  const lock = { lock_created_at: now, lock_expires_at: now + settings.user_lock_ttl * SECOND }
  await changeUser(app, environment, user.user_id, (_, current) => ({ ...current, ...lock }))
  await deleteFailures(app.store, project_id, user.user_id)
  await recordEvent(app, project_id, 'user.locked', user.user_id)
}

/** A success while unlocked: the count begins anew. */
export function forgetFailedAttempts(app: App, user: User): Promise<void> {
  return deleteFailures(app.store, user.project_id, user.user_id)
}

/** Unlocks a user at once; one who is not locked stays as they are. Refuses with `user_not_found`. */
export function unlockUser(app: App, environment: Environment, reference: string): Promise<User> {
  return app.transaction(async (app) => {
    const user = await getUser(app, environment, reference)
    await deleteFailures(app.store, environment.project_id, user.user_id)
    await revokeOneTimeTokens(app, environment, user.user_id, { purpose: 'unlock' })
    if (user.lock_expires_at === null) return user
    await recordEvent(app, environment.project_id, 'user.unlocked', user.user_id)
    const open = { lock_created_at: null, lock_expires_at: null }
    return changeUser(app, environment, user.user_id, (_, current) => ({ ...current, ...open }))
  })
}

/** Unlocks the user of a mailed link; false when the link is unknown, was used or has expired. */
export function unlockByToken(app: App, environment: Environment, token: string): Promise<boolean> {
  return app.transaction(async (app) => {
    const found = await findOneTimeToken(app, environment, 'unlock', token)
    if (!found || !isRedeemable(found, app.now()) || !(await consumeOneTimeToken(app, found))) return false
    await unlockUser(app, environment, found.owner_id)
    return true
  })
}
