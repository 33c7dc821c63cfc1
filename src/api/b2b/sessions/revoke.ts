/** POST /v1/b2b/sessions/revoke: ends a session everywhere, at once, or all sessions of a member. */
import { z } from 'zod'
import { memberOfSelector, requireMemberSelector } from '../../../domain/sessions/selector.ts'
import { revokeSession, revokeSessionsOfMember } from '../../../domain/sessions/session.ts'
import { presentedSession } from '../../../wire/session.ts'
import { maybe } from '../../../wire/shape.ts'
import { operation } from '../../operation.ts'

export const revoke = operation({
  route: 'POST /v1/b2b/sessions/revoke',
  name: 'api_b2b_session_v1_Revoke',
  sdk: 'sessions.revoke',
  summary: 'Revokes a session, named by id, token or JWT, or all sessions of a member.',
  caller: 'project',
  vertical: 'b2b',
  permission: { resource: 'stytch.member', action: 'revoke-sessions', self: true },
  async target(app, { environment, body }) {
    const member = await memberOfSelector(app, environment, body)
    return { organizations: member ? [member.organization_id] : [], member: member?.member_id }
  },
  body: {
    member_session_id: maybe(z.string()),
    ...presentedSession,
    member_id: maybe(z.string()).describe('The member whose sessions all end; an external id is not accepted.'),
  },
  reply: {},
  async run(app, { environment, body }) {
    const named = await requireMemberSelector(app, environment, body)
    if ('member' in named) await revokeSessionsOfMember(app, environment, named.member)
    else await revokeSession(app, environment, named.key)
    return {}
  },
})
