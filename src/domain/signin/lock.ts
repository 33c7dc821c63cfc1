/** Locks: too many failed attempts in a row keep somebody from signing in for a while (reference: consumer.md §2.6, b2b.md §0.8, wire.md §8.2). */
import { fail, Refusal } from '../../errors.ts'
import { MINUTE, SECOND } from '../../values/time.ts'
import { type Address, findAddress, forgetAddresses } from '../addresses/address.ts'
import type { App } from '../app.ts'
import { checkAttributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvent } from '../events/event.ts'
import { getMemberAnywhere } from '../members/reference.ts'
import type { Member } from '../members/row.ts'
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
import { type Account, accountOf, findAccount, type Lock, type Owner, ownerIdOf } from './account.ts'
import { deleteFailures, incrementFailures } from './table.ts'

/** Whether somebody is locked at that time. */
export function isLocked({ lock_expires_at }: Pick<Lock, 'lock_expires_at'>, now: number): boolean {
  return lock_expires_at !== null && lock_expires_at > now
}

/** Refuses with `user_lock_limit_reached` while somebody is locked. */
export function refuseLocked(app: App, owner: Pick<Lock, 'lock_expires_at'>): void {
  if (!isLocked(owner, app.now())) return
  fail('user_lock_limit_reached', undefined, Math.ceil(((owner.lock_expires_at as number) - app.now()) / SECOND))
}

/**
 * Counts a failed attempt. The one that reaches the threshold locks the user, member or address. Belongs into a transaction that
 * commits although the call is refused. Refuses with `user_lock_limit_reached` who was locked while the attempt was under
 * way: so many guesses at once tell no more than as many in a row.
 */
export async function countFailedAttempt(app: App, environment: Environment, owner: Owner): Promise<void> {
  const { project_id, settings } = environment
  const account = await accountOf(environment, owner).takeTurn(app)
  refuseLocked(app, account)
  const failures = await incrementFailures(app.store, project_id, account.owner_id)
  await recordEvent(app, project_id, 'user.authentication_failed', account.owner_id, { failures })
  if (failures >= settings.user_lock_threshold) await lock(app, environment, account)
}

async function lock(app: App, environment: Environment, account: Account): Promise<void> {
  const { project_id, settings } = environment
  const { owner_id } = account
  const now = app.now()
  const locked = await account.setLock(app, {
    lock_created_at: now,
    lock_expires_at: now + settings.user_lock_ttl * SECOND,
  })
  await deleteFailures(app.store, project_id, owner_id)
  await recordEvent(app, project_id, 'user.locked', owner_id)
  // A link of an earlier lock opens no later one.
  await revokeOneTimeTokens(app, environment, owner_id, { purpose: 'unlock' })
  if (settings.user_lock_self_serve_enabled) await mailUnlockLink(app, environment, locked)
}

/** To a verified address, or else the first; who has none is unlocked by time or by an operator. */
async function mailUnlockLink(app: App, environment: Environment, { owner_id, addresses }: Account): Promise<void> {
  const address = addresses.find(({ verified }) => verified) ?? addresses[0]
  const { redirect_urls, vertical } = environment
  const target =
    defaultOf(redirect_urls, 'LOGIN') ?? (vertical === 'B2B' ? defaultOf(redirect_urls, 'DISCOVERY') : undefined)
  if (!address || target === undefined) return
  const minutes = Math.ceil((environment.settings.user_lock_ttl * SECOND) / MINUTE)
  const token = await issueOneTimeToken(app, environment, {
    purpose: 'unlock',
    owner_id,
    method_id: address.email_id,
    minutes,
    details: { kind: 'unlock', attributes: checkAttributes(undefined), redirect_url: target.url },
  })
  const links = [{ purpose: 'unlock' as const, url: linkTo(app, environment, 'unlock', token), token }]
  const letter = { channel: 'email', template: 'unlock', locale: 'en', links, minutes } as const
  try {
    await sendMessage(app, environment, address.email, letter)
  } catch (error) {
    // Count and lock stand although nobody carries the mail.
    if (!(error instanceof Refusal)) throw error
    await revokeOneTimeTokens(app, environment, owner_id, { purpose: 'unlock' })
  }
}

