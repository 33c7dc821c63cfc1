/** POST /v1/b2b/passwords/session/reset: a new password by a session of a member with a fresh proof. */
import { lookUpPresentedMember } from '../../../../domain/sessions/presented.ts'
import { resetMemberPasswordBySession } from '../../../../domain/signin/member_password_reset.ts'
import { memberSessionChange, memberSignedInShape } from '../../../../wire/member_session.ts'
import { organizationId } from '../../../../wire/member_sign_in.ts'
import { newPassword } from '../../../../wire/password.ts'
import { locale } from '../../../../wire/sending.ts'
import { presentedSession, telemetry } from '../../../../wire/session.ts'
import { operation } from '../../../operation.ts'
import { memberSignedIn } from '../../member_signed_in.ts'
import { presenting } from '../../presenting.ts'

const { organization_id: _, primary_required: __, ...reply } = memberSignedInShape

export const reset = operation({
  route: 'POST /v1/b2b/passwords/session/reset',
  name: 'api_b2b_password_v1_b2b_passwords_session_Reset',
  sdk: 'passwords.sessions.reset',
  summary: 'Sets the password of the member of a session that is freshly proven, and ends all other sessions.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    organization_id: organizationId,
    password: newPassword,
    ...presentedSession,
    ...memberSessionChange,
    ...locale('api_b2b_password_v1_ResetRequestLocale'),
    ...telemetry,
  },
  reply,
  look_up: (app, { project_id, body }) => lookUpPresentedMember(app, project_id, body),
  async run(app, { environment, body }, lookup) {
    const presented = await presenting(app, environment, body, lookup)
    const signIn = await resetMemberPasswordBySession(app, environment, body, presented)
    const { organization_id, primary_required, ...rest } = await memberSignedIn(app, environment, signIn)
    return rest
  },
})
