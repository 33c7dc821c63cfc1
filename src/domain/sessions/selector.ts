/** Which session a revocation names: exactly one of id, token and JWT (reference: consumer.md §1.9). */
import { isTokenShaped } from '../../crypto/tokens.ts'
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { requireOwnId } from '../own_id.ts'
import { verifySessionJwt } from './jwt.ts'
import { tokenKey } from './session.ts'
import type { Key } from './table.ts'

type Selectors = {
  session_id?: string | undefined
  session_token?: string | undefined
  session_jwt?: string | undefined
}

/** The key of the session that is named. Refuses none, several, and malformed ones. */
export async function requireSelector(app: App, environment: Environment, selectors: Selectors): Promise<Key> {
  const { session_id, session_token, session_jwt } = selectors
  const given = [session_id, session_token, session_jwt].filter(Boolean).length
  if (given === 0) fail('no_session_revoke_arguments')
  if (given > 1) fail('too_many_session_revoke_arguments')
  const { project_id } = environment
  if (session_token) {
    if (!isTokenShaped(session_token)) fail('invalid_session_token')
    return tokenKey(project_id, session_token)
  }
  if (session_id) requireOwnId(environment, session_id, 'session', 'invalid_session_id')
  const value = session_id || (await verifySessionJwt(app, environment, session_jwt as string))
  return { project_id, column: 'session_id', value }
}
