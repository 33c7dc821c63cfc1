/** Deleting a user ends everything the user had. */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { removePassword } from '../passwords/password.ts'
import { revokeOneTimeCodes } from '../proofs/one_time_code.ts'
import { revokeOneTimeTokens } from '../proofs/one_time_token.ts'
import { removeTotp } from '../proofs/totp/totp.ts'
import { removeSessions } from '../sessions/session.ts'
import { getUser } from '../users/reference.ts'
import type { User } from '../users/row.ts'
import { deleteUser } from '../users/user.ts'
import { forgetFailedAttempts } from './lock.ts'

/** Deletes a user with identifiers and sessions and returns what was deleted. Refuses with `user_not_found`. */
export function removeUser(app: App, environment: Environment, reference: string): Promise<User> {
  return app.transaction(async (app) => {
    const user = await getUser(app, environment, reference)
    await deleteUser(app, environment, user)
    await removePassword(app, environment, user.user_id)
    await removeSessions(app, environment, user.user_id)
    await revokeOneTimeTokens(app, environment, user.user_id)
    await revokeOneTimeCodes(app, environment, user.user_id)
    await removeTotp(app, environment, user.user_id)
    await forgetFailedAttempts(app, user)
    return user
  })
}
