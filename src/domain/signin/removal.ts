/** Deleting a user ends everything the user had. */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { removeSessions } from '../sessions/session.ts'
import { getUser } from '../users/reference.ts'
import type { User } from '../users/row.ts'
import { deleteUser } from '../users/user.ts'

/** Deletes a user with identifiers and sessions and returns what was deleted. Refuses with `user_not_found`. */
export function removeUser(app: App, environment: Environment, reference: string): Promise<User> {
  return app.transaction(async (app) => {
    const user = await getUser(app, environment, reference)
    await deleteUser(app, environment, user)
    await removeSessions(app, environment, user.user_id)
    return user
  })
}
