/** The records of an import file: which fields they have, read strictly (docs/import.md). */
import { z } from 'zod'
import { documentProblem, type JsonObject } from '../../values/json.ts'
import type { Line } from './line.ts'
import type { Findings } from './problem.ts'

const limits = { depth: 64, values: 20_000 }

/** An optional field: `null` counts as absent, as in requests of the API. */
function maybe<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined)
}

const text = maybe(z.string())
const flag = maybe(z.boolean())
const texts = maybe(z.array(z.string()))
const wholeNumber = z.number().multipleOf(1, 'expected a whole number')
const jsonObject = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject, JsonObject>
const metadata = maybe(jsonObject)
/** What the API shows and nobody can bring along. */
const shown = z.unknown().optional()
/** The same, where it would be lost if there were any. */
const none = maybe(z.array(z.unknown()).max(0, 'cannot be imported; leave it out'))

const saltConfig = maybe(z.strictObject({ prepend_salt: text, append_salt: text }))
const password = maybe(
  z.strictObject({
    password_id: text,
    requires_reset: flag,
    hash: z.string(),
    hash_type: z.string(),
    md_5_config: saltConfig,
    sha_1_config: saltConfig,
    sha_512_config: saltConfig,
    argon_2_config: maybe(
      z.strictObject({
        salt: z.string(),
        iteration_amount: wholeNumber,
        memory: wholeNumber,
        threads: wholeNumber,
        key_length: wholeNumber,
      }),
    ),
    scrypt_config: maybe(
      z.strictObject({
        salt: z.string(),
        n_parameter: wholeNumber,
        r_parameter: wholeNumber,
        p_parameter: wholeNumber,
        key_length: wholeNumber,
      }),
    ),
    pbkdf_2_config: maybe(
      z.strictObject({ salt: z.string(), iteration_amount: wholeNumber, key_length: wholeNumber, algorithm: text }),
    ),
  }),
)
const totp = maybe(z.strictObject({ totp_id: text, secret: z.string(), recovery_codes: texts }))

const user = z.strictObject({
  type: z.literal('user'),
  user_id: text,
  external_id: text,
  status: maybe(z.enum(['active', 'pending'])),
  name: maybe(z.strictObject({ first_name: text, middle_name: text, last_name: text })),
  emails: maybe(z.array(z.strictObject({ email_id: text, email: z.string(), verified: flag })).max(100)),
  phone_numbers: maybe(z.array(z.strictObject({ phone_id: text, phone_number: z.string(), verified: flag })).max(100)),
  roles: texts,
  trusted_metadata: metadata,
  untrusted_metadata: metadata,
  created_at: text,
  password,
  totp,
  is_locked: shown,
  lock_created_at: shown,
  lock_expires_at: shown,
  totps: none,
  providers: none,
  webauthn_registrations: none,
  biometric_registrations: none,
  crypto_wallets: none,
})

const openness = maybe(z.enum(['ALL_ALLOWED', 'RESTRICTED', 'NOT_ALLOWED']))
const restrictable = maybe(z.enum(['ALL_ALLOWED', 'RESTRICTED']))
const byRestriction = maybe(z.enum(['RESTRICTED', 'NOT_ALLOWED']))

const organization = z.strictObject({
  type: z.literal('organization'),
  organization_id: text,
  organization_name: z.string(),
  organization_slug: text,
  organization_external_id: text,
  organization_logo_url: text,
  trusted_metadata: metadata,
  sso_default_connection_id: text,
  sso_jit_provisioning: openness,
  sso_jit_provisioning_allowed_connections: texts,
  email_allowed_domains: texts,
  email_jit_provisioning: byRestriction,
  email_invites: openness,
  oauth_tenant_jit_provisioning: byRestriction,
  allowed_oauth_tenants: maybe(jsonObject),
  claimed_email_domains: texts,
  auth_methods: restrictable,
  allowed_auth_methods: texts,
  mfa_policy: maybe(z.enum(['OPTIONAL', 'REQUIRED_FOR_ALL'])),
  mfa_methods: restrictable,
  allowed_mfa_methods: texts,
  rbac_email_implicit_role_assignments: maybe(z.array(z.strictObject({ domain: z.string(), role_id: z.string() }))),
  first_party_connected_apps_allowed_type: openness,
  allowed_first_party_connected_apps: texts,
  third_party_connected_apps_allowed_type: openness,
  allowed_third_party_connected_apps: texts,
  custom_roles: maybe(
    z.array(
      z.strictObject({
        role_id: z.string(),
        description: z.string(),
        permissions: z.array(z.strictObject({ resource_id: z.string(), actions: z.array(z.string()) })),
      }),
    ),
  ),
  created_at: text,
  updated_at: text,
  sso_active_connections: none,
  scim_active_connection: z.null('cannot be imported; leave it out').optional(),
})

