/** Signing up and in by password (reference: consumer.md §3.4). */
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { acceptNewPassword } from '../passwords/acceptance.ts'
import { findPassword } from '../passwords/password.ts'
import { personalWords } from '../passwords/strength.ts'
import type { Presented } from '../sessions/presented.ts'
import type { SessionChange } from '../sessions/session.ts'
import { findContactOwner } from '../users/contacts.ts'
import { givePassword, requirePasswordReset } from '../users/password.ts'
import { findUser, findUserBy } from '../users/reference.ts'
import type { User } from '../users/row.ts'
import { createUser, type NewUser, takeTurn } from '../users/user.ts'
import { type SignIn, signInUser } from './user.ts'
import { type Kind, loggingIn, passwordProof } from './verified_password.ts'

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
  const accepted = await acceptNewPassword(app, environment, password, personalWords([email], namesOf(given.name)))
  return app.transaction(async (app) => {
    const user = await createUser(app, environment, { ...profile, email, status: 'active' })
    const withPassword = await givePassword(app, environment, user, accepted)
    return signInUser(app, environment, withPassword, passwordProof, undefined, change)
  })
}

/**
 * Signs in the user of that address by password. Refuses as `usersByEmail` and `loggingIn` do: unknown addresses and users
 * without a password by types of their own, as the API documents.
 */
export async function signInByPassword(
  app: App,
  environment: Environment,
  { email, password }: { email: string; password: string },
  presented: Presented | undefined,
  change: SessionChange,
): Promise<SignIn> {
  return loggingIn(app, environment, usersByEmail(environment, email), password, (app, user) =>
    signInUser(app, environment, user, passwordProof, presented, change),
  )
}

/** Users by their address. Refuses with `invalid_email`, `email_not_found` and `no_user_password`. */
export function usersByEmail(environment: Environment, text: string): Kind<User> {
  const email = parseEmail(text) ?? fail('invalid_email')
  return {
    refusal: 'reset_password',
    wordsAbout,
    async find(app) {
      const owner = (await findEmailOwner(app, environment, email)) ?? fail('email_not_found')
      const stored = owner.password ? await findPassword(app, environment, owner.user_id) : undefined
      return { owner, stored: stored ?? fail('no_user_password') }
    },
    async hold(app, owner) {
      const found = 'user_id' in owner ? await findUser(app, environment, owner.user_id) : undefined
      if (!found) return undefined
      const user = await takeTurn(app, environment, found)
      const stored = await findPassword(app, environment, user.user_id)
      return stored && { owner: user, stored }
    },
    mustReset: ({ owner }) => owner.password?.requires_reset === true,
    requireReset: (app, { owner }) => requirePasswordReset(app, environment, owner),
  }
}

/** The user of an address. Most addresses are proven, and found without a transaction; others may have lapsed. */
async function findEmailOwner(app: App, environment: Environment, email: string): Promise<User | undefined> {
  const user = await findUserBy(app, environment, 'email', email)
  if (!user || user.emails.some((entry) => entry.email === email && entry.verified)) return user
  return (await findContactOwner(app, environment, 'email', email))?.user
}

/** The words about a user that a password should not be made of. */
export function wordsAbout({ emails, name }: User): string[] {
  return personalWords(
    emails.map(({ email }) => email),
    namesOf(name),
  )
}

function namesOf(name: Partial<User['name']> | undefined): string[] {
  return [name?.first_name, name?.middle_name, name?.last_name].filter((one) => one !== undefined)
}
