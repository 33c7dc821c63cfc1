/** POST /v1/b2b/passwords/existing_password/reset: a new password by who knows the one before. */
import { z } from 'zod'
import { lookUpPresentedMember } from '../../../../domain/sessions/presented.ts'
import { resetMemberPasswordByExisting } from '../../../../domain/signin/member_password_reset.ts'
import { memberSessionChange, memberSignedInShape } from '../../../../wire/member_session.ts'
import { organizationId } from '../../../../wire/member_sign_in.ts'
import { newPassword } from '../../../../wire/password.ts'
import { locale } from '../../../../wire/sending.ts'
import { presentedSession, telemetry } from '../../../../wire/session.ts'
import { operation } from '../../../operation.ts'
import { memberSignedIn } from '../../member_signed_in.ts'
import { presenting } from '../../presenting.ts'

const { organization_id: _, ...reply } = memberSignedInShape

export const reset = operation({
  route: 'POST /v1/b2b/passwords/existing_password/reset',
  name: 'api_b2b_password_v1_b2b_passwords_existing_password_Reset',
  sdk: 'passwords.existingPassword.reset',
  summary: 'Replaces the password of a member who knows it, and ends all sessions.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    organization_id: organizationId,
    email_address: z.string(),
    existing_password: z.string(),
    new_password: newPassword,
    ...presentedSession,
    ...memberSessionChange,
    ...locale('api_b2b_password_v1_ResetRequestLocale'),
    ...telemetry,
  },
  reply,
  look_up: (app, { project_id, body }) => lookUpPresentedMember(app, project_id, body),
  async run(app, { environment, body }, lookup) {
    const presented = await presenting(app, environment, body, lookup)
    const signIn = await resetMemberPasswordByExisting(app, environment, body, presented)
    const { organization_id, ...rest } = await memberSignedIn(app, environment, signIn)
    return rest
  },
})
