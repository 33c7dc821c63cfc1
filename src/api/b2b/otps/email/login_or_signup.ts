/** POST /v1/b2b/otps/email/login_or_signup: mails a one-time code to a member, or to who may become one. */
import { sendMemberCode } from '../../../../domain/signin/member_code_sending.ts'
import { memberAddressed, memberCodeMinutes, memberCreatedShape } from '../../../../wire/member_sign_in.ts'
import { locale } from '../../../../wire/sending.ts'
import { operation } from '../../../operation.ts'
import { memberReply, memberReplyShape } from '../../member_reply.ts'

export const loginOrSignup = operation({
  route: 'POST /v1/b2b/otps/email/login_or_signup',
  name: 'api_b2b_otp_v1_b2b_otp_email_LoginOrSignup',
  sdk: 'otps.email.loginOrSignup',
  summary: 'Mails a one-time code to the member with that address, or to a new one where the organization lets it in.',
  caller: 'project',
  vertical: 'b2b',
  body: { ...memberAddressed, ...memberCodeMinutes, ...locale('api_b2b_otp_v1_LoginOrSignupRequestLocale') },
  reply: { ...memberReplyShape, ...memberCreatedShape },
  async run(app, { environment, body }) {
    const { organization, member, member_created } = await sendMemberCode(app, environment, body)
    return { ...memberReply(app, environment, organization, member), member_created }
  },
})
