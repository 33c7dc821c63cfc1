/** How a sign-in is answered: the user, and session, token and JWT when there is a session. */
import type { App } from '../../domain/app.ts'
import type { Environment } from '../../domain/configuration/environment.ts'
import { mintSessionJwt } from '../../domain/sessions/jwt.ts'
import { tokenOf } from '../../domain/sessions/session.ts'
import type { SignIn } from '../../domain/signin/user.ts'
import { sessionToWire } from '../../wire/session.ts'
import { userToWire } from '../../wire/user.ts'

/** The reply fields of `signedInShape`. */
export async function signedIn(app: App, environment: Environment, { user, session }: SignIn) {
  return {
    user_id: user.user_id,
    user: userToWire(user, app.now()),
    session: session ? sessionToWire(session, user.roles) : null,
    session_token: session ? tokenOf(app, session) : '',
    session_jwt: session ? await mintSessionJwt(app, environment, session, user.roles) : '',
    user_device: null,
  }
}
