/** Users, and how one is written as a single row: scalar columns, and JSON for its lists. */
import type { JsonObject } from '../../values/json.ts'
import { userRoles } from '../rbac/check.ts'
import type { Policy } from '../rbac/policy.ts'

export type User = {
  project_id: string
  user_id: string
  status: 'active' | 'pending'
  name: { first_name: string; middle_name: string; last_name: string }
  external_id: string | null
  emails: { email_id: string; email: string; verified: boolean }[]
  phone_numbers: { phone_id: string; phone_number: string; verified: boolean }[]
  providers: {
    oauth_user_registration_id: string
    provider_type: string
    provider_subject: string
    profile_picture_url: string
    locale: string
  }[]
  webauthn_registrations: {
    webauthn_registration_id: string
    domain: string
    user_agent: string
    verified: boolean
    authenticator_type: string
    name: string
  }[]
  biometric_registrations: { biometric_registration_id: string; verified: boolean }[]
  totps: { totp_id: string; verified: boolean }[]
  crypto_wallets: {
    crypto_wallet_id: string
    crypto_wallet_address: string
    crypto_wallet_type: string
    verified: boolean
  }[]
  password: { password_id: string; requires_reset: boolean } | null
  /** The roles assigned to the user, whatever the policy says about them now. */
  assigned_roles: string[]
  /** The roles the user holds: the default one, and those assigned that the policy still defines. */
  roles: string[]
  trusted_metadata: JsonObject
  untrusted_metadata: JsonObject
  lock_created_at: number | null
  lock_expires_at: number | null
  created_at: number
  /** Counts the writes, so that one made on an outdated reading is noticed. */
  version: number
}

export type UserRow = {
  project_id: string
  user_id: string
  status: string
  first_name: string
  middle_name: string
  last_name: string
  /** The name in lower case as search looks at it. */
  name_search: string
  external_id: string | null
  emails: string
  phone_numbers: string
  providers: string
  webauthn_registrations: string
  biometric_registrations: string
  totps: string
  crypto_wallets: string
  password: string | null
  roles: string
  trusted_metadata: string
  untrusted_metadata: string
  /** What search asks about the lists, as words between bars. */
  search_flags: string
  lock_created_at: number | null
  lock_expires_at: number | null
  created_at: number
  version: number
}

/** The columns of a user. */
export const userColumns = [
  'project_id',
  'user_id',
  'status',
  'first_name',
  'middle_name',
  'last_name',
  'name_search',
  'external_id',
  'emails',
  'phone_numbers',
  'providers',
  'webauthn_registrations',
  'biometric_registrations',
  'totps',
  'crypto_wallets',
  'password',
  'roles',
  'trusted_metadata',
  'untrusted_metadata',
  'search_flags',
  'lock_created_at',
  'lock_expires_at',
  'created_at',
  'version',
] as const satisfies (keyof UserRow)[]

/** A user but for the roles held, which depend on the policy of the moment. */
export type UserRecord = Omit<User, 'roles'>

/** The user of a row. */
export function toUser(row: UserRow, policy: Policy): User {
  return withRoles(toUserRecord(row), policy)
}

/** A user with the roles held under a policy. */
export function withRoles(record: UserRecord, policy: Policy): User {
  return { ...record, roles: userRoles(policy, record.assigned_roles) }
}

/** The user of a row, under whatever policy. */
export function toUserRecord(row: UserRow): UserRecord {
  const assigned_roles = parse<string[]>(row.roles)
  return {
    project_id: row.project_id,
    user_id: row.user_id,
    status: row.status as User['status'],
    name: { first_name: row.first_name, middle_name: row.middle_name, last_name: row.last_name },
    external_id: row.external_id,
    emails: parse(row.emails),
    phone_numbers: parse(row.phone_numbers),
    providers: parse(row.providers),
    webauthn_registrations: parse(row.webauthn_registrations),
    biometric_registrations: parse(row.biometric_registrations),
    totps: parse(row.totps),
    crypto_wallets: parse(row.crypto_wallets),
    password: row.password === null ? null : parse(row.password),
    assigned_roles,
    trusted_metadata: parse(row.trusted_metadata),
    untrusted_metadata: parse(row.untrusted_metadata),
    lock_created_at: row.lock_created_at,
    lock_expires_at: row.lock_expires_at,
    created_at: row.created_at,
    version: row.version,
  }
}

/** The row of a user. */
export function toRow(user: User): UserRow {
  const { name, assigned_roles, roles: _, password, ...rest } = user
  return {
    ...rest,
    ...name,
    name_search: nameSearch(name),
    emails: JSON.stringify(user.emails),
    phone_numbers: JSON.stringify(user.phone_numbers),
    providers: JSON.stringify(user.providers),
    webauthn_registrations: JSON.stringify(user.webauthn_registrations),
    biometric_registrations: JSON.stringify(user.biometric_registrations),
    totps: JSON.stringify(user.totps),
    crypto_wallets: JSON.stringify(user.crypto_wallets),
    password: password === null ? null : JSON.stringify(password),
    roles: JSON.stringify(assigned_roles),
    trusted_metadata: JSON.stringify(user.trusted_metadata),
    untrusted_metadata: JSON.stringify(user.untrusted_metadata),
    search_flags: searchFlags(user),
  }
}

/** First, middle and last name and "first last", one a line, so that a substring never spans two of them. */
function nameSearch({ first_name, middle_name, last_name }: User['name']): string {
  return [first_name, middle_name, last_name, `${first_name} ${last_name}`].map(searchableName).join('\n')
}

/** A name, or a part of one, as search compares it: in lower case, on one line. */
export function searchableName(text: string): string {
  return text.toLowerCase().replaceAll('\n', ' ')
}

/** For each list: `|email_verified|` when one of its entries is verified, `|email_unverified|` when it has entries but none is. */
function searchFlags(user: User): string {
  const lists = {
    email: user.emails,
    phone: user.phone_numbers,
    webauthn: user.webauthn_registrations,
    biometric: user.biometric_registrations,
    totp: user.totps,
    crypto_wallet: user.crypto_wallets,
  }
  const flags = Object.entries(lists)
    .filter(([, entries]) => entries.length > 0)
    .map(([name, entries]) => `${name}_${entries.some(({ verified }) => verified) ? 'verified' : 'unverified'}`)
  const providers = user.providers.map(({ provider_type }) => `oauth_${provider_type.toLowerCase()}`)
  return `|${[...flags, ...providers, ...(user.password ? ['password'] : [])].join('|')}|`
}

function parse<T>(text: string): T {
  return JSON.parse(text) as T
}
