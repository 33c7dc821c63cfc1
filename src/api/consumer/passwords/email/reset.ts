/** POST /v1/passwords/email/reset: the token of a reset link sets a new password and signs its user in. */
import { z } from 'zod'
import { checkAttributes } from '../../../../domain/attributes.ts'
import { lookUpPresented, readSessionChange, requirePresented } from '../../../../domain/sessions/presented.ts'
import { resetPasswordByEmail } from '../../../../domain/signin/password_reset.ts'
import { newPassword } from '../../../../wire/password.ts'
import { attributeOptions, attributes, codeVerifier } from '../../../../wire/sending.ts'
import { presentedSession, sessionChange, telemetry } from '../../../../wire/session.ts'
import { signedInShape } from '../../../../wire/signed_in.ts'
import { operation } from '../../../operation.ts'
import { signedIn } from '../../signed_in.ts'

export const reset = operation({
  route: 'POST /v1/passwords/email/reset',
  name: 'api_password_v1_passwords_email_Reset',
  sdk: 'passwords.email.reset',
  summary: 'Redeems a reset link, once: sets the password, verifies the address and ends all sessions.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    token: z.string().describe('The token of the link.'),
    password: newPassword,
    ...attributes,
    ...attributeOptions,
    ...codeVerifier,
    ...presentedSession,
    ...sessionChange,
    ...telemetry,
  },
  reply: signedInShape,
  look_up: (app, { project_id, body }) => lookUpPresented(app, project_id, body),
  async run(app, { environment, body }, lookup) {
    const change = { ...readSessionChange(body), attributes: checkAttributes(body.attributes) }
    const presented = await requirePresented(app, environment, body, lookup)
    return signedIn(app, environment, await resetPasswordByEmail(app, environment, body, presented, change))
  },
})
