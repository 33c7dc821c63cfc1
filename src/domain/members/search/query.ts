/** The language of member search: the filters, what value each takes, and what it asks of a member (reference: b2b.md §5.6.3). */
import { fail } from '../../../errors.ts'
import { parseId } from '../../../values/id.ts'
import type { Environment } from '../../configuration/environment.ts'
import { checkOwnId } from '../../own_id.ts'
import {
  type Dialect,
  type GivenQuery,
  type Filter as OneFilter,
  readConditions,
  valuesIn,
} from '../../search/language.ts'
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

const dialect: Dialect = {
  name: 'member',
  missing_filter_name: 'member_search_missing_filter_name',
  filter_name_must_be_string: 'member_search_filter_name_must_be_string',
  filter_name_not_recognized: 'member_search_filter_name_not_recognized',
  expected_string: 'member_search_expected_string',
  expected_strings: 'member_search_expected_array_of_strings',
  expected_boolean: 'member_search_expected_boolean',
}
const { text, texts, fuzzy, yesOrNo } = valuesIn(dialect)
type Filter = OneFilter<Condition>

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
  const query = readConditions(dialect, filters, environment, given)
  const with_deleted = query.conditions.some((one) => one.on === 'status' && one.any_of.includes('deleted'))
  return { ...query, with_deleted }
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
