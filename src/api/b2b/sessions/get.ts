/** GET /v1/b2b/sessions: the living sessions of a member. */
import { z } from 'zod'
import { getMember } from '../../../domain/members/reference.ts'
import { standingOf } from '../../../domain/members/roles.ts'
import { getOrganization } from '../../../domain/organizations/reference.ts'
import { listSessions } from '../../../domain/sessions/session.ts'
import { MemberSession, memberSessionToWire } from '../../../wire/member_session.ts'
import { operation } from '../../operation.ts'

export const get = operation({
  route: 'GET /v1/b2b/sessions',
  name: 'api_b2b_session_v1_Get',
  sdk: 'sessions.get',
  summary: 'Lists the active sessions of a member, newest first.',
  caller: 'project',
  vertical: 'b2b',
  query: { organization_id: z.string(), member_id: z.string() },
  reply: { member_sessions: z.array(MemberSession) },
  async run(app, { environment, query }) {
    const organization = await getOrganization(app, environment, query.organization_id)
    const member = await getMember(app, environment, organization, query.member_id)
    const roles = standingOf(environment.policy, organization, member).role_ids
    const sessions = await listSessions(app, environment, member.member_id)
    return { member_sessions: sessions.map((session) => memberSessionToWire(session, organization, roles)) }
  },
})
