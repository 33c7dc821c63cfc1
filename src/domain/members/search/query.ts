/** The language of member search: the filters, what value each takes, and what it asks of a member (reference: b2b.md §5.6.3). */
import { type ErrorType, fail } from '../../../errors.ts'
import { parseId } from '../../../values/id.ts'
import type { JsonObject } from '../../../values/json.ts'
import type { Environment } from '../../configuration/environment.ts'
import { checkOwnId } from '../../own_id.ts'
import type { MemberStatus } from '../row.ts'

/** A question about one member. Texts are lower-cased where case does not count. */
export type Condition =
  | { on: 'organization'; is: string }
  | { on: 'organization_slug'; is: string }
  | { on: 'organization_slug'; contains: string }
  | { on: 'status' | 'member_id' | 'external_id' | 'email_address' | 'phone_number'; any_of: string[] }
  | { on: 'email_address' | 'phone_number'; contains: string }
  | { on: 'is_breakglass'; is: boolean }
  /** Has one of the flags of `search_flags`, or has none of them. */
  | { on: 'flags'; any_of: string[]; present: boolean }
  /** Holds one of the roles at this moment. */
  | { on: 'roles'; any_of: string[] }

/** A question about members: all conditions hold, or one of them does; without conditions it is about everybody. */
export type MemberQuery = {
  operator: 'AND' | 'OR'
  conditions: Condition[]
  /** Whether deleted members may be among the results. */
  with_deleted: boolean
}

/** A query as a request gives it; only the frame has been looked at. */
export type GivenQuery = { operator?: unknown; operands?: JsonObject[] | undefined }

type Filter = {
  /** The refusal when the filter comes without a value. */
  missing: ErrorType
  read: (value: unknown, environment: Environment) => Condition
}

const mostOperands = 100
const mostValues = 100
const longestText = 1024
const shortestFuzzy = 3
/** Looking for a text anywhere reads every member, so such texts are few and short. */
const longestFuzzy = 64
const mostFuzzy = 10
const statuses: MemberStatus[] = ['pending', 'invited', 'active', 'deleted']

const phoneNumbers: Filter = {
  missing: 'member_search_missing_mfa_member_phone_numbers',
  read: (value) => ({ on: 'phone_number', any_of: texts(value) }),
}
const phoneNumberFuzzy: Filter = {
  missing: 'member_search_missing_mfa_member_phone_number_fuzzy',
  read: (value) => ({
    on: 'phone_number',
    contains: fuzzy(value, 'member_search_member_mfa_phone_number_fuzzy_too_short'),
  }),
}

const filters = new Map<string, Filter>(
  Object.entries({
    organization_id: {
      missing: 'member_search_missing_organization_id',
      read: (value) => ({ on: 'organization', is: text(value) }),
    },
    organization_slug: {
      missing: 'member_search_missing_organization_slug',
      read: (value) => ({ on: 'organization_slug', is: text(value).toLowerCase() }),
    },
    organization_slug_fuzzy: {
      missing: 'member_search_missing_organization_slug_fuzzy',
      read: (value) => ({
        on: 'organization_slug',
        contains: fuzzy(value, 'member_search_organization_slug_fuzzy_too_short').toLowerCase(),
      }),
    },
    status: {
      missing: 'member_search_missing_status',
      read: (value) => ({ on: 'status', any_of: [status(text(value))] }),
    },
    statuses: {
      missing: 'member_search_missing_statuses',
      read: (value) => ({ on: 'status', any_of: texts(value).map(status) }),
    },
    member_ids: { missing: 'member_search_missing_member_ids', read: memberIds },
    member_emails: {
      missing: 'member_search_missing_member_emails',
      read: (value) => ({ on: 'email_address', any_of: texts(value).map((address) => address.trim().toLowerCase()) }),
    },
    member_email_fuzzy: {
      missing: 'member_search_missing_member_email_fuzzy',
      read: (value) => ({
        on: 'email_address',
        contains: fuzzy(value, 'member_search_member_email_fuzzy_too_short').toLowerCase(),
      }),
    },
    member_is_breakglass: {
      missing: 'member_search_missing_is_breakglass',
      read: (value) => ({ on: 'is_breakglass', is: yesOrNo(value) }),
    },
    member_mfa_phone_numbers: phoneNumbers,
    member_mfa_phone_number_fuzzy: phoneNumberFuzzy,
    // The names that the types of the official client use.
    member_phone_numbers: phoneNumbers,
    member_phone_number_fuzzy: phoneNumberFuzzy,
    member_password_exists: { missing: 'member_search_missing_password_exists', read: exists('password') },
    totp_exists: { missing: 'member_search_missing_totp_exists', read: exists('totp') },
    member_roles: {
      missing: 'member_search_missing_member_roles',
      read: (value) => ({ on: 'roles', any_of: texts(value) }),
    },
    oauth_providers: {
      missing: 'member_search_missing_oauth_providers',
      read: (value) => ({
        on: 'flags',
        any_of: texts(value).map((provider) => `oauth_${provider.toLowerCase()}`),
        present: true,
      }),
    },
  } satisfies Record<string, Filter>),
)

