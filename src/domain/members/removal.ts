/** Deleting members, softly, and bringing them back (reference: b2b.md §5.6.5, §5.6.6). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { admitsByInvite, refuseClaimedDomain } from '../organizations/domains.ts'
import type { Organization } from '../organizations/row.ts'
import { revokeOneTimeCodes } from '../proofs/one_time_code.ts'
import { revokeOneTimeTokens } from '../proofs/one_time_token.ts'
import { revokeSessionsOf } from '../sessions/session.ts'
import { withoutEmailUpdate } from './address.ts'
import { inheritedPassword } from './address_password.ts'
import { changeMemberByAddress } from './by_address.ts'
import { withoutPassword, withoutPhone, withoutTotp } from './factors.ts'
import { addressIdentifiers, identifier, releaseAll, tryToClaim } from './identifiers.ts'
import type { Known } from './member.ts'
import { findMember } from './reference.ts'
import type { Member } from './row.ts'

/**
 * Deletes a member: sessions, invitations, links and codes end, addresses and external id are free for others, and
 * credentials and assigned roles are gone for good. The row stays with the address, and so do a lock and the failures that lead
 * to one: bringing a member back gives nobody more guesses. Refuses with `member_not_found`.
 */
export function deleteMember(app: App, environment: Environment, known: Known): Promise<Member> {
  const strip = async (app: App, member: Member): Promise<Member> => {
    // The member is held: a sign-in that was under way has ended, and its session is seen below.
    const settled = await withoutEmailUpdate(app, environment, member)
    const phoneless = await withoutPhone(app, environment, settled)
    const bare = await withoutPassword(app, environment, await withoutTotp(app, environment, phoneless))
    await releaseAll(app, member)
    await revokeSessionsOf(app, environment, member.member_id)
    await revokeOneTimeTokens(app, environment, member.member_id)
    await revokeOneTimeCodes(app, environment, member.member_id)
    return { ...bare, status: 'deleted', assigned_roles: [] }
  }
  return changeMemberByAddress(app, environment, known, strip, { event: 'member.deleted' })
}

/**
 * Brings a deleted member of the organization back as an active one, with what nobody else has taken of external id and
 * retired addresses, and with the password that the address shares by now; being exempt from restrictions is granted anew,
 * like roles are. Refuses with `no_deleted_member_found_for_reactivation`, `email_unverified_for_reactivation`,
 * `reactivation_email_belongs_to_another_member` when somebody has the address by now, and as `createMember` does when its
 * domain is another organization's by now, or with `by_member` when it would not be invited.
 */
export async function reactivateMember(
  app: App,
  environment: Environment,
  organization: Organization,
  member_id: string,
  { by_member }: { by_member: boolean },
): Promise<Member> {
  const known = await findMember(app, environment, member_id)
  if (known?.organization_id !== organization.organization_id) fail('no_deleted_member_found_for_reactivation')
  const admitted = async (app: App, member: Member): Promise<Member> => {
    if (member.status !== 'deleted') fail('no_deleted_member_found_for_reactivation')
    if (!member.email_address_verified) fail('email_unverified_for_reactivation')
    if (by_member && !admitsByInvite(organization, member.email_address)) fail('invalid_email_for_invites')
    await refuseClaimedDomain(app, environment, organization, member.email_address)
    return bringBack(app, environment, member)
  }
  return changeMemberByAddress(app, environment, known, admitted, { event: 'member.reactivated' })
}

async function bringBack(app: App, environment: Environment, member: Member): Promise<Member> {
  const password = await inheritedPassword(app, environment, member.email_address)
  const [taken] = await tryToClaim(app, member, addressIdentifiers(member, member))
  if (taken) fail('reactivation_email_belongs_to_another_member')
  const retired_email_addresses: Member['retired_email_addresses'] = []
  for (const address of member.retired_email_addresses) {
    const free = (await tryToClaim(app, member, [identifier(member, 'email', address.email_address)])).length === 0
    if (!free) continue
    await tryToClaim(app, member, [identifier(member, 'email_id', address.email_id)])
    retired_email_addresses.push(address)
  }
  const { external_id } = member
  const lost = external_id !== null && (await tryToClaim(app, member, [identifier(member, 'external_id', external_id)]))
  return {
    ...member,
    status: 'active',
    is_breakglass: false,
    password,
    retired_email_addresses,
    external_id: lost && lost.length > 0 ? null : external_id,
  }
}
