/** What a proof leads to in a consumer project: an active user, and a session when one is asked for (reference: consumer.md §1.4). */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { removeTotp } from '../proofs/totp/totp.ts'
import type { Proof } from '../sessions/factors.ts'
import type { Presented } from '../sessions/presented.ts'
import { gatherFactor, revokeSessionsOf, type Session, type SessionChange, startSession } from '../sessions/session.ts'
import { contactsOf, proven } from '../users/contacts.ts'
import type { User } from '../users/row.ts'
import { changeUser, release, takeTurn, totpIdentifier } from '../users/user.ts'
import { forgetFailedAttempts, refuseLocked } from './lock.ts'

/** `reset_sessions`: other sessions had to end, because the account may have been prepared by somebody else. */
export type SignIn = { user: User; session: Session | undefined; reset_sessions: boolean }

/**
 * Signs a user in who has just been proven; belongs into the transaction of the proof. The session that was presented
 * gains the factor; one of another user is ignored. Without one, a duration starts a new session, and neither gives none.
 * `contact_id` is the address or number that the proof has shown to be the user's. Refuses a locked user.
 */
export async function signInUser(
  app: App,
  environment: Environment,
  given: User,
  proof: Proof,
  presented: Presented | undefined,
  change: SessionChange,
  contact_id?: string,
): Promise<SignIn> {
  // Others may have written since the user was read; a lock above all counts at once.
  const user = await takeTurn(app, environment, given)
  refuseLocked(app, user)
  await forgetFailedAttempts(app, user)
  const own = presented?.session.owner_id === user.user_id ? presented.session : undefined
  const hijackable = contact_id !== undefined && mayBePrepared(user, contact_id)
  if (hijackable) await revokeSessionsOf(app, environment, user.user_id, own?.session_id)
  const active = await settle(app, environment, user, contact_id, hijackable)
  const reset_sessions = hijackable
  if (own) {
    const session = await gatherFactor(app, environment, own.session_id, proof, change)
    return { user: active, session, reset_sessions }
  }
  const { duration_minutes } = change
  if (duration_minutes === undefined) return { user: active, session: undefined, reset_sessions }
  const session = await startSession(app, environment, user.user_id, proof, { ...change, duration_minutes })
  return { user: active, session, reset_sessions }
}

/**
 * Whether somebody else may have prepared the account: it has a password, and the address that is proven now was never
 * proven before, so whoever chose the password need not be who owns the address (reference: consumer.md §3.4).
 */
function mayBePrepared(user: User, contact_id: string): boolean {
  const contact = contactsOf(user).find(({ id }) => id === contact_id)
  return user.password !== null && contact?.kind === 'email' && !contact.verified
}

/** Active, with the contact proven, and without what may be somebody else's. */
async function settle(
  app: App,
  environment: Environment,
  user: User,
  contact_id: string | undefined,
  hijackable: boolean,
): Promise<User> {
  const unproven =
    contact_id !== undefined && contactsOf(user).some(({ id, verified }) => id === contact_id && !verified)
  if (user.status === 'active' && !unproven) return user
  return changeUser(app, environment, user.user_id, async (app, current) => {
    const next = contact_id === undefined ? current : await proven(app, current, contact_id)
    return { ...(hijackable ? await disarm(app, environment, next) : next), status: 'active' }
  })
}

/** Takes away what whoever prepared the account could come back with: the password must be reset, an authenticator app goes. */
async function disarm(app: App, environment: Environment, user: User): Promise<User> {
  await release(app, user, user.totps.map(totpIdentifier))
  await removeTotp(app, environment, user.user_id)
  return { ...user, totps: [], password: user.password && { ...user.password, requires_reset: true } }
}
