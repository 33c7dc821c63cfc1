/** How sign-ins of members are answered: member, organization, and the session or what is still required. */
import type { App } from '../../domain/app.ts'
import type { Environment } from '../../domain/configuration/environment.ts'
import { standingOf } from '../../domain/members/roles.ts'
import type { Member } from '../../domain/members/row.ts'
import type { Organization } from '../../domain/organizations/row.ts'
import { mintSessionJwt } from '../../domain/sessions/jwt.ts'
import { type Session, tokenOf } from '../../domain/sessions/session.ts'
import type { MemberSignIn } from '../../domain/signin/member.ts'
import { memberToWire } from '../../wire/member.ts'
import { memberSessionToWire, requiredToWire } from '../../wire/member_session.ts'
import { organizationToWire } from '../../wire/organization.ts'

type Holder = { organization: Organization; member: Member; session: Session }

/** The reply fields of `heldSessionShape`. */
export async function heldSession(app: App, environment: Environment, { organization, member, session }: Holder) {
  const standing = standingOf(environment.policy, organization, member)
  return {
    member: memberToWire(member, standing, app.now()),
    organization: organizationToWire(organization),
    member_session: memberSessionToWire(session, organization, standing.role_ids),
    session_token: tokenOf(app, session),
    session_jwt: await mintSessionJwt(app, environment, session, standing.role_ids, organization),
  }
}

/** The reply fields of `memberSessionShape`. */
export async function memberSession(app: App, environment: Environment, holder: Holder) {
  const { member_id } = holder.member
  return { member_id, ...(await heldSession(app, environment, holder)), member_device: null }
}

/** The reply fields of `memberSignedInShape`. */
export async function memberSignedIn(app: App, environment: Environment, signIn: MemberSignIn) {
  const { organization, member, session } = signIn
  const { organization_id } = organization
  const required = requiredToWire(signIn)
  if (session) {
    const reply = await memberSession(app, environment, { organization, member, session })
    return { ...reply, organization_id, member_authenticated: true, ...required }
  }
  return {
    member_id: member.member_id,
    organization_id,
    member: memberToWire(member, standingOf(environment.policy, organization, member), app.now()),
    organization: organizationToWire(organization),
    member_authenticated: false,
    member_session: null,
    session_token: '',
    session_jwt: '',
    member_device: null,
    ...required,
  }
}
