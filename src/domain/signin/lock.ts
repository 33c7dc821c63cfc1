/** Locks: too many failed attempts in a row keep a user from signing in for a while (reference: consumer.md §2.6, wire.md §8.2). */
import { fail, Refusal } from '../../errors.ts'
import { MINUTE, SECOND } from '../../values/time.ts'
import type { App } from '../app.ts'
import { checkAttributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvent } from '../events/event.ts'
import { linkTo } from '../messages/link.ts'
import { sendMessage } from '../messages/message.ts'
import {
  consumeOneTimeToken,
  findOneTimeToken,
  isRedeemable,
  issueOneTimeToken,
  revokeOneTimeTokens,
} from '../proofs/one_time_token.ts'
import { defaultOf } from '../redirect_urls/placement.ts'
import { getUser } from '../users/reference.ts'
import type { User } from '../users/row.ts'
import { changeUser, holdUser, takeTurn } from '../users/user.ts'
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
 * Counts a failed attempt. The one that reaches the threshold locks the user. Belongs into a transaction that commits
 * although the call is refused. Refuses with `user_lock_limit_reached` when the user was locked while the attempt was
 * under way: so many guesses at once tell no more than as many in a row.
 */
export async function countFailedAttempt(app: App, environment: Environment, known: User): Promise<void> {
  const { project_id, settings } = environment
  const user = await takeTurn(app, environment, known)
  const { user_id } = user
  refuseLocked(app, user)
  const failures = await incrementFailures(app.store, project_id, user_id)
  await recordEvent(app, project_id, 'user.authentication_failed', user_id, { failures })
  if (failures >= settings.user_lock_threshold) await lock(app, environment, user)
}

async function lock(app: App, environment: Environment, { user_id }: User): Promise<void> {
  const { project_id, settings } = environment
  const now = app.now()
  const locked = { lock_created_at: now, lock_expires_at: now + settings.user_lock_ttl * SECOND }
  const user = await changeUser(app, environment, user_id, (_, current) => ({ ...current, ...locked }))
  await deleteFailures(app.store, project_id, user_id)
  await recordEvent(app, project_id, 'user.locked', user_id)
  // A link of an earlier lock opens no later one.
  await revokeOneTimeTokens(app, environment, user_id, { purpose: 'unlock' })
  if (settings.user_lock_self_serve_enabled) await mailUnlockLink(app, environment, user)
}

/** To a verified address, or else the first; a user without any is unlocked by time or by an operator. */
async function mailUnlockLink(app: App, environment: Environment, { user_id, emails }: User): Promise<void> {
  const address = emails.find(({ verified }) => verified) ?? emails[0]
  const redirect_url = defaultOf(environment.redirect_urls, 'LOGIN')?.url
  if (!address || redirect_url === undefined) return
  const minutes = Math.ceil((environment.settings.user_lock_ttl * SECOND) / MINUTE)
  const token = await issueOneTimeToken(app, environment, {
    purpose: 'unlock',
    owner_id: user_id,
    method_id: address.email_id,
    minutes,
    details: { kind: 'unlock', attributes: checkAttributes(undefined), redirect_url },
  })
  const links = [{ purpose: 'unlock' as const, url: linkTo(app, environment, 'unlock', token), token }]
  const letter = { channel: 'email', template: 'unlock', locale: 'en', links, minutes } as const
  try {
    await sendMessage(app, environment, address.email, letter)
  } catch (error) {
    // Count and lock stand although nobody carries the mail.
    if (!(error instanceof Refusal)) throw error
    await revokeOneTimeTokens(app, environment, user_id, { purpose: 'unlock' })
  }
}

/** A success while unlocked: the count begins anew. */
export function forgetFailedAttempts(app: App, user: User): Promise<void> {
  return deleteFailures(app.store, user.project_id, user.user_id)
}

/** Unlocks a user at once; one who is not locked stays as they are. Refuses with `user_not_found`. */
export function unlockUser(app: App, environment: Environment, reference: string): Promise<User> {
  return app.transaction(async (app) => {
    const { project_id, user_id } = await takeTurn(app, environment, await getUser(app, environment, reference))
    await deleteFailures(app.store, project_id, user_id)
    await revokeOneTimeTokens(app, environment, user_id, { purpose: 'unlock' })
    return changeUser(app, environment, user_id, async (app, current) => {
      if (current.lock_expires_at === null) return current
      await recordEvent(app, project_id, 'user.unlocked', user_id)
      return { ...current, lock_created_at: null, lock_expires_at: null }
    })
  })
}

/** Unlocks the user of a mailed link; false when the link is unknown, was used, or has ended with the lock. */
export function unlockByToken(app: App, environment: Environment, token: string): Promise<boolean> {
  return app.transaction(async (app) => {
    const found = await findOneTimeToken(app, environment, 'unlock', token)
    if (!found || !isRedeemable(found, app.now())) return false
    await holdUser(app, { project_id: environment.project_id, user_id: found.owner_id })
    if (!isLocked(await getUser(app, environment, found.owner_id), app.now())) return false
    if (!(await consumeOneTimeToken(app, found))) return false
    await unlockUser(app, environment, found.owner_id)
    return true
  })
}
