/** Changing what a request gives of a member (reference: b2b.md §5.6.4). */
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { mergeMetadata } from '../metadata.ts'
import { type MfaMethod, mfaMethods, type Organization } from '../organizations/row.ts'
import { changeAddress } from './address.ts'
import { changeMemberByAddress } from './by_address.ts'
import { claim, identifier, phoneIdentifiers, release } from './identifiers.ts'
import { changeMember, checkExternalId, checkName, type Known, type NewMember, newPhone } from './member.ts'
import { assignable } from './roles.ts'
import type { Member } from './row.ts'

export type MemberChange = Partial<Omit<NewMember, 'status' | 'email_address_verified' | 'by_member'>> & {
  default_mfa_method?: string | undefined
  /** Whether the old address becomes free at once instead of being retired. */
  unlink_email?: boolean | undefined
  preserve_existing_sessions?: boolean | undefined
}

/**
 * Changes the parts of a member that are given: metadata key by key, roles as a whole. A new address is unverified, ends the
 * password, and retires the old one. Refuses as `createMember` does, with `duplicate_member_phone_number_for_member` a number
 * while there is one, and a default method the member has no factor for. `actor` is the id of the member who asks, if one
 * does: with `member_cannot_update_their_email_address` for an address of their own, which has to be proven first.
 */
export function updateMember(
  app: App,
  environment: Environment,
  organization: Organization,
  known: Known,
  change: MemberChange,
  actor?: string,
): Promise<Member> {
  if (change.email_address && actor === known.member_id) fail('member_cannot_update_their_email_address')
  const name = change.name === undefined ? undefined : checkName(change.name)
  const roles = change.roles && assignable(environment.policy, organization, change.roles)
  const address = change.email_address ? (parseEmail(change.email_address) ?? fail('invalid_email')) : undefined
  const update = async (app: App, member: Member): Promise<Member> => {
    const moved = address
      ? await changeAddress(app, environment, member, address, change.unlink_email ?? false)
      : member
    const next: Member = {
      ...moved,
      name: name ?? member.name,
      is_breakglass: change.is_breakglass ?? member.is_breakglass,
      mfa_enrolled: change.mfa_enrolled ?? member.mfa_enrolled,
      mfa_phone: await phoneOf(app, environment, member, change),
      external_id: await externalIdOf(app, member, change),
      assigned_roles: roles ?? member.assigned_roles,
      trusted_metadata: mergeMetadata(member.trusted_metadata, change.trusted_metadata),
      untrusted_metadata: mergeMetadata(member.untrusted_metadata, change.untrusted_metadata),
    }
    return { ...next, default_mfa_method: defaultMethodOf(next, change) }
  }
  if (address) return changeMemberByAddress(app, environment, known, update, { others: [address] })
  return changeMember(app, known, update)
}

/** Takes the external id from a member; one without stays as it is. */
export function deleteExternalId(app: App, known: Known): Promise<Member> {
  return changeMember(app, known, async (app, member) => {
    if (member.external_id === null) return member
    await release(app, member, [identifier(member, 'external_id', member.external_id)])
    return { ...member, external_id: null }
  })
}

async function externalIdOf(app: App, member: Member, change: MemberChange): Promise<string | null> {
  if (!change.external_id || change.external_id === member.external_id) return member.external_id
  const next = checkExternalId(change.external_id)
  if (member.external_id !== null) await release(app, member, [identifier(member, 'external_id', member.external_id)])
  await claim(app, member, [identifier(member, 'external_id', next)])
  return next
}

async function phoneOf(
  app: App,
  environment: Environment,
  member: Member,
  change: MemberChange,
): Promise<Member['mfa_phone']> {
  if (!change.mfa_phone_number) return member.mfa_phone
  const phone = newPhone(environment, change.mfa_phone_number)
  if (member.mfa_phone) fail('duplicate_member_phone_number_for_member')
  await claim(app, member, phoneIdentifiers(member, phone))
  return phone
}

function defaultMethodOf(member: Member, { default_mfa_method }: MemberChange): Member['default_mfa_method'] {
  return default_mfa_method ? checkDefaultMethod(member, default_mfa_method) : member.default_mfa_method
}

/** The default second factor of a request. Refuses with `invalid_mfa_default_method` or `default_mfa_member_missing_factor`. */
export function checkDefaultMethod({ mfa_phone, totp }: Pick<Member, 'mfa_phone' | 'totp'>, given: string): MfaMethod {
  const method = mfaMethods.find((one) => one === given) ?? fail('invalid_mfa_default_method')
  if (method === 'sms_otp' ? !mfa_phone : !totp?.verified) fail('default_mfa_member_missing_factor')
  return method
}
