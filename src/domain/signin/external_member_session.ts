/** Signing a member in who has a session with another identity provider: `sessions.migrate` (reference: b2b.md §1.11). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { findMemberByAddress } from '../members/reference.ts'
import type { Member } from '../members/row.ts'
import type { Organization } from '../organizations/row.ts'
import type { SessionChange } from '../sessions/session.ts'
import { admitted, signInVouchedMember } from './vouched_member.ts'

/**
 * Signs in the member of the organization who has that address. The member must exist; who was not let in yet becomes active
 * only when the provider says that the address was verified.
 */
export function signInByExternalMemberSession(
  app: App,
  environment: Environment,
  organization: Organization,
  { email, verified }: { email: string; verified: boolean },
  change: SessionChange,
) {
  return app.transaction(async (app) => {
    const known = await findMemberByAddress(app, organization, email)
    if (!known) {
      fail(
        'migrate_from_external_email_does_not_exist',
        'No member of the organization has the email address of the external session.',
      )
    }
    const proof = { type: 'imported', delivery_method: 'imported_auth0' } as const
    const settle = (_: App, member: Member) => (verified ? admitted(member) : member)
    return { organization, ...(await signInVouchedMember(app, environment, known, proof, { change, settle })) }
  })
}