/** Reads the query of a search; none, and one without operands, asks for everybody. Refuses with the types of the filters. */
export function readQuery(environment: Environment, given: GivenQuery | undefined): MemberQuery {
  const operands = given?.operands ?? []
  const operator = given?.operator ?? (operands.length === 0 ? 'AND' : undefined)
  if (operator === undefined) fail('bad_request', 'query.operator: this field is required (AND or OR).')
  if (operator !== 'AND' && operator !== 'OR') fail('user_search_invalid_operator')
  if (operands.length > mostOperands) {
    fail('bad_request', `query.operands: at most ${mostOperands} operands can be combined.`)
  }
  const conditions = operands.map((operand) => readOperand(environment, operand))
  if (conditions.filter((condition) => 'contains' in condition).length > mostFuzzy) {
    fail('bad_request', `query.operands: at most ${mostFuzzy} fuzzy operands can be combined.`)
  }
  const with_deleted = conditions.some((one) => one.on === 'status' && one.any_of.includes('deleted'))
  return { operator, conditions, with_deleted }
}

function readOperand(environment: Environment, { filter_name: name, filter_value: value }: JsonObject): Condition {
  if (name === undefined || name === null || name === '') fail('member_search_missing_filter_name')
  if (typeof name !== 'string') fail('member_search_filter_name_must_be_string')
  const filter = filters.get(name)
  if (!filter) {
    fail('member_search_filter_name_not_recognized', `"${name.slice(0, 64)}" is not a filter of member search.`)
  }
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) fail(filter.missing)
  return filter.read(value, environment)
}

function memberIds(value: unknown, environment: Environment): Condition {
  const any_of = texts(value)
  for (const id of any_of) checkOwnId(environment, id)
  const internal = any_of.filter((id) => parseId(id)?.prefix === 'member')
  if (internal.length === any_of.length) return { on: 'member_id', any_of }
  if (internal.length > 0) fail('member_search_cannot_mix_internal_and_external_member_ids')
  return { on: 'external_id', any_of }
}

function status(given: string): MemberStatus {
  return statuses.find((one) => one === given) ?? fail('search_invalid_status_filter')
}

function exists(flag: string): Filter['read'] {
  return (value) => ({ on: 'flags', any_of: [flag], present: yesOrNo(value) })
}

function yesOrNo(value: unknown): boolean {
  return typeof value === 'boolean' ? value : fail('member_search_expected_boolean')
}

/** Longer texts than any stored one are refused, because the engines do not compare texts of any length. */
function text(value: unknown, wrongType: ErrorType = 'member_search_expected_string'): string {
  if (typeof value !== 'string') fail(wrongType)
  if (value.length > longestText) fail('bad_request', `filter_value: a text has at most ${longestText} characters.`)
  return value
}

function texts(value: unknown): string[] {
  if (!Array.isArray(value)) fail('member_search_expected_array_of_strings')
  if (value.length > mostValues) fail('bad_request', `filter_value: a filter takes at most ${mostValues} values.`)
  return [...new Set(value.map((item) => text(item, 'member_search_expected_array_of_strings')))]
}

function fuzzy(value: unknown, tooShort: ErrorType): string {
  const part = text(value)
  if ([...part].length < shortestFuzzy) fail(tooShort)
  if (part.length > longestFuzzy)
    fail('bad_request', `filter_value: a fuzzy text has at most ${longestFuzzy} characters.`)
  return part
}
