/** The Member object. */
import { z } from 'zod'
import type { Standing } from '../domain/members/roles.ts'
import type { Member as MemberRecord } from '../domain/members/row.ts'
import { rfc3339 } from '../values/time.ts'
import { component, jsonObject, timestamp } from './shape.ts'

const OAuthRegistration = component(
  'api_organization_v1_OAuthRegistration',
  z.strictObject({
    provider_type: z.string(),
    provider_subject: z.string(),
    member_oauth_registration_id: z.string(),
    profile_picture_url: z.string().optional(),
    locale: z.string().optional(),
  }),
)
const RetiredEmail = component(
  'api_organization_v1_RetiredEmail',
  z.strictObject({ email_id: z.string(), email_address: z.string() }),
)
const MemberRole = component(
  'api_organization_v1_MemberRole',
  z.strictObject({
    role_id: z.string(),
    sources: z.array(
      component('api_organization_v1_MemberRoleSource', z.strictObject({ type: z.string(), details: jsonObject })),
    ),
  }),
)
const SCIMRegistration = component(
  'api_organization_v1_SCIMRegistration',
  z.strictObject({
    connection_id: z.string(),
    registration_id: z.string(),
    external_id: z.string().optional(),
    scim_attributes: jsonObject.optional(),
  }),
)
const SSORegistration = component(
  'api_organization_v1_SSORegistration',
  z.strictObject({
    connection_id: z.string(),
    external_id: z.string(),
    registration_id: z.string(),
    sso_attributes: jsonObject.optional(),
  }),
)

export const Member = component(
  'api_organization_v1_Member',
  z.strictObject({
    organization_id: z.string(),
    member_id: z.string(),
    external_id: z.string().nullable().describe("The caller's own id of the member; accepted wherever a member_id is."),
    email_address: z.string(),
    email_address_verified: z.boolean(),
    retired_email_addresses: z.array(RetiredEmail).describe('Earlier addresses, which no other member can take.'),
    status: z.enum(['pending', 'invited', 'active', 'deleted']),
    name: z.string(),
    is_breakglass: z.boolean().describe('Whether restrictions of authentication methods do not hold for the member.'),
    is_admin: z.boolean().describe('Whether the member has the role stytch_admin.'),
    is_locked: z.boolean().describe('Whether new authentications are refused after too many failures.'),
    lock_created_at: timestamp.nullable(),
    lock_expires_at: timestamp.nullable(),
    member_password_id: z.string().describe('Empty without a password.'),
    mfa_enrolled: z.boolean().describe('Whether every login asks for a second factor.'),
    mfa_phone_number: z.string().describe('In E.164; empty without one.'),
    mfa_phone_number_verified: z.boolean(),
    default_mfa_method: z.enum(['', 'sms_otp', 'totp']),
    totp_registration_id: z.string().describe('Empty without a verified authenticator app.'),
    sso_registrations: z.array(SSORegistration),
    oauth_registrations: z.array(OAuthRegistration),
    scim_registration: SCIMRegistration.nullable(),
    roles: z.array(MemberRole).describe('The roles the member holds now, each with where it comes from.'),
    trusted_metadata: jsonObject.describe('Metadata that only the backend can write.'),
    untrusted_metadata: jsonObject.describe('Metadata that the member can write, too.'),
    created_at: timestamp,
    updated_at: timestamp,
  }),
)

/** The wire form of a member at that time, on which the lock depends. */
export function memberToWire(
  member: MemberRecord,
  { roles, is_admin }: Omit<Standing, 'role_ids'>,
  now: number,
): z.input<typeof Member> {
  const { mfa_phone, totp, password, lock_created_at, lock_expires_at } = member
  const is_locked = lock_expires_at !== null && lock_expires_at > now
  return {
    organization_id: member.organization_id,
    member_id: member.member_id,
    external_id: member.external_id,
    email_address: member.email_address,
    email_address_verified: member.email_address_verified,
    retired_email_addresses: member.retired_email_addresses,
    status: member.status,
    name: member.name,
    is_breakglass: member.is_breakglass,
    is_admin,
    is_locked,
    lock_created_at: is_locked && lock_created_at !== null ? rfc3339(lock_created_at) : null,
    lock_expires_at: is_locked ? rfc3339(lock_expires_at) : null,
    member_password_id: password?.password_id ?? '',
    mfa_enrolled: member.mfa_enrolled,
    mfa_phone_number: mfa_phone?.phone_number ?? '',
    mfa_phone_number_verified: mfa_phone?.verified ?? false,
    default_mfa_method: member.default_mfa_method,
    totp_registration_id: totp?.verified ? totp.totp_id : '',
    sso_registrations: member.sso_registrations,
    oauth_registrations: member.oauth_registrations,
    scim_registration: member.scim_registration,
    roles,
    trusted_metadata: member.trusted_metadata,
    untrusted_metadata: member.untrusted_metadata,
    created_at: rfc3339(member.created_at),
    updated_at: rfc3339(member.updated_at),
  }
}
