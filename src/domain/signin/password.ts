/** Signing up and in by password (reference: consumer.md §3.4). */
import { needsRehash } from '../../crypto/passwords/hash.ts'
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { acceptAtLogin, acceptNewPassword, checkLength } from '../passwords/acceptance.ts'
import { findPassword, renewPassword, type StoredPassword } from '../passwords/password.ts'
import { personalWords } from '../passwords/strength.ts'
import type { Presented } from '../sessions/presented.ts'
import type { SessionChange } from '../sessions/session.ts'
import { findContactOwner } from '../users/contacts.ts'
import { givePassword, requirePasswordReset } from '../users/password.ts'
import { findUser, findUserBy } from '../users/reference.ts'
import type { User } from '../users/row.ts'
import { createUser, type NewUser, takeTurn } from '../users/user.ts'
import { attempt, failedAttempt, type Outcome } from './attempt.ts'
import { refuseLocked } from './lock.ts'
import { type SignIn, signInUser } from './user.ts'

/** What every password operation adds to the session. */
export const passwordProof = { type: 'password', delivery_method: 'knowledge' } as const

/** How often an attempt begins again because the password was replaced while it was verified. */
const most_rounds = 5

/**
 * Creates a user with a password and signs the user in. Refuses with `duplicate_email`, as a new password is refused, and
 * as creating a user is.
 */
export async function signUpByPassword(
  app: App,
  environment: Environment,
  given: Pick<NewUser, 'name' | 'trusted_metadata' | 'untrusted_metadata'> & { email: string; password: string },
  change: SessionChange,
): Promise<SignIn> {
  const { password, ...profile } = given
  const email = parseEmail(given.email) ?? fail('invalid_email')
  // Asked before anything that takes long; the claim of the address decides in the end.
  if (await findEmailOwner(app, environment, email)) fail('duplicate_email')
  const accepted = await acceptNewPassword(app, environment, password, personalWords([email], given.name))
  return app.transaction(async (app) => {
    const user = await createUser(app, environment, { ...profile, email, status: 'active' })
    const withPassword = await givePassword(app, environment, user, accepted)
    return signInUser(app, environment, withPassword, passwordProof, undefined, change)
  })
}

/**
 * Signs in the user of that address by password. Refuses with `email_not_found` and `no_user_password`, as the API
 * documents; with `unauthorized_credentials`, which counts towards the lock; and with `reset_password` a right password
 * that must be reset or is not accepted any more.
 */
export async function signInByPassword(
  app: App,
  environment: Environment,
  { email, password }: { email: string; password: string },
  presented: Presented | undefined,
  change: SessionChange,
): Promise<SignIn> {
  return withVerifiedPassword(app, environment, { email, password }, (verified) =>
    signInVerified(app, environment, verified, password, presented, change),
  )
}

/** Undefined when the password was replaced after it was verified: what was typed needs verifying anew. */
async function signInVerified(
  app: App,
  environment: Environment,
  { user, stored }: Verified,
  password: string,
  presented: Presented | undefined,
  change: SessionChange,
): Promise<SignIn | undefined> {
  const refuse = (isBreached: boolean) => refuseUntilReset(app, environment, { user, stored }, isBreached)
  if (user.password?.requires_reset) return refuse(false)
  const acceptance = await acceptAtLogin(app, environment, stored, password, wordsAbout(user))
  if (acceptance.verdict !== 'accepted') return refuse(acceptance.verdict === 'breached')
  const { accepted_by } = acceptance
  const hash = needsRehash(stored, password) ? await app.passwords.hash(password) : undefined
  return app.transaction(async (app) => {
    const current = await holdUnchanged(app, environment, { user, stored })
    if (!current) return undefined
    if (current.password?.requires_reset) fail('reset_password')
    await renewPassword(app, stored, { hash, accepted_by })
    return signInUser(app, environment, current, passwordProof, presented, change)
  })
}

