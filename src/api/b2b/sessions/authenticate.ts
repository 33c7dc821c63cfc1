/** POST /v1/b2b/sessions/authenticate: is this session alive, whose is it, and may they do this in the organization? */
import type { App } from '../../../domain/app.ts'
import type { Environment } from '../../../domain/configuration/environment.ts'
import { standingOf } from '../../../domain/members/roles.ts'
import { authorizeMember } from '../../../domain/rbac/check.ts'
import { mintSessionJwt } from '../../../domain/sessions/jwt.ts'
import {
  lookUpPresentedMember,
  type PresentedMember,
  readSessionChange,
  requirePresentedMember,
} from '../../../domain/sessions/presented.ts'
import { useSession } from '../../../domain/sessions/session.ts'
import { fail } from '../../../errors.ts'
import { rfc3339 } from '../../../values/time.ts'
import { MemberAuthorizationCheck, MemberAuthorizationVerdict } from '../../../wire/authorization.ts'
import { memberToWire } from '../../../wire/member.ts'
import { heldSessionShape, memberSessionToWire } from '../../../wire/member_session.ts'
import { organizationToWire } from '../../../wire/organization.ts'
import { presentedSession, sessionChange } from '../../../wire/session.ts'
import { maybe } from '../../../wire/shape.ts'
import { unescaped, writtenBut, writtenOnce } from '../../../wire/written.ts'
import { operation } from '../../operation.ts'

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
    return { ...(await authenticated(app, environment, { ...presented, session })), ...(verdict ? { verdict } : {}) }
  },
})

/** The reply fields of `heldSessionShape`, each written once as long as it stays the same. */
async function authenticated(
  app: App,
  environment: Environment,
  { organization, member, session, token }: PresentedMember,
) {
  const standing = standingOf(environment.policy, organization, member)
  const { role_ids } = standing
  const { session_id, authentication_factors, custom_claims, expires_at, last_accessed_at } = session
  return {
    // Only a lock depends on the time.
    member:
      member.lock_expires_at === null
        ? writtenOnce(member, [standing], () => memberToWire(member, standing, app.now()))
        : memberToWire(member, standing, app.now()),
    organization: writtenOnce(organization, [], () => organizationToWire(organization)),
    member_session: writtenBut(
      authentication_factors,
      [session_id, custom_claims, expires_at, organization, role_ids],
      'last_accessed_at',
      rfc3339(last_accessed_at),
      () => memberSessionToWire(session, organization, role_ids),
    ),
    session_token: unescaped(token()),
    session_jwt: unescaped(await mintSessionJwt(app, environment, session, role_ids, organization)),
  }
}
