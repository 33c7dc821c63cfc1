/** The language of user search: the filters, what value each takes, and what it asks of a user (reference: consumer.md §2.4). */
import { fail } from '../../../errors.ts'
import { isJsonObject } from '../../../values/json.ts'
import { parseRfc3339, SECOND, wholeSecond } from '../../../values/time.ts'
import type { Environment } from '../../configuration/environment.ts'
import { checkOwnId } from '../../own_id.ts'
import {
  type Dialect,
  type GivenQuery,
  lowerCased,
  type Filter as OneFilter,
  readConditions,
  valuesIn,
} from '../../search/language.ts'
import { isUserId } from '../reference.ts'

/** A question about one user. Texts are lower-cased where case does not count. */
export type Condition =
  | { on: 'created_at'; after?: number; before?: number }
  | { on: 'status'; is: string }
  | { on: 'user_id'; any_of: string[] }
  | { on: 'name'; contains: string }
  /** Any identifier of the kind is one of the values, contains a text, or is in one of the domains. */
  | { on: 'identifier'; kind: string; any_of: string[] }
  | { on: 'identifier'; kind: string; contains: string }
  | { on: 'identifier'; kind: string; in_domain: string[] }
  /** Has one of the flags of `search_flags`, or has none of them. */
  | { on: 'flags'; any_of: string[]; present: boolean }

/** A question about users: all conditions hold, or one of them does; without conditions it is about everybody. */
export type UserQuery = { operator: 'AND' | 'OR'; conditions: Condition[] }

const dialect: Dialect = {
  name: 'user',
  missing_filter_name: 'user_search_missing_filter_name',
  filter_name_must_be_string: 'user_search_filter_name_must_be_string',
  filter_name_not_recognized: 'user_search_filter_name_not_recognized',
  expected_string: 'user_search_expected_string',
  expected_strings: 'user_search_expected_array_of_string',
  expected_boolean: 'user_search_expected_bool',
  too_many_values: 'user_search_maximum_filter_value_count_exceeded',
}
const { text, texts, fuzzy, yesOrNo } = valuesIn(dialect)
type Filter = OneFilter<Condition>

/** The providers of the platform, as the `oauth_provider` filter writes them (reference: consumer.md §3.7). */
const oauthProviders = new Set(
  [
    'google amazon apple bitbucket coinbase discord facebook figma github gitlab linkedin microsoft salesforce slack',
    'snapchat tiktok twitch twitter yahoo',
  ].flatMap((line) => line.split(' ')),
)

const filters = new Map<string, Filter>(
  Object.entries({
    created_at_greater_than: {
      missing: 'user_search_missing_created_at_greater_than',
      read: (value) => ({ on: 'created_at', after: secondAfter(time(value)) }),
    },
    created_at_less_than: {
      missing: 'user_search_missing_created_at_less_than',
      read: (value) => ({ on: 'created_at', before: secondOf(time(value)) }),
    },
    created_at_between: { missing: 'user_search_missing_filter_value', read: between },
    status: { missing: 'user_search_missing_status', read: status },
    user_id: { missing: 'user_search_missing_user_ids', read: userIds },
    full_name_fuzzy: {
      missing: 'user_search_missing_full_name_fuzzy',
      read: (value) => ({ on: 'name', contains: fuzzy(value, 'user_search_full_name_fuzzy_too_short') }),
    },
    email_address: {
      missing: 'user_search_missing_email_addresses',
      read: (value) => ({ on: 'identifier', kind: 'email', any_of: lowerCased(texts(value)) }),
    },
    email_address_fuzzy: {
      missing: 'user_search_missing_email_address_fuzzy',
      read: (value) => ({
        on: 'identifier',
        kind: 'email',
        contains: fuzzy(value, 'user_search_email_address_fuzzy_too_short').toLowerCase(),
      }),
    },
    email_domain: {
      missing: 'user_search_missing_email_domain',
      read: (value) => ({ on: 'identifier', kind: 'email', in_domain: lowerCased(texts(value)) }),
    },
    email_id: { missing: 'user_search_missing_email_ids', read: ids('email_id') },
    email_verified: { missing: 'user_search_missing_email_verified', read: verified('email') },
    phone_number: {
      missing: 'user_search_missing_phone_numbers',
      read: (value) => ({ on: 'identifier', kind: 'phone_number', any_of: texts(value) }),
    },
    phone_number_fuzzy: {
      missing: 'user_search_missing_phone_number_fuzzy',
      read: (value) => ({
        on: 'identifier',
        kind: 'phone_number',
        contains: fuzzy(value, 'user_search_phone_number_fuzzy_too_short'),
      }),
    },
    phone_id: { missing: 'user_search_missing_phone_ids', read: ids('phone_id') },
    phone_verified: { missing: 'user_search_missing_phone_verified', read: verified('phone') },
    oauth_provider: { missing: 'user_search_missing_oauth_providers', read: providers },
    webauthn_registration_id: {
      missing: 'user_search_missing_webauthn_registration_ids',
      read: ids('webauthn_registration_id'),
    },
    webauthn_registration_verified: { missing: 'user_search_missing_webauthn_verified', read: verified('webauthn') },
    biometric_registration_id: {
      missing: 'user_search_missing_biometric_registration_ids',
      read: ids('biometric_registration_id'),
    },
    biometric_verified: { missing: 'user_search_missing_biometric_verified', read: verified('biometric') },
    crypto_wallet_id: { missing: 'user_search_missing_crypto_wallet_id', read: ids('crypto_wallet_id') },
    crypto_wallet_address: {
      missing: 'user_search_missing_crypto_wallet_address',
      read: (value) => ({ on: 'identifier', kind: 'crypto_wallet_address', any_of: texts(value) }),
    },
    crypto_wallet_verified: { missing: 'user_search_missing_crypto_wallet_verified', read: verified('crypto_wallet') },
    totp_id: { missing: 'user_search_missing_totp_ids', read: ids('totp_id') },
    totp_verified: { missing: 'user_search_missing_totp_verified', read: verified('totp') },
    password_exists: {
      missing: 'user_search_missing_password',
      read: (value) => ({ on: 'flags', any_of: ['password'], present: yesOrNo(value) }),
    },
  } satisfies Record<string, Filter>),
)

