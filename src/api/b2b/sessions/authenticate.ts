/** POST /v1/b2b/sessions/authenticate: is this session alive, whose is it, and may they do this in the organization? */
import { authorizeMember } from '../../../domain/rbac/check.ts'
import { lookUpPresentedMember, readSessionChange, requirePresentedMember } from '../../../domain/sessions/presented.ts'
import { useSession } from '../../../domain/sessions/session.ts'
import { fail } from '../../../errors.ts'
import { MemberAuthorizationCheck, MemberAuthorizationVerdict } from '../../../wire/authorization.ts'
import { heldSessionShape } from '../../../wire/member_session.ts'
import { presentedSession, sessionChange } from '../../../wire/session.ts'
import { maybe } from '../../../wire/shape.ts'
import { operation } from '../../operation.ts'
import { heldSession } from '../member_signed_in.ts'

export const authenticate = operation({
  route: 'POST /v1/b2b/sessions/authenticate',
  name: 'api_b2b_session_v1_Authenticate',
  sdk: 'sessions.authenticate',
  summary: 'Authenticates a session of a member, and extends it, changes its claims or checks a permission.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    ...presentedSession,
    ...sessionChange,
    authorization_check: maybe(MemberAuthorizationCheck).describe(
      'A permission the member must have for this call to succeed.',
    ),
  },
  reply: {
    ...heldSessionShape,
    verdict: MemberAuthorizationVerdict.optional().describe('Present when a permission was checked.'),
  },
  look_up: (app, { project_id, body }) => lookUpPresentedMember(app, project_id, body),
  async run(app, { environment, body }, lookup) {
    const change = readSessionChange(body)
    const presented = (await requirePresentedMember(app, environment, body, lookup)) ?? fail('no_session_arguments')
    const { authorization_check: check } = body
    const verdict = check && (await authorizeMember(app, environment, presented, check))
    const session = await useSession(app, presented.session, change)
    const reply = await heldSession(app, environment, { ...presented, session }, presented.token)
    return { ...reply, ...(verdict ? { verdict } : {}) }
  },
})