/** A role as requests name it, or as the API's Member object shows it; one that only a domain gives is nobody's to bring. */
const role = z
  .union([z.string(), z.strictObject({ role_id: z.string(), sources: z.array(z.looseObject({ type: z.string() })) })])
  .transform((given) => {
    if (typeof given === 'string') return given
    return given.sources.some(({ type }) => type === 'direct_assignment') ? given.role_id : undefined
  })

const member = z.strictObject({
  type: z.literal('member'),
  organization_id: z.string(),
  member_id: text,
  external_id: text,
  status: maybe(z.enum(['pending', 'invited', 'active', 'deleted'])),
  email_address: z.string(),
  email_address_verified: flag,
  email_id: text,
  retired_email_addresses: maybe(z.array(z.strictObject({ email_id: text, email_address: z.string() })).max(100)),
  name: text,
  is_breakglass: flag,
  mfa_enrolled: flag,
  mfa_phone_number: text,
  mfa_phone_number_verified: flag,
  mfa_phone_id: text,
  default_mfa_method: text,
  roles: maybe(z.array(role)),
  trusted_metadata: metadata,
  untrusted_metadata: metadata,
  created_at: text,
  updated_at: text,
  password,
  totp,
  is_admin: shown,
  is_locked: shown,
  lock_created_at: shown,
  lock_expires_at: shown,
  member_password_id: shown,
  totp_registration_id: shown,
  sso_registrations: none,
  oauth_registrations: none,
  scim_registration: z.null('cannot be imported; leave it out').optional(),
})

export const schemas = { user, organization, member }

export type RecordType = keyof typeof schemas
export type UserRecord = z.output<typeof user>
export type OrganizationRecord = z.output<typeof organization>
export type MemberRecord = z.output<typeof member>
export type Password = NonNullable<UserRecord['password']>
export type Totp = NonNullable<UserRecord['totp']>
/** A record in the form in which it is written. */
export type Written = z.input<typeof user> | z.input<typeof organization> | z.input<typeof member>

const types = ['user', 'organization', 'member'] as const satisfies RecordType[]

/** The record of a line, of whichever type; undefined, with all that is wrong, when its form is not that of a record. */
export function readRecord(
  { text, problem }: Line,
  findings: Findings,
): UserRecord | OrganizationRecord | MemberRecord | undefined {
  if (text === undefined) return void findings.add('', problem)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return void findings.add('', 'the line is not valid JSON; each line must be one whole JSON object')
  }
  const tooMuch = documentProblem(value, limits)
  if (tooMuch) return void findings.add('', tooMuch)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return void findings.add('', 'the line must be a JSON object')
  }
  const type = types.find((name) => name === (value as { type?: unknown }).type)
  if (!type) return void findings.add('type', 'expected "user", "organization" or "member"')
  const result = schemas[type].safeParse(value)
  if (result.success) return result.data
  for (const issue of result.error.issues) report(issue, type, findings)
  return undefined
}

type Issue = { path: PropertyKey[]; code?: string | undefined; message: string; keys?: string[] }

function report(issue: Issue, type: RecordType, findings: Findings): void {
  const { path, code, message, keys = [] } = issue
  if (code !== 'unrecognized_keys') findings.add(fieldOf(path), plain(message))
  const where = path.length === 0 ? `a record of type ${type}` : fieldOf(path)
  for (const key of keys) findings.add(fieldOf([...path, key]), `is no field of ${where}`)
}

/** `emails[0].verified` */
function fieldOf(path: PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('')
    .slice(0, 200)
}

function plain(message: string): string {
  return message
    .replace(/^Invalid input: expected (.+), received undefined$/, 'is required ($1)')
    .replace(/^Invalid input: expected (.+), received (.+)$/, 'expected $1, not $2')
    .replace(/^Invalid option: expected (.+)$/, 'expected $1')
    .replace(/^Invalid input$/, 'does not have the form it should have')
    .replace(/\.$/, '')
}
