/** POST /v1/b2b/otps/email/authenticate: a one-time code by email signs its member in. */
import { z } from 'zod'
import { lookUpPresentedMember } from '../../../../domain/sessions/presented.ts'
import { signInMemberByCode } from '../../../../domain/signin/member_one_time_code.ts'
import { memberSignedInShape } from '../../../../wire/member_session.ts'
import { organizationId, presentingFields } from '../../../../wire/member_sign_in.ts'
import { operation } from '../../../operation.ts'
import { memberSignedIn } from '../../member_signed_in.ts'
import { presenting } from '../../presenting.ts'

export const authenticate = operation({
  route: 'POST /v1/b2b/otps/email/authenticate',
  name: 'api_b2b_otp_v1_b2b_otp_email_Authenticate',
  sdk: 'otps.email.authenticate',
  summary:
    'Authenticates a mailed code, for a session of the member, or for an intermediate one while more is required.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    organization_id: organizationId,
    email_address: z.string().describe('The address that the code was sent to.'),
    code: z.string().describe('The six digits.'),
    ...presentingFields('api_b2b_otp_v1_AuthenticateRequestLocale'),
  },
  reply: { ...memberSignedInShape, method_id: z.string() },
  look_up: (app, { project_id, body }) => lookUpPresentedMember(app, project_id, body),
  async run(app, { environment, body }, lookup) {
    const presented = await presenting(app, environment, body, lookup)
    const signIn = await signInMemberByCode(app, environment, body, presented)
    return { ...(await memberSignedIn(app, environment, signIn)), method_id: signIn.method_id }
  },
})
