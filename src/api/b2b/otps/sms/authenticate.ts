/** POST /v1/b2b/otps/sms/authenticate: a code sent by SMS completes the sign-in of a member, or steps a session up. */
import { z } from 'zod'
import { readSessionChange } from '../../../../domain/sessions/presented.ts'
import { findStanding, lookUpProven, readEnrolment } from '../../../../domain/signin/member_second_factor.ts'
import { readSmsCode, signInByMemberCode } from '../../../../domain/signin/member_sms.ts'
import { memberSessionChange, memberSessionShape } from '../../../../wire/member_session.ts'
import { enrolmentFields, memberNamed, provenBefore } from '../../../../wire/second_factor.ts'
import { telemetry } from '../../../../wire/session.ts'
import { operation } from '../../../operation.ts'
import { memberSession } from '../../member_signed_in.ts'

export const authenticate = operation({
  route: 'POST /v1/b2b/otps/sms/authenticate',
  name: 'api_b2b_otp_v1_b2b_otp_sms_Authenticate',
  sdk: 'otps.sms.authenticate',
  summary: 'Authenticates a one-time code as the second factor of a member, for a session or as a factor of one.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    ...memberNamed,
    code: z.string().describe('The six digits.'),
    ...provenBefore,
    ...memberSessionChange,
    ...enrolmentFields,
    ...telemetry,
  },
  reply: memberSessionShape,
  look_up: (app, { project_id, body }) => lookUpProven(app, project_id, body, { needed: true }),
  async run(app, { environment, body }, lookup) {
    const change = readSessionChange(body)
    const given = { code: readSmsCode(body.code), enrolment: readEnrolment(body) }
    const standing = await findStanding(app, environment, body, lookup, { signing_in: true })
    return memberSession(app, environment, await signInByMemberCode(app, environment, standing, given, change))
  },
})
