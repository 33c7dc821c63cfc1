/** POST /v1/b2b/passwords/authenticate: an email address and its password sign a member in. */
import { z } from 'zod'
import { lookUpPresentedMember } from '../../../domain/sessions/presented.ts'
import { signInMemberByPassword } from '../../../domain/signin/member_password.ts'
import { memberSignedInShape } from '../../../wire/member_session.ts'
import { organizationId, presentingFields } from '../../../wire/member_sign_in.ts'
import { operation } from '../../operation.ts'
import { memberSignedIn } from '../member_signed_in.ts'
import { presenting } from '../presenting.ts'

export const authenticate = operation({
  route: 'POST /v1/b2b/passwords/authenticate',
  name: 'api_b2b_password_v1_Authenticate',
  sdk: 'passwords.authenticate',
  summary:
    'Authenticates a member by email address and password, for a session, or for an intermediate one while more is required.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    organization_id: organizationId,
    email_address: z.string(),
    password: z.string(),
    ...presentingFields('api_b2b_password_v1_AuthenticateRequestLocale'),
  },
  reply: memberSignedInShape,
  look_up: (app, { project_id, body }) => lookUpPresentedMember(app, project_id, body),
  async run(app, { environment, body }, lookup) {
    const presented = await presenting(app, environment, body, lookup)
    return memberSignedIn(app, environment, await signInMemberByPassword(app, environment, body, presented))
  },
})
