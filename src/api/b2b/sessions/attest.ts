/** POST /v1/b2b/sessions/attest: a JWT of an issuer the project trusts signs its member in. */
import { z } from 'zod'
import { verifyTrustedToken } from '../../../domain/proofs/trusted_token.ts'
import { lookUpPresentedMember, readSessionChange, requirePresentedMember } from '../../../domain/sessions/presented.ts'
import { signInMemberByTrustedToken } from '../../../domain/signin/member_trusted_token.ts'
import { memberSessionChange, memberSessionShape } from '../../../wire/member_session.ts'
import { presentedSession, telemetry } from '../../../wire/session.ts'
import { maybe } from '../../../wire/shape.ts'
import { operation } from '../../operation.ts'
import { memberSession } from '../member_signed_in.ts'

export const attest = operation({
  route: 'POST /v1/b2b/sessions/attest',
  name: 'api_b2b_session_v1_Attest',
  sdk: 'sessions.attest',
  summary: 'Exchanges a trusted auth token for a session of a member, or adds it as a factor to one.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    profile_id: z.string().describe('The trusted token profile to verify with.'),
    token: z.string().describe('The signed JWT.'),
    organization_id: maybe(z.string()).describe(
      'The organization, by id, slug or external id; needed where the token names none.',
    ),
    ...presentedSession,
    ...memberSessionChange,
    ...telemetry,
  },
  reply: memberSessionShape,
  look_up: (app, { project_id, body }) => lookUpPresentedMember(app, project_id, body),
  async run(app, { environment, body }, lookup) {
    const change = readSessionChange(body)
    const presented = await requirePresentedMember(app, environment, body, lookup)
    const token = await verifyTrustedToken(app, environment, body)
    const context = { organization_id: body.organization_id, presented, change }
    return memberSession(app, environment, await signInMemberByTrustedToken(app, environment, token, context))
  },
})
