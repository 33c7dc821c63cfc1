/** What a proof leads to in a consumer project: an active user, and a session when one is asked for (reference: consumer.md §1.4). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { Proof } from '../sessions/factors.ts'
import type { Presented } from '../sessions/presented.ts'
import { gatherFactor, type Session, type SessionChange, startSession } from '../sessions/session.ts'
import type { User } from '../users/row.ts'
import { changeUser, holdUser } from '../users/user.ts'

export type SignIn = { user: User; session: Session | undefined }

/** Refuses with `user_lock_limit_reached` while the user is locked. */
export function refuseLocked(app: App, user: User): void {
  if (user.lock_expires_at !== null && user.lock_expires_at > app.now()) fail('user_lock_limit_reached')
}

/**
 * Signs a user in who has just been proven; belongs into the transaction of the proof. The session that was presented
 * gains the factor; one of another user is ignored. Without one, a duration starts a new session, and neither gives none.
 */
export async function signInUser(
  app: App,
  environment: Environment,
  user: User,
  proof: Proof,
  presented: Presented | undefined,
  change: SessionChange,
): Promise<SignIn> {
  refuseLocked(app, user)
  await holdUser(app, user)
  const active = await activate(app, environment, user)
  if (presented?.session.owner_id === user.user_id) {
    const { session_id } = presented.session
    return { user: active, session: await gatherFactor(app, environment, session_id, proof, change) }
  }
  const { duration_minutes } = change
  if (duration_minutes === undefined) return { user: active, session: undefined }
  const session = await startSession(app, environment, user.user_id, proof, { ...change, duration_minutes })
  return { user: active, session }
}

/** A pending user becomes active with the first successful authentication (reference: consumer.md §2.6). */
async function activate(app: App, environment: Environment, user: User): Promise<User> {
  if (user.status === 'active') return user
  return changeUser(app, environment, user.user_id, (_, current) => ({ ...current, status: 'active' }))
}
