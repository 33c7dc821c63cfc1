/** POST /v1/b2b/magic_links/authenticate: the token of a magic link signs its member in. */
import { z } from 'zod'
import { lookUpPresentedMember } from '../../../domain/sessions/presented.ts'
import { signInMemberByMagicLink } from '../../../domain/signin/magic_links/member_redeem.ts'
import { memberSignedInShape } from '../../../wire/member_session.ts'
import { presentingFields } from '../../../wire/member_sign_in.ts'
import { maybe } from '../../../wire/shape.ts'
import { operation } from '../../operation.ts'
import { memberSignedIn } from '../member_signed_in.ts'
import { presenting } from '../presenting.ts'

export const authenticate = operation({
  route: 'POST /v1/b2b/magic_links/authenticate',
  name: 'api_b2b_magic_v1_Authenticate',
  sdk: 'magicLinks.authenticate',
  summary:
    'Redeems a magic link, once, for a session of the member, or for an intermediate one while more is required.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    magic_links_token: z.string().describe('The token of the link.'),
    pkce_code_verifier: maybe(z.string()).describe('The verifier whose hash the flow was started with.'),
    ...presentingFields('api_b2b_magic_v1_AuthenticateRequestLocale'),
  },
  reply: { ...memberSignedInShape, method_id: z.string(), reset_sessions: z.boolean().describe('Always false.') },
  look_up: (app, { project_id, body }) => lookUpPresentedMember(app, project_id, body),
  async run(app, { environment, body }, lookup) {
    const given = { token: body.magic_links_token, code_verifier: body.pkce_code_verifier }
    const presented = await presenting(app, environment, body, lookup)
    const signIn = await signInMemberByMagicLink(app, environment, given, presented)
    const { method_id } = signIn
    return { ...(await memberSignedIn(app, environment, signIn)), method_id, reset_sessions: false }
  },
})
