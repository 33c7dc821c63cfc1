/** POST /v1/passwords/existing_password/reset: a new password by somebody who knows the existing one. */
import { z } from 'zod'
import { lookUpPresented, readSessionChange, requirePresented } from '../../../../domain/sessions/presented.ts'
import { resetPasswordByExisting } from '../../../../domain/signin/password_reset.ts'
import { newPassword } from '../../../../wire/password.ts'
import { presentedSession, sessionChange, telemetry } from '../../../../wire/session.ts'
import { signedInShape } from '../../../../wire/signed_in.ts'
import { operation } from '../../../operation.ts'
import { signedIn } from '../../signed_in.ts'

export const reset = operation({
  route: 'POST /v1/passwords/existing_password/reset',
  name: 'api_password_v1_passwords_existing_password_Reset',
  sdk: 'passwords.existingPassword.reset',
  summary: 'Replaces a password by the existing one and ends all sessions.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    email: z.string(),
    existing_password: z.string(),
    new_password: newPassword,
    ...presentedSession,
    ...sessionChange,
    ...telemetry,
  },
  reply: signedInShape,
  look_up: (app, { project_id, body }) => lookUpPresented(app, project_id, body),
  async run(app, { environment, body }, lookup) {
    const change = readSessionChange(body)
    const presented = await requirePresented(app, environment, body, lookup)
    return signedIn(app, environment, await resetPasswordByExisting(app, environment, body, presented, change))
  },
})
