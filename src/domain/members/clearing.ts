/** Deleting an organization ends its members, and everything they had. */
import { releaseScope } from '../../store/identifiers.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { Organization } from '../organizations/row.ts'
import { removePassword } from '../passwords/password.ts'
import { revokeOneTimeCodes } from '../proofs/one_time_code.ts'
import { revokeOneTimeTokens } from '../proofs/one_time_token.ts'
import { removeTotp } from '../proofs/totp/totp.ts'
import { removeSessions } from '../sessions/session.ts'
import { forgetAllFailedAttempts } from '../signin/lock.ts'
import { holdAddresses, sharesPasswords } from './address_password.ts'
import { memberScope } from './reference.ts'
import { deleteMemberRows, selectAddressesIn, selectUnused } from './table.ts'

/** Removes all members of an organization, which the caller's transaction has locked or deleted. */
export async function removeMembersOf(app: App, environment: Environment, organization: Organization): Promise<void> {
  const { project_id, organization_id } = organization
  if (sharesPasswords(environment)) {
    await holdAddresses(app, environment, await selectAddressesIn(app.store, project_id, organization_id))
  }
  // The members go first: a sign-in that is under way has ended then, and its session is seen below.
  const gone = await deleteMemberRows(app.store, project_id, organization_id)
  const members = gone.map(({ member_id }) => member_id)
  const addresses = gone.filter(({ status }) => status !== 'deleted').map(({ email_address }) => email_address)
  // All at once: a statement a member would hold up every other write for long.
  await removeSessions(app, environment, members)
  await revokeOneTimeTokens(app, environment, members)
  await revokeOneTimeCodes(app, environment, members)
  await removeTotp(app, environment, members)
  const owners = sharesPasswords(environment) ? await selectUnused(app.store, project_id, addresses) : members
  await removePassword(app, environment, owners)
  await forgetAllFailedAttempts(app, environment, members)
  await releaseScope(app.store, project_id, memberScope(organization))
}
