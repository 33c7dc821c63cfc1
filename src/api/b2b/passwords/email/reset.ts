/** POST /v1/b2b/passwords/email/reset: the token of a reset link sets a new password and signs its member in. */
import { z } from 'zod'
import { lookUpPresentedMember } from '../../../../domain/sessions/presented.ts'
import { resetMemberPasswordByEmail } from '../../../../domain/signin/member_password_reset.ts'
import { memberSignedInShape } from '../../../../wire/member_session.ts'
import { presentingFields } from '../../../../wire/member_sign_in.ts'
import { newPassword } from '../../../../wire/password.ts'
import { codeVerifier } from '../../../../wire/sending.ts'
import { operation } from '../../../operation.ts'
import { memberSignedIn } from '../../member_signed_in.ts'
import { presenting } from '../../presenting.ts'

export const reset = operation({
  route: 'POST /v1/b2b/passwords/email/reset',
  name: 'api_b2b_password_v1_b2b_passwords_email_Reset',
  sdk: 'passwords.email.reset',
  summary: 'Redeems a reset link, once: sets the password, verifies the address, ends all sessions and signs in.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    password_reset_token: z.string().describe('The token of the link.'),
    password: newPassword,
    ...codeVerifier,
    ...presentingFields('api_b2b_password_v1_ResetRequestLocale'),
  },
  reply: { ...memberSignedInShape, member_email_id: z.string() },
  look_up: (app, { project_id, body }) => lookUpPresentedMember(app, project_id, body),
  async run(app, { environment, body }, lookup) {
    const { password_reset_token: token, password, code_verifier } = body
    const presented = await presenting(app, environment, body, lookup)
    const signIn = await resetMemberPasswordByEmail(app, environment, { token, password, code_verifier }, presented)
    return { ...(await memberSignedIn(app, environment, signIn)), member_email_id: signIn.email_id }
  },
})
