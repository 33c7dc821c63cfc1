/** POST /v1/b2b/otps/sms/send: a code by SMS to a member, as a second factor. */
import { z } from 'zod'
import { findStanding, lookUpProven } from '../../../../domain/signin/member_second_factor.ts'
import { readMfaPhone, sendMemberCode } from '../../../../domain/signin/member_sms.ts'
import { memberNamed, provenBefore } from '../../../../wire/second_factor.ts'
import { locale } from '../../../../wire/sending.ts'
import { maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { memberReply, memberReplyShape } from '../../member_reply.ts'

export const send = operation({
  route: 'POST /v1/b2b/otps/sms/send',
  name: 'api_b2b_otp_v1_b2b_otp_sms_Send',
  sdk: 'otps.sms.send',
  summary: 'Sends a one-time code by SMS to the phone number of a member, which is attached first when there is none.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    ...memberNamed,
    mfa_phone_number: maybe(z.string()).describe('In E.164; needed as long as the member has none.'),
    ...locale('api_b2b_otp_v1_SendRequestLocale'),
    ...provenBefore,
  },
  reply: memberReplyShape,
  look_up: (app, { project_id, body }) => lookUpProven(app, project_id, body, { needed: false }),
  async run(app, { environment, body }, lookup) {
    const phone_number = readMfaPhone(body.mfa_phone_number)
    const standing = await findStanding(app, environment, body, lookup, { signing_in: false })
    const given = { phone_number, locale: body.locale }
    const { organization, member } = await sendMemberCode(app, environment, standing, given)
    return memberReply(app, environment, organization, member)
  },
})
