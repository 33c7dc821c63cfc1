/** The password of a user: given, to be reset, taken away; its row and what the user shows of it change together. */
import { fail } from '../../errors.ts'
import { newId } from '../../values/id.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvent } from '../events/event.ts'
import { requireOwnId } from '../own_id.ts'
import type { AcceptedPassword } from '../passwords/acceptance.ts'
import { removePassword, storePassword } from '../passwords/password.ts'
import { findUserBy } from './reference.ts'
import type { User } from './row.ts'
import { changeUser, claim, passwordIdentifier, release } from './user.ts'

/**
 * Gives a user a password, replacing the one before, whose id it keeps; `change` makes further changes of the same write.
 * Belongs into the transaction that demands it.
 */
export function givePassword(
  app: App,
  environment: Environment,
  { user_id }: User,
  { hash, accepted_by }: AcceptedPassword,
  change: (app: App, user: User) => User | Promise<User> = (_, user) => user,
): Promise<User> {
  const { project_id, type } = environment
  return changeUser(app, environment, user_id, async (app, user) => {
    const password_id = user.password?.password_id ?? newId('password', type)
    if (!user.password) await claim(app, user, [passwordIdentifier(password_id)])
    await storePassword(app, { project_id, owner_id: user_id, password_id, ...hash, accepted_by })
    await recordEvent(app, project_id, 'user.password_set', user_id)
    return change(app, { ...user, password: { password_id, requires_reset: false } })
  })
}

/** From now on nobody logs in with the password of that user before it was reset. */
export function requirePasswordReset(app: App, environment: Environment, { user_id }: User): Promise<User> {
  return changeUser(app, environment, user_id, async (app, user) => {
    if (!user.password || user.password.requires_reset) return user
    await recordEvent(app, environment.project_id, 'user.password_reset_required', user_id)
    return { ...user, password: { ...user.password, requires_reset: true } }
  })
}

/** Takes the password from its user. Refuses with `invalid_password_id` or `password_not_found`. */
export function deletePassword(app: App, environment: Environment, password_id: string): Promise<User> {
  requireOwnId(environment, password_id, 'password', 'invalid_password_id')
  return app.transaction(async (app) => {
    const owner = (await findUserBy(app, environment, 'password_id', password_id)) ?? fail('password_not_found')
    return changeUser(app, environment, owner.user_id, async (app, user) => {
      if (user.password?.password_id !== password_id) fail('password_not_found')
      await release(app, user, [passwordIdentifier(password_id)])
      await removePassword(app, environment, user.user_id)
      await recordEvent(app, environment.project_id, 'user.password_removed', user.user_id)
      return { ...user, password: null }
    })
  })
}
