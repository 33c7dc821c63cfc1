/** GET /v1/sessions: the living sessions of a user. */
import { z } from 'zod'
import { listSessions } from '../../../domain/sessions/session.ts'
import { getUser } from '../../../domain/users/reference.ts'
import { Session, sessionToWire } from '../../../wire/session.ts'
import { operation } from '../../operation.ts'

export const get = operation({
  route: 'GET /v1/sessions',
  name: 'api_session_v1_Get',
  sdk: 'sessions.get',
  summary: 'Lists the active sessions of a user, newest first.',
  caller: 'project',
  vertical: 'consumer',
  query: { user_id: z.string() },
  reply: { sessions: z.array(Session) },
  async run(app, { environment, query }) {
    const user = await getUser(app, environment, query.user_id)
    const sessions = await listSessions(app, environment, user.user_id)
    return { sessions: sessions.map((session) => sessionToWire(session, user.roles)) }
  },
})
