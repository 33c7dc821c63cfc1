/** POST /v1/b2b/totp/authenticate: the code of an authenticator app completes the sign-in of a member, or steps a session up. */
import { z } from 'zod'
import { readSessionChange } from '../../../domain/sessions/presented.ts'
import { findStanding, lookUpProven, readEnrolment } from '../../../domain/signin/member_second_factor.ts'
import { signInByMemberTotp } from '../../../domain/signin/member_totp.ts'
import { readTotpCode } from '../../../domain/signin/totp.ts'
import { memberSessionChange, memberSessionShape } from '../../../wire/member_session.ts'
import { enrolmentFields, memberNamed, provenBefore } from '../../../wire/second_factor.ts'
import { telemetry } from '../../../wire/session.ts'
import { operation } from '../../operation.ts'
import { memberSession } from '../member_signed_in.ts'

export const authenticate = operation({
  route: 'POST /v1/b2b/totp/authenticate',
  name: 'api_b2b_totp_v1_Authenticate',
  sdk: 'totps.authenticate',
  summary:
    'Authenticates the code of an authenticator app as the second factor of a member; the first one verifies the app.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    ...memberNamed,
    code: z.string().describe('The six digits that the app shows.'),
    ...provenBefore,
    ...memberSessionChange,
    ...enrolmentFields,
    ...telemetry,
  },
  reply: memberSessionShape,
  look_up: (app, { project_id, body }) => lookUpProven(app, project_id, body, { needed: true }),
  async run(app, { environment, body }, lookup) {
    const change = readSessionChange(body)
    const given = { code: readTotpCode(body.code), enrolment: readEnrolment(body) }
    const standing = await findStanding(app, environment, body, lookup, { signing_in: true })
    return memberSession(app, environment, await signInByMemberTotp(app, environment, standing, given, change))
  },
})
