/** POST /v1/sessions/authenticate: is this session alive, whose is it, and may it do this? */
import { z } from 'zod'
import type { App } from '../../../domain/app.ts'
import type { Environment } from '../../../domain/configuration/environment.ts'
import { authorizeUser, type Verdict } from '../../../domain/rbac/check.ts'
import { findSandboxSession } from '../../../domain/sandbox/sandbox.ts'
import { mintSessionJwt } from '../../../domain/sessions/jwt.ts'
import {
  lookUpPresented,
  type Presented,
  readSessionChange,
  requirePresented,
} from '../../../domain/sessions/presented.ts'
import { tokenOf, useSession } from '../../../domain/sessions/session.ts'
import { fail } from '../../../errors.ts'
import { rfc3339 } from '../../../values/time.ts'
import { AuthorizationCheck, AuthorizationVerdict } from '../../../wire/authorization.ts'
import { presentedSession, Session, sessionChange, sessionToWire } from '../../../wire/session.ts'
import { maybe } from '../../../wire/shape.ts'
import { User, userToWire } from '../../../wire/user.ts'
import { unescaped, writtenBut, writtenOnce } from '../../../wire/written.ts'
import { operation } from '../../operation.ts'
import { publishedStart } from '../sandbox.ts'

export const authenticate = operation({
  route: 'POST /v1/sessions/authenticate',
  name: 'api_session_v1_Authenticate',
  sdk: 'sessions.authenticate',
  summary: 'Authenticates a session by token or JWT, and extends it, changes its claims or checks a permission.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    ...presentedSession,
    ...sessionChange,
    authorization_check: maybe(AuthorizationCheck).describe(
      'A permission the user must have for this call to succeed.',
    ),
  },
  reply: {
    session: Session,
    session_token: z.string(),
    session_jwt: z.string(),
    user: User,
    verdict: AuthorizationVerdict.optional().describe('Present when a permission was checked.'),
  },
  look_up: (app, { project_id, body }) => lookUpPresented(app, project_id, body),
  async sandbox(app, { environment, body }) {
    const found = await findSandboxSession(app, environment, body)
    if (!found) return undefined
    const { user, session } = found
    const verdict = body.authorization_check && authorizeUser(environment, user.roles, body.authorization_check)
    const reply = await authenticated(app, environment, { user, session, token: tokenOf(app, session), verdict })
    return { ...reply, session: publishedStart(sessionToWire(session, user.roles)) }
  },
  async run(app, { environment, body }, lookup) {
    const change = readSessionChange(body)
    const presented = (await requirePresented(app, environment, body, lookup)) ?? fail('no_session_arguments')
    const { user, token } = presented
    const verdict = body.authorization_check && authorizeUser(environment, user.roles, body.authorization_check)
    const session = await useSession(app, presented.session, change)
    return authenticated(app, environment, { user, session, token: token(), verdict })
  },
})

async function authenticated(
  app: App,
  environment: Environment,
  {
    user,
    session,
    token,
    verdict,
  }: Pick<Presented, 'user' | 'session'> & { token: string; verdict?: Verdict | undefined },
) {
  const { session_id, authentication_factors, custom_claims, expires_at, last_accessed_at } = session
  const accessed = rfc3339(last_accessed_at)
  return {
    session: writtenBut(
      authentication_factors,
      [session_id, custom_claims, expires_at, user.roles],
      'last_accessed_at',
      accessed,
      () => sessionToWire(session, user.roles),
    ),
    session_token: unescaped(token),
    session_jwt: unescaped(await mintSessionJwt(app, environment, session, user.roles)),
    // Only a lock depends on the time.
    user:
      user.lock_expires_at === null
        ? writtenOnce(user, [], () => userToWire(user, app.now()))
        : userToWire(user, app.now()),
    ...(verdict ? { verdict } : {}),
  }
}