/**
 * Refuses with `reset_password`, unless the user was locked meanwhile; undefined when the password was replaced. A breached
 * password stays breached, whatever the environment asks for later.
 */
function refuseUntilReset(
  app: App,
  environment: Environment,
  verified: Verified,
  isBreached: boolean,
): Promise<undefined> {
  return attempt(app, async (app): Promise<Outcome<undefined>> => {
    const user = await holdUnlocked(app, environment, verified)
    if (!user) return undefined
    if (isBreached) await requirePasswordReset(app, environment, user)
    return failedAttempt(app, environment, user, 'reset_password', { counts: false })
  })
}

export type Verified = { user: User; stored: StoredPassword }

/**
 * Verifies the password of the user of that address and goes on with `work`. Verifying takes a while and happens outside
 * any transaction, so everything begins again when the password was replaced meanwhile: `work` tells so by returning
 * undefined. A wrong password is counted in a transaction of its own; the lock is looked at before and after. Refuses with
 * `email_not_found`, `no_user_password`, `user_lock_limit_reached` and `unauthorized_credentials`.
 */
export async function withVerifiedPassword<T>(
  app: App,
  environment: Environment,
  given: { email: string; password: string },
  work: (verified: Verified) => Promise<T | undefined>,
): Promise<T> {
  const email = parseEmail(given.email) ?? fail('invalid_email')
  checkLength(given.password)
  for (let round = 0; round < most_rounds; round++) {
    const user = (await findEmailOwner(app, environment, email)) ?? fail('email_not_found')
    refuseLocked(app, user)
    const stored = (user.password && (await findPassword(app, environment, user.user_id))) ?? fail('no_user_password')
    if (await app.passwords.verify(stored, given.password)) {
      const result = await work({ user, stored })
      if (result !== undefined) return result
    } else await countWrongPassword(app, environment, { user, stored })
  }
  // Somebody replaces the password again and again.
  fail('server_unavailable')
}

/** Counts and refuses a wrong password; returns when it was replaced meanwhile, so that it may be right now. */
function countWrongPassword(app: App, environment: Environment, verified: Verified): Promise<undefined> {
  return attempt(app, async (app): Promise<Outcome<undefined>> => {
    const user = await holdUnlocked(app, environment, verified)
    if (!user) return undefined
    return failedAttempt(app, environment, user, 'unauthorized_credentials')
  })
}

/**
 * As `holdUnchanged`, and refuses a locked user. Whatever tells that a password was right comes after this: otherwise many
 * guesses at once would tell more than as many in a row.
 */
export async function holdUnlocked(app: App, environment: Environment, verified: Verified): Promise<User | undefined> {
  const user = await holdUnchanged(app, environment, verified)
  if (user) refuseLocked(app, user)
  return user
}

/**
 * The user as of now, held until the transaction ends; undefined when the user has gone or has another password by now. Read
 * after it is held: a lock that was committed while this one waited for its turn must be seen.
 */
export async function holdUnchanged(
  app: App,
  environment: Environment,
  { user: { user_id }, stored }: Verified,
): Promise<User | undefined> {
  const found = await findUser(app, environment, user_id)
  if (!found) return undefined
  const user = await takeTurn(app, environment, found)
  const current = await findPassword(app, environment, user_id)
  return current?.hash === stored.hash ? user : undefined
}

/** The user of an address. Most addresses are proven, and found without a transaction; others may have lapsed. */
export async function findEmailOwner(app: App, environment: Environment, email: string): Promise<User | undefined> {
  const user = await findUserBy(app, environment, 'email', email)
  if (!user || user.emails.some((entry) => entry.email === email && entry.verified)) return user
  return (await findContactOwner(app, environment, 'email', email))?.user
}

/** The words about a user that a password should not be made of. */
export function wordsAbout({ emails, name }: User): string[] {
  return personalWords(
    emails.map(({ email }) => email),
    name,
  )
}
