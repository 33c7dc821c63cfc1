/** Resetting passwords: by a mailed link, by the existing password, by a fresh session (reference: consumer.md §3.4, §1.15). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Attributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import { type AcceptedPassword, acceptNewPassword } from '../passwords/acceptance.ts'
import { type AttributeOptions, matchAttributes } from '../proofs/attribute_match.ts'
import { consumeOneTimeToken, type OneTimeToken, revokeOneTimeTokens } from '../proofs/one_time_token.ts'
import { verifyPkce } from '../proofs/pkce.ts'
import { isImpersonated } from '../sessions/factors.ts'
import type { Presented } from '../sessions/presented.ts'
import {
  getLivingSession,
  revokeSessionsOf,
  type Session,
  type SessionChange,
  startSession,
} from '../sessions/session.ts'
import { proven } from '../users/contacts.ts'
import { givePassword } from '../users/password.ts'
import { findUserBy, getUser } from '../users/reference.ts'
import type { User } from '../users/row.ts'
import { holdUser } from '../users/user.ts'
import { requireFreshFactor } from './fresh_factor.ts'
import { refuseLocked } from './lock.ts'
import { usersByEmail, wordsAbout } from './password.ts'
import { findResetToken } from './reset_token.ts'
import { type SignIn, signInUser } from './user.ts'
import { passwordProof, replacingPassword } from './verified_password.ts'

const purpose = 'password reset'

/**
 * Sets the password of the user whom a reset link was mailed to, proves the address, ends all sessions and signs in. Refuses
 * with `unable_to_auth_password_reset_token`, with PKCE and attribute errors, and as a new password is refused; nothing but
 * a success burns the token.
 */
export async function resetPasswordByEmail(
  app: App,
  environment: Environment,
  given: {
    token: string
    password: string
    code_verifier?: string | undefined
    attributes?: Partial<Attributes> | undefined
    options?: AttributeOptions | undefined
  },
  presented: Presented | undefined,
  change: SessionChange,
): Promise<SignIn> {
  const token = await findResetToken(app, environment, purpose, given.token)
  const user = await findAddressee(app, environment, token)
  refuseLocked(app, user)
  verifyPkce(token.details.code_challenge, given.code_verifier)
  matchAttributes(token.details.attributes, given.attributes, given.options)
  const own = ownSession(presented, user)
  const accepted = await acceptNewPassword(app, environment, given.password, wordsAbout(user))
  return app.transaction(async (app) => {
    // Held before anything is looked at again: the address may be taken from the user at this very moment.
    await holdUser(app, await findAddressee(app, environment, token))
    const current = await findAddressee(app, environment, token)
    if (!(await consumeOneTimeToken(app, token))) fail('unable_to_auth_password_reset_token')
    return replacePassword(app, environment, current, accepted, own, change, token.method_id)
  })
}

/** Replaces a password by somebody who knows it, ends all sessions and signs in. Refuses as `replacingPassword` does. */
export async function resetPasswordByExisting(
  app: App,
  environment: Environment,
  given: { email: string; existing_password: string; new_password: string },
  presented: Presented | undefined,
  change: SessionChange,
): Promise<SignIn> {
  return replacingPassword(app, environment, usersByEmail(environment, given.email), given, {
    hold: async () => undefined,
    finish: (app, user, accepted) =>
      replacePassword(app, environment, user, accepted, ownSession(presented, user), change),
  })
}

/**
 * Sets the password of the user of a session in which a password, a mailed link or a mailed code was proven within the last
 * five minutes; all other sessions end. Refuses with `no_session_arguments`, `invalid_session_missing_primary_factor`,
 * `session_too_old_to_reset_password`, and as a new password is refused.
 */
export async function resetPasswordBySession(
  app: App,
  environment: Environment,
  password: string,
  presented: Presented | undefined,
  change: SessionChange,
): Promise<SignIn> {
  if (!presented) fail('no_session_arguments')
  const { session, user } = presented
  if (isImpersonated(session.authentication_factors)) fail('session_not_mutable')
  requireFreshFactor(session.authentication_factors, app.now())
  refuseLocked(app, user)
  const accepted = await acceptNewPassword(app, environment, password, wordsAbout(user))
  return app.transaction(async (app) => {
    const current = await getUser(app, environment, user.user_id)
    await holdUser(app, current)
    const withPassword = await givePassword(app, environment, current, accepted)
    await revokeOneTimeTokens(app, environment, user.user_id, { purpose })
    await revokeSessionsOf(app, environment, user.user_id, session.session_id)
    return signInUser(app, environment, withPassword, passwordProof, presented, change)
  })
}

/** Whom a link was mailed to; the link is void when the address is not theirs any more. */
async function findAddressee(app: App, environment: Environment, token: OneTimeToken): Promise<User> {
  const user = await findUserBy(app, environment, 'email_id', token.method_id)
  return user?.user_id === token.owner_id ? user : fail('unable_to_auth_password_reset_token')
}

/** The presented session, if it is the user's own; one of another user is ignored. */
function ownSession(presented: Presented | undefined, user: User): Session | undefined {
  if (presented?.session.owner_id !== user.user_id) return undefined
  if (isImpersonated(presented.session.authentication_factors)) fail('session_not_mutable')
  return presented.session
}

/**
 * Stores the new password, ends all sessions and older reset links, and signs in. A presented session ends too and is
 * replaced by a new one with its factors, for the duration asked for or for what was left of it (reference: README.md
 * "email reset with a session passed").
 */
async function replacePassword(
  app: App,
  environment: Environment,
  user: User,
  accepted: AcceptedPassword,
  own: Session | undefined,
  change: SessionChange,
  contact_id?: string,
): Promise<SignIn> {
  await holdUser(app, user)
  const prove = (app: App, user: User) => (contact_id === undefined ? user : proven(app, user, contact_id))
  const withPassword = await givePassword(app, environment, user, accepted, prove)
  if (own) await getLivingSession(app, environment.project_id, own.session_id)
  await revokeOneTimeTokens(app, environment, user.user_id, { purpose })
  await revokeSessionsOf(app, environment, user.user_id)
  if (!own) return signInUser(app, environment, withPassword, passwordProof, undefined, change)
  const { duration_minutes, custom_claims } = change
  const signIn = await signInUser(app, environment, withPassword, passwordProof, undefined, {
    duration_minutes: undefined,
    custom_claims,
  })
  const lifetime = duration_minutes === undefined ? { expires_at: own.expires_at } : { duration_minutes }
  const session = await startSession(app, environment, user.user_id, passwordProof, { custom_claims, ...lifetime }, own)
  return { ...signIn, session }
}
