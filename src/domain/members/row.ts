/** Members of organizations, and how one is written as a single row (reference: b2b.md §5.4). */
import type { JsonObject } from '../../values/json.ts'
import type { MfaMethod } from '../organizations/row.ts'

export type MemberStatus = 'pending' | 'invited' | 'active' | 'deleted'

export type Member = {
  project_id: string
  organization_id: string
  member_id: string
  status: MemberStatus
  name: string
  external_id: string | null
  /** The id of the primary address: what a link or code to it proves. */
  email_id: string
  email_address: string
  email_address_verified: boolean
  /** Addresses the member had before; nobody else in the organization can take them until they are unlinked. */
  retired_email_addresses: { email_id: string; email_address: string }[]
  /** The address that replaces the primary one once the member has proven it. Until then no other member can ask for it. */
  email_update: { email_id: string; email_address: string; expires_at: number } | null
  is_breakglass: boolean
  mfa_enrolled: boolean
  default_mfa_method: '' | MfaMethod
  mfa_phone: { phone_id: string; phone_number: string; verified: boolean } | null
  totp: { totp_id: string; verified: boolean } | null
  /** `inherited` while the member has it by the address alone, and nobody has set or migrated it as theirs. */
  password: { password_id: string; inherited: boolean } | null
  sso_registrations: {
    connection_id: string
    external_id: string
    registration_id: string
    sso_attributes?: JsonObject
  }[]
  oauth_registrations: {
    provider_type: string
    provider_subject: string
    member_oauth_registration_id: string
    profile_picture_url?: string
    locale?: string
  }[]
  scim_registration: {
    connection_id: string
    registration_id: string
    external_id?: string
    scim_attributes?: JsonObject
  } | null
  /** The roles assigned to the member directly, whatever the policies say about them now. */
  assigned_roles: string[]
  trusted_metadata: JsonObject
  untrusted_metadata: JsonObject
  lock_created_at: number | null
  lock_expires_at: number | null
  created_at: number
  updated_at: number
  /** Counts the writes, so that one made on an outdated reading is noticed. */
  version: number
}

type Texts =
  | 'retired_email_addresses'
  | 'email_update'
  | 'mfa_phone'
  | 'totp'
  | 'password'
  | 'sso_registrations'
  | 'oauth_registrations'
  | 'scim_registration'
  | 'trusted_metadata'
  | 'untrusted_metadata'

/** Those of them that a member may be without. */
type Parts = 'email_update' | 'mfa_phone' | 'totp' | 'password' | 'scim_registration'

type Flags = 'email_address_verified' | 'is_breakglass' | 'mfa_enrolled'

export type MemberRow = Omit<Member, Texts | Flags | 'assigned_roles'> & {
  [Text in Exclude<Texts, Parts>]: string
} & { [Part in Parts]: string | null } & {
  [Flag in Flags]: number
} & {
  roles: string
  /** What search asks about the parts, as words between bars. */
  search_flags: string
}

/** The columns of a member. */
export const memberColumns = [
  'project_id',
  'organization_id',
  'member_id',
  'status',
  'name',
  'external_id',
  'email_id',
  'email_address',
  'email_address_verified',
  'retired_email_addresses',
  'email_update',
  'is_breakglass',
  'mfa_enrolled',
  'default_mfa_method',
  'mfa_phone',
  'totp',
  'password',
  'sso_registrations',
  'oauth_registrations',
  'scim_registration',
  'roles',
  'trusted_metadata',
  'untrusted_metadata',
  'search_flags',
  'lock_created_at',
  'lock_expires_at',
  'created_at',
  'updated_at',
  'version',
] as const satisfies (keyof MemberRow)[]

/** The member of a row. */
export function toMember({ search_flags: _, roles, ...row }: MemberRow): Member {
  return {
    ...row,
    email_address_verified: row.email_address_verified === 1,
    is_breakglass: row.is_breakglass === 1,
    mfa_enrolled: row.mfa_enrolled === 1,
    retired_email_addresses: parse(row.retired_email_addresses),
    email_update: row.email_update === null ? null : parse(row.email_update),
    mfa_phone: row.mfa_phone === null ? null : parse(row.mfa_phone),
    totp: row.totp === null ? null : parse(row.totp),
    password: row.password === null ? null : parse(row.password),
    sso_registrations: parse(row.sso_registrations),
    oauth_registrations: parse(row.oauth_registrations),
    scim_registration: row.scim_registration === null ? null : parse(row.scim_registration),
    assigned_roles: parse(roles),
    trusted_metadata: parse(row.trusted_metadata),
    untrusted_metadata: parse(row.untrusted_metadata),
  }
}

/** The row of a member. */
export function toRow({ assigned_roles, ...member }: Member): MemberRow {
  return {
    ...member,
    email_address_verified: Number(member.email_address_verified),
    is_breakglass: Number(member.is_breakglass),
    mfa_enrolled: Number(member.mfa_enrolled),
    retired_email_addresses: JSON.stringify(member.retired_email_addresses),
    email_update: member.email_update && JSON.stringify(member.email_update),
    mfa_phone: member.mfa_phone && JSON.stringify(member.mfa_phone),
    totp: member.totp && JSON.stringify(member.totp),
    password: member.password && JSON.stringify(member.password),
    sso_registrations: JSON.stringify(member.sso_registrations),
    oauth_registrations: JSON.stringify(member.oauth_registrations),
    scim_registration: member.scim_registration && JSON.stringify(member.scim_registration),
    roles: JSON.stringify(assigned_roles),
    trusted_metadata: JSON.stringify(member.trusted_metadata),
    untrusted_metadata: JSON.stringify(member.untrusted_metadata),
    search_flags: searchFlags({ assigned_roles, ...member }),
  }
}

/** `|password|totp|oauth_google|role_editor|`: what the filters of member search ask for. */
function searchFlags({ password, totp, oauth_registrations, assigned_roles }: Member): string {
  const flags = [
    ...(password ? ['password'] : []),
    ...(totp?.verified ? ['totp'] : []),
    ...oauth_registrations.map(({ provider_type }) => `oauth_${provider_type.toLowerCase()}`),
    ...assigned_roles.map(roleFlag),
  ]
  return `|${flags.join('|')}|`
}

/** The flag of a directly assigned role. A role id may hold anything, bars too. */
export function roleFlag(role_id: string): string {
  return `role_${encodeURIComponent(role_id)}`
}

function parse<T>(text: string): T {
  return JSON.parse(text) as T
}
