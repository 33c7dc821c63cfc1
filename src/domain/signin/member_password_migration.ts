/** Taking members over from another system with the hashes of their passwords (reference: b2b.md §7.3 "migrate"). */
import { type HashConfigs, parseImportedHash } from '../../crypto/passwords/imported.ts'
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import { parsePhoneNumber } from '../../values/phone.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { countAgainst } from '../limits/limit.ts'
import { createMember, type NewMember } from '../members/member.ts'
import {
  amongSharers,
  findPasswordOf,
  givePassword,
  holdSharers,
  type Setter,
  showPassword,
} from '../members/password.ts'
import { findMemberByAddress } from '../members/reference.ts'
import type { Member } from '../members/row.ts'
import { updateMember } from '../members/update.ts'
import { getOrganization } from '../organizations/reference.ts'
import type { Organization } from '../organizations/row.ts'
import { holdPasswordMode } from '../projects/environment.ts'
import { revokeSessionsOf } from '../sessions/session.ts'
import { beginningAgain } from './again.ts'

export type MemberMigration = Pick<NewMember, 'name' | 'external_id' | 'roles' | 'mfa_phone_number'> &
  Pick<NewMember, 'trusted_metadata' | 'untrusted_metadata'> &
  HashConfigs & {
    organization_id: string
    email_address: string
    hash: string
    hash_type: string
    preserve_existing_sessions?: boolean | undefined
    set_phone_number_verified?: boolean | undefined
  }

/**
 * Gives the member of an organization who has the address a password by its hash; adds the member where there is none. The
 * member is active then, with the address verified: the caller vouches for it. Sessions from before that end. Where members
 * share passwords by their address, the one that is there already counts, for a member who has it by the address alone. Refuses malformed hashes (see
 * `parseImportedHash`), `password_already_exists`, and as creating and updating members does. The password itself is checked
 * when somebody first logs in with it.
 */
export async function migrateMemberPassword(
  app: App,
  environment: Environment,
  given: MemberMigration,
): Promise<{ organization: Organization; member: Member; member_created: boolean }> {
  const email_address = parseEmail(given.email_address) ?? fail('invalid_email')
  const mfa_phone_number = given.mfa_phone_number
    ? (parsePhoneNumber(given.mfa_phone_number) ?? fail('invalid_phone_number'))
    : undefined
  const hash = parseImportedHash(given.hash_type, given.hash, given)
  const profile = { ...given, email_address, mfa_phone_number }
  return app.transaction(async (app) => {
    await countAgainst(app, environment, 'password_migrate', environment.project_id)
    await holdPasswordMode(app, environment)
    const organization = await getOrganization(app, environment, given.organization_id)
    const known = await findMemberByAddress(app, organization, email_address)
    const { member_id } = known ?? (await create(app, environment, organization, profile))
    const sharers = await holdSharers(app, environment, member_id)
    const member = amongSharers(sharers, member_id)
    if (!sharers || !member) fail('member_not_found')
    if (member.password && !member.password.inherited) fail('password_already_exists')
    if (known) await update(app, environment, organization, member, profile)
    // Until now somebody else may have prepared the membership, as before any first proof of an address.
    if (!member.email_address_verified) await revokeSessionsOf(app, environment, member_id)
    const setter = { member_id, change: admitting(given) }
    const stored = await findPasswordOf(app, environment, member)
    const members = stored
      ? await showPassword(app, environment, [member], stored.password_id, setter)
      : await givePassword(app, environment, sharers, { hash, accepted_by: '' }, setter)
    return { organization, member: amongSharers({ members }, member_id) as Member, member_created: !known }
  })
}

type Profile = Omit<MemberMigration, 'hash' | 'hash_type'>

function create(
  app: App,
  environment: Environment,
  organization: Organization,
  { name, external_id, roles, mfa_phone_number, trusted_metadata, untrusted_metadata, email_address }: Profile,
): Promise<Member> {
  const profile = { name, external_id, roles, mfa_phone_number, trusted_metadata, untrusted_metadata }
  const given = { ...profile, email_address, status: 'active' } as const
  return beginningAgain(createMember(app, environment, organization, given), 'duplicate_member_email')
}

/** A member who is there keeps the external id, and a number that is the same. */
function update(
  app: App,
  environment: Environment,
  organization: Organization,
  member: Member,
  { name, roles, trusted_metadata, untrusted_metadata, ...given }: Profile,
): Promise<Member> {
  const isSame = member.mfa_phone?.phone_number === given.mfa_phone_number
  const mfa_phone_number = isSame ? undefined : given.mfa_phone_number
  const change = { name, roles, trusted_metadata, untrusted_metadata, mfa_phone_number }
  return updateMember(app, environment, organization, member, change)
}

/** Lets the member in, whose address and, when the caller says so, number are known to be theirs. */
function admitting({ mfa_phone_number, set_phone_number_verified }: MemberMigration): NonNullable<Setter['change']> {
  const verifies = Boolean(mfa_phone_number) && set_phone_number_verified === true
  return (_, member) => ({
    ...member,
    status: 'active',
    email_address_verified: true,
    mfa_phone: member.mfa_phone && verifies ? { ...member.mfa_phone, verified: true } : member.mfa_phone,
  })
}
