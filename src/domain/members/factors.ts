/** Taking phone number, authenticator app and password from a member (reference: b2b.md §2.3, §4.5, §5.6.9). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvent } from '../events/event.ts'
import type { Organization } from '../organizations/row.ts'
import { requireOwnId } from '../own_id.ts'
import { removePassword } from '../passwords/password.ts'
import { revokeOneTimeCodes } from '../proofs/one_time_code.ts'
import { revokeOneTimeTokens } from '../proofs/one_time_token.ts'
import { removeTotp } from '../proofs/totp/totp.ts'
import { leavePassword, sharesPasswords } from './address_password.ts'
import { identifier, phoneIdentifiers, release } from './identifiers.ts'
import { changeMember, type Known } from './member.ts'
import { findMemberBy } from './reference.ts'
import type { Member } from './row.ts'

/**
 * Takes the phone number from a member, with codes sent to it; sessions stay. Refuses with `member_phone_number_not_found`.
 */
export function deleteMfaPhone(app: App, environment: Environment, known: Known): Promise<Member> {
  return changeMember(app, known, async (app, member) => {
    if (!member.mfa_phone) fail('member_phone_number_not_found')
    return withoutPhone(app, environment, member)
  })
}

/** Takes the authenticator app from a member, with its recovery codes; sessions stay. Refuses with `totp_not_found`. */
export function deleteTotp(app: App, environment: Environment, known: Known): Promise<Member> {
  return changeMember(app, known, async (app, member) => {
    if (!member.totp) fail('totp_not_found')
    const owner_id = member.member_id
    await recordEvent(app, environment.project_id, 'totp.deleted', member.totp.totp_id, { owner_id })
    return withoutTotp(app, environment, member)
  })
}

/**
 * Takes the password from the member of the organization whose it is. Refuses with `invalid_id`, with
 * `cross_org_passwords_enabled` where passwords are not the organization's, and with `member_password_not_found`.
 */
export async function deletePassword(
  app: App,
  environment: Environment,
  organization: Organization,
  password_id: string,
): Promise<Member> {
  requireOwnId(environment, password_id, 'member-password', 'invalid_id')
  if (environment.settings.cross_org_passwords_enabled) fail('cross_org_passwords_enabled')
  const owner = (await findMemberBy(app, organization, 'password_id', password_id)) ?? fail('member_password_not_found')
  return changeMember(app, owner, async (app, member) => {
    // Somebody has replaced it meanwhile.
    if (member.password?.password_id !== password_id) fail('member_password_not_found')
    return withoutPassword(app, environment, member)
  })
}

/** The member without phone number. Writes identifiers and codes, the member is up to the caller; like those below. */
export async function withoutPhone(app: App, environment: Environment, member: Member): Promise<Member> {
  const { mfa_phone, default_mfa_method } = member
  if (!mfa_phone) return member
  await release(app, member, phoneIdentifiers(member, mfa_phone))
  await revokeOneTimeCodes(app, environment, member.member_id, mfa_phone.phone_id)
  const left = member.totp?.verified ? 'totp' : ''
  return {
    ...member,
    mfa_phone: null,
    default_mfa_method: default_mfa_method === 'sms_otp' ? left : default_mfa_method,
  }
}

/** The member without authenticator app. */
export async function withoutTotp(app: App, environment: Environment, member: Member): Promise<Member> {
  const { totp, default_mfa_method } = member
  if (!totp) return member
  await release(app, member, [identifier(member, 'totp_id', totp.totp_id)])
  await removeTotp(app, environment, member.member_id)
  const left = member.mfa_phone?.verified ? 'sms_otp' : ''
  return { ...member, totp: null, default_mfa_method: default_mfa_method === 'totp' ? left : default_mfa_method }
}

/** The member without password. One that others have by the same address, which is held then, stays theirs. */
export async function withoutPassword(app: App, environment: Environment, member: Member): Promise<Member> {
  const { password } = member
  if (sharesPasswords(environment)) await leavePassword(app, environment, member)
  if (!password) return member
  if (!sharesPasswords(environment)) {
    await release(app, member, [identifier(member, 'password_id', password.password_id)])
    await removePassword(app, environment, member.member_id)
  }
  await revokeOneTimeTokens(app, environment, member.member_id, { purpose: 'password reset' })
  return { ...member, password: null }
}
