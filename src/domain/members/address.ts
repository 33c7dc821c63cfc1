/** The addresses of a member: the primary one, changed, and those retired by that (reference: b2b.md §5.6.4, §5.6.8). */
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { refuseClaimedDomain } from '../organizations/domains.ts'
import { revokeOneTimeCodes } from '../proofs/one_time_code.ts'
import { revokeOneTimeTokens } from '../proofs/one_time_token.ts'
import { inheritedPassword } from './address_password.ts'
import { withoutPassword } from './factors.ts'
import { addressIdentifiers, claim, identifier, release } from './identifiers.ts'
import { changeMember, type Known, newEmailId } from './member.ts'
import type { Member } from './row.ts'

type Address = Member['retired_email_addresses'][number]

/**
 * The member with another primary address, which nobody has proven: it is unverified, the password ends for the member, and
 * so does a change of address that was under way. Where addresses share passwords, that of the new one counts; both are held
 * by the caller. Writes identifiers, the member is up to the caller. Refuses with `duplicate_member_email`,
 * `retired_member_email` or `action_not_allowed_email_domain_is_claimed`.
 */
export async function changeAddress(
  app: App,
  environment: Environment,
  member: Member,
  email_address: string,
  unlink: boolean,
): Promise<Member> {
  if (email_address === member.email_address) return member
  const next = ownRetired(member, email_address) ?? { email_id: newEmailId(environment), email_address }
  const settled = await withoutPassword(app, environment, await withoutEmailUpdate(app, environment, member))
  await refuseClaimedDomain(app, environment, member, email_address)
  if (!ownRetired(member, email_address)) await claim(app, member, addressIdentifiers(member, next))
  const moved = await moveTo(app, environment, settled, next, unlink)
  const password = await inheritedPassword(app, environment, email_address)
  return { ...moved, password, email_address_verified: false }
}

/** The retired address of the member that says so: a member may go back to it. */
export function ownRetired(member: Member, email_address: string): Address | undefined {
  return member.retired_email_addresses.find((one) => one.email_address === email_address)
}

/**
 * The member with an address that is claimed already as the primary one. The old one is retired, or freed with `unlink`;
 * links and codes sent to it count no more.
 */
export async function moveTo(
  app: App,
  environment: Environment,
  member: Member,
  { email_id, email_address }: Address,
  unlink: boolean,
): Promise<Member> {
  const old: Address = { email_id: member.email_id, email_address: member.email_address }
  const retired = member.retired_email_addresses.filter((one) => one.email_address !== email_address)
  await revokeProofs(app, environment, member, old.email_id)
  if (unlink) await release(app, member, addressIdentifiers(member, old))
  const retired_email_addresses = unlink ? retired : [...retired, old]
  return { ...member, email_id, email_address, retired_email_addresses }
}

/** The member without the change of address that was under way; what was sent for it counts no more. */
export async function withoutEmailUpdate(app: App, environment: Environment, member: Member): Promise<Member> {
  const { email_update } = member
  if (!email_update) return member
  await revokeProofs(app, environment, member, email_update.email_id)
  await release(app, member, [identifier(member, 'email_update', email_update.email_address)])
  return { ...member, email_update: null }
}

/**
 * Frees a retired address of a member. Refuses with `retired_email_missing_email_identifiers` when it is not named, and with
 * `email_not_found` when the member has not retired it, or id and address name different ones.
 */
export function unlinkRetiredEmail(
  app: App,
  known: Known,
  named: { email_id?: string | undefined; email_address?: string | undefined },
): Promise<Member> {
  const { email_id } = named
  if (!email_id && !named.email_address) fail('retired_email_missing_email_identifiers')
  const email_address = named.email_address && (parseEmail(named.email_address) ?? fail('invalid_email'))
  return changeMember(app, known, async (app, member) => {
    const address =
      member.retired_email_addresses.find(
        (one) => (!email_id || one.email_id === email_id) && (!email_address || one.email_address === email_address),
      ) ?? fail('email_not_found')
    await release(app, member, addressIdentifiers(member, address))
    return { ...member, retired_email_addresses: member.retired_email_addresses.filter((one) => one !== address) }
  })
}

async function revokeProofs(
  app: App,
  environment: Environment,
  { member_id }: Member,
  email_id: string,
): Promise<void> {
  await revokeOneTimeTokens(app, environment, member_id, { method_id: email_id })
  await revokeOneTimeCodes(app, environment, member_id, email_id)
}