/** Reads the query of a search; none, and one without operands, asks for everybody. Refuses with the types of the filters. */
export function readQuery(environment: Environment, given: GivenQuery | undefined): UserQuery {
  return readConditions(dialect, filters, environment, given)
}

function between(value: unknown): Condition {
  if (!isJsonObject(value)) fail('user_search_expected_object')
  const { greater_than = null, less_than = null } = value
  if (greater_than === null) fail('user_search_missing_greater_than')
  if (less_than === null) fail('user_search_missing_less_than')
  return { on: 'created_at', after: secondAfter(time(greater_than)), before: secondOf(time(less_than)) }
}

function status(value: unknown): Condition {
  const is = text(value)
  if (is !== 'active' && is !== 'pending') fail('user_search_invalid_status_filter')
  return { on: 'status', is }
}

function userIds(value: unknown, environment: Environment): Condition {
  const any_of = texts(value)
  const internal = any_of.filter((reference) => isUserId(environment, reference))
  if (internal.length === any_of.length) return { on: 'user_id', any_of }
  if (internal.length > 0) fail('user_search_cannot_mix_internal_and_external_user_ids')
  return { on: 'identifier', kind: 'external_id', any_of }
}

function providers(value: unknown): Condition {
  const any_of = lowerCased(texts(value))
  const unknown = any_of.find((provider) => !oauthProviders.has(provider))
  if (unknown !== undefined) fail('user_search_invalid_oauth_provider_filter')
  return { on: 'flags', any_of: any_of.map((provider) => `oauth_${provider}`), present: true }
}

function ids(kind: string): Filter['read'] {
  return (value, environment) => {
    const any_of = texts(value)
    for (const id of any_of) checkOwnId(environment, id)
    return { on: 'identifier', kind, any_of }
  }
}

function verified(list: string): Filter['read'] {
  return (value) => ({
    on: 'flags',
    any_of: [`${list}_${yesOrNo(value) ? 'verified' : 'unverified'}`],
    present: true,
  })
}

// Users show the second they were created in, and filters compare what is shown.

/** The last millisecond that is shown as this second, or as an earlier one. */
function secondAfter(milliseconds: number): number {
  return wholeSecond(milliseconds) + SECOND - 1
}

/** The first millisecond that is not shown as a second before this time. */
function secondOf(milliseconds: number): number {
  return Math.ceil(milliseconds / SECOND) * SECOND
}

function time(value: unknown): number {
  const milliseconds = typeof value === 'string' ? parseRfc3339(value) : undefined
  return milliseconds ?? fail('user_search_expected_timestamp')
}