/** A success while unlocked: the count begins anew. */
export function forgetFailedAttempts(
  app: App,
  owner:
    | Pick<User, 'project_id' | 'user_id'>
    | Pick<Member, 'project_id' | 'member_id'>
    | Pick<Address, 'project_id' | 'email_address'>,
): Promise<void> {
  return deleteFailures(app.store, owner.project_id, ownerIdOf(owner))
}

/** Forgets at most `limit` addresses that were last failed with long ago, with their failures, and returns how many. */
export function purgeAddresses(app: App, time: number, limit: number): Promise<number> {
  return app.transaction(async (app) => {
    const gone = await forgetAddresses(app, time, limit)
    for (const [project_id, group] of Map.groupBy(gone, ({ project_id }) => project_id)) {
      await deleteFailures(
        app.store,
        project_id,
        group.map(({ email_address }) => email_address),
      )
    }
    return gone.length
  })
}

/** The same for many owners, who are being deleted. */
export function forgetAllFailedAttempts(
  app: App,
  { project_id }: Pick<Environment, 'project_id'>,
  owner_ids: string[],
): Promise<void> {
  return deleteFailures(app.store, project_id, owner_ids)
}

/** Unlocks a user at once; one who is not locked stays as they are. Refuses with `user_not_found`. */
export function unlockUser(app: App, environment: Environment, reference: string): Promise<User> {
  return app.transaction(async (app) => {
    const user = await getUser(app, environment, reference)
    await unlock(app, environment, accountOf(environment, user))
    return getUser(app, environment, user.user_id)
  })
}

/**
 * Like `unlockUser`, for the member with that id in any organization, and for their address: what locks the one may lock the
 * other. Refuses with `invalid_id` and `member_not_found`.
 */
export function unlockMember(app: App, environment: Environment, member_id: string): Promise<Member> {
  return app.transaction(async (app) => {
    const member = await getMemberAnywhere(app, environment, member_id, false)
    await unlock(app, environment, await addressAccount(app, environment, member.email_address))
    await unlock(app, environment, accountOf(environment, member))
    return getMemberAnywhere(app, environment, member_id, false)
  })
}

async function unlock(app: App, environment: Environment, known: Account): Promise<void> {
  const { project_id } = environment
  const account = await known.takeTurn(app)
  const { owner_id } = account
  await deleteFailures(app.store, project_id, owner_id)
  await revokeOneTimeTokens(app, environment, owner_id, { purpose: 'unlock' })
  if (account.lock_expires_at === null) return
  await recordEvent(app, project_id, 'user.unlocked', owner_id)
  await account.setLock(app, { lock_created_at: null, lock_expires_at: null })
}

/** The account of a member's address, which is held before the member. */
async function addressAccount(app: App, environment: Environment, email_address: string): Promise<Account> {
  return accountOf(environment, await findAddress(app, environment, email_address))
}

/**
 * Unlocks whom a link was mailed to, and the address it went to; false when the link is unknown, was used, or has ended with the
 * lock.
 */
export function unlockByToken(app: App, environment: Environment, token: string): Promise<boolean> {
  return app.transaction(async (app) => {
    const found = await findOneTimeToken(app, environment, 'unlock', token)
    if (!found || !isRedeemable(found, app.now())) return false
    const known = await findAccount(app, environment, found.owner_id)
    const email = environment.vertical === 'B2B' ? known?.addresses[0]?.email : undefined
    const address = email === undefined ? undefined : await addressAccount(app, environment, email)
    await address?.takeTurn(app)
    const account = await known?.takeTurn(app)
    if (!account || !isLocked(account, app.now()) || !(await consumeOneTimeToken(app, found))) return false
    await unlock(app, environment, account)
    if (address) await unlock(app, environment, address)
    return true
  })
}
