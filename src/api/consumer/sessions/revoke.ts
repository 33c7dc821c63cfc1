/** POST /v1/sessions/revoke: ends a session everywhere, at once. */

import { z } from 'zod'
import { requireSelector } from '../../../domain/sessions/selector.ts'
import { revokeSession } from '../../../domain/sessions/session.ts'
import { presentedSession } from '../../../wire/session.ts'
import { maybe } from '../../../wire/shape.ts'
import { operation } from '../../operation.ts'

export const revoke = operation({
  route: 'POST /v1/sessions/revoke',
  name: 'api_session_v1_Revoke',
  sdk: 'sessions.revoke',
  summary: 'Revokes a session, named by id, token or JWT.',
  caller: 'project',
  vertical: 'consumer',
  body: { session_id: maybe(z.string()), ...presentedSession },
  reply: {},
  async run(app, { environment, body }) {
    await revokeSession(app, environment, await requireSelector(app, environment, body))
    return {}
  },
})
