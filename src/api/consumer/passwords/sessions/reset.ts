/** POST /v1/passwords/session/reset: a new password by a session with a fresh proof. */
import { lookUpPresented, readSessionChange, requirePresented } from '../../../../domain/sessions/presented.ts'
import { resetPasswordBySession } from '../../../../domain/signin/password_reset.ts'
import { newPassword } from '../../../../wire/password.ts'
import { presentedSession, sessionChange, telemetry } from '../../../../wire/session.ts'
import { signedInShape } from '../../../../wire/signed_in.ts'
import { operation } from '../../../operation.ts'
import { signedIn } from '../../signed_in.ts'

export const reset = operation({
  route: 'POST /v1/passwords/session/reset',
  name: 'api_password_v1_passwords_session_Reset',
  sdk: 'passwords.sessions.reset',
  summary: 'Sets the password of the user of a session that is freshly proven, and ends all other sessions.',
  caller: 'project',
  vertical: 'consumer',
  body: { password: newPassword, ...presentedSession, ...sessionChange, ...telemetry },
  reply: signedInShape,
  look_up: (app, { project_id, body }) => lookUpPresented(app, project_id, body),
  async run(app, { environment, body }, lookup) {
    const change = readSessionChange(body)
    const presented = await requirePresented(app, environment, body, lookup)
    const signIn = await resetPasswordBySession(app, environment, body.password, presented, change)
    return signedIn(app, environment, signIn)
  },
})
