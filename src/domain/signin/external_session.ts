/** Signing a user in who has a session with another identity provider: `sessions.migrate` (reference: consumer.md §1.10). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { SessionChange } from '../sessions/session.ts'
import { findContactOwner } from '../users/contacts.ts'
import { type SignIn, signInUser } from './user.ts'

/** Signs in the user who has that email address; the user must exist, and no address becomes verified by this. */
export function signInByExternalSession(
  app: App,
  environment: Environment,
  email: string,
  change: SessionChange,
): Promise<SignIn> {
  return app.transaction(async (app) => {
    const owner = await findContactOwner(app, environment, 'email', email)
    if (!owner) fail('migrate_from_external_email_does_not_exist')
    return signInUser(
      app,
      environment,
      owner.user,
      { type: 'imported', delivery_method: 'imported_auth0' },
      undefined,
      change,
    )
  })
}
