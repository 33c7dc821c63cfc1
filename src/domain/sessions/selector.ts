/** What a revocation names: exactly one session by id, token or JWT, or in B2B projects a member (reference: consumer.md §1.9, b2b.md §1.8). */
import { isTokenShaped } from '../../crypto/tokens.ts'
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { findMember } from '../members/reference.ts'
import type { Member } from '../members/row.ts'
import { requireOwnId } from '../own_id.ts'
import { verifySessionJwt } from './jwt.ts'
import { findSession, tokenKey } from './session.ts'
import type { Key } from './table.ts'

type Selectors = {
  session_id?: string | undefined
  session_token?: string | undefined
  session_jwt?: string | undefined
}
type MemberSelectors = Omit<Selectors, 'session_id'> & {
  member_session_id?: string | undefined
  member_id?: string | undefined
}

/** The key of the session that is named. Refuses none, several, and malformed ones. */
export async function requireSelector(app: App, environment: Environment, selectors: Selectors): Promise<Key> {
  const { session_id, session_token, session_jwt } = selectors
  requireOne([session_id, session_token, session_jwt])
  return keyOf(app, environment, selectors)
}

/**
 * The key of the session of a member that is named, or the member whose sessions they all are; members are named by id only.
 * Refuses none, several, and malformed ones, and with `member_not_found` an unknown or deleted member.
 */
export async function requireMemberSelector(
  app: App,
  environment: Environment,
  { member_session_id, member_id, session_token, session_jwt }: MemberSelectors,
): Promise<{ key: Key } | { member: Member }> {
  requireOne(
    [member_session_id, session_token, session_jwt, member_id],
    'one of member_session_id, session_token, session_jwt and member_id',
  )
  if (member_id) {
    const member = await findMember(app, environment, member_id)
    return member && member.status !== 'deleted' ? { member } : fail('member_not_found')
  }
  return { key: await keyOf(app, environment, { session_id: member_session_id, session_token, session_jwt }) }
}

/** Whom a revocation concerns, for a call that runs as a member: nobody when the session is unknown. */
export async function memberOfSelector(
  app: App,
  environment: Environment,
  selectors: MemberSelectors,
): Promise<Member | undefined> {
  const named = await requireMemberSelector(app, environment, selectors)
  if ('member' in named) return named.member
  const session = await findSession(app, named.key)
  return session && findMember(app, environment, session.owner_id)
}

function requireOne(given: (string | undefined)[], names?: string): void {
  const count = given.filter(Boolean).length
  if (count === 0) fail('no_session_revoke_arguments', names && `Include ${names}.`)
  if (count > 1) fail('too_many_session_revoke_arguments', names && `Include only ${names}.`)
}

async function keyOf(
  app: App,
  environment: Environment,
  { session_id, session_token, session_jwt }: Selectors,
): Promise<Key> {
  const { project_id } = environment
  if (session_token) {
    if (!isTokenShaped(session_token)) fail('invalid_session_token')
    return tokenKey(project_id, session_token)
  }
  if (session_id) requireOwnId(environment, session_id, 'session', 'invalid_session_id')
  const value = session_id || (await verifySessionJwt(app, environment, session_jwt as string))
  return { project_id, column: 'session_id', value }
}
