/** POST /v1/b2b/magic_links/email/login_or_signup: mails a magic link to a member, or to who may become one. */
import { z } from 'zod'
import { mailMemberLink } from '../../../../domain/signin/magic_links/member_mail.ts'
import { memberAddressed, memberCreatedShape, memberLinkMinutes } from '../../../../wire/member_sign_in.ts'
import { locale } from '../../../../wire/sending.ts'
import { maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { memberReply, memberReplyShape } from '../../member_reply.ts'

export const loginOrSignup = operation({
  route: 'POST /v1/b2b/magic_links/email/login_or_signup',
  name: 'api_b2b_magic_v1_b2b_magic_links_email_LoginOrSignup',
  sdk: 'magicLinks.email.loginOrSignup',
  summary: 'Mails a magic link to the member with that address, or to a new one where the organization lets it in.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    ...memberAddressed,
    ...memberLinkMinutes,
    login_redirect_url: maybe(z.string()).describe('A registered LOGIN redirect URL; the default one without it.'),
    signup_redirect_url: maybe(z.string()).describe('A registered SIGNUP redirect URL; the default one without it.'),
    pkce_code_challenge: maybe(z.string()).describe('SHA-256 of the verifier in unpadded base64url (RFC 7636).'),
    ...locale('api_b2b_magic_v1_LoginOrSignupRequestLocale'),
  },
  reply: { ...memberReplyShape, ...memberCreatedShape },
  async run(app, { environment, body }) {
    const { organization, member, member_created } = await mailMemberLink(app, environment, body)
    return { ...memberReply(app, environment, organization, member), member_created }
  },
})
