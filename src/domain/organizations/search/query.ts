/** The language of organization search: the filters, what value each takes, and what it asks (reference: b2b.md §5.2). */
import { type ErrorType, fail } from '../../../errors.ts'
import type { JsonObject } from '../../../values/json.ts'
import type { Environment } from '../../configuration/environment.ts'
import { checkOwnId } from '../../own_id.ts'

/** A question about one organization. Texts are lower-cased where case does not count. */
export type Condition =
  /** Its id, slug or external id is one of these. */
  | { on: 'reference'; any_of: string[] }
  | { on: 'slug' | 'allowed_domain' | 'claimed_domain' | 'member_email'; any_of: string[] }
  | { on: 'slug' | 'allowed_domain' | 'name' | 'member_email'; contains: string }
  /** Has an SSO connection, any or that one. */
  | { on: 'sso_connection'; is: boolean | string }

/** A question about organizations: all conditions hold, or one of them does; without conditions it is about all. */
export type OrganizationQuery = { operator: 'AND' | 'OR'; conditions: Condition[] }

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
/** Looking for a text anywhere reads every organization, so such texts are few and short. */
const longestFuzzy = 64
const mostFuzzy = 10

const filters = new Map<string, Filter>(
  Object.entries({
    organization_ids: {
      missing: 'organization_search_missing_organization_ids',
      read: (value, environment) => {
        const any_of = texts(value)
        for (const reference of any_of) checkOwnId(environment, reference)
        return { on: 'reference', any_of }
      },
    },
    organization_slugs: {
      missing: 'organization_search_missing_organization_slugs',
      read: (value) => ({ on: 'slug', any_of: lowerCased(texts(value)) }),
    },
    organization_slug_fuzzy: {
      missing: 'organization_search_missing_organization_slug_fuzzy',
      read: (value) => ({
        on: 'slug',
        contains: fuzzy(value, 'organization_search_organization_slug_fuzzy_too_short'),
      }),
    },
    organization_name_fuzzy: {
      missing: 'organization_search_missing_organization_name_fuzzy',
      read: (value) => ({
        on: 'name',
        contains: fuzzy(value, 'organization_search_organization_name_fuzzy_too_short'),
      }),
    },
    member_emails: {
      missing: 'organization_search_missing_member_emails',
      read: (value) => ({ on: 'member_email', any_of: lowerCased(texts(value)) }),
    },
    member_email_fuzzy: {
      missing: 'organization_search_missing_member_email_fuzzy',
      read: (value) => ({
        on: 'member_email',
        contains: fuzzy(value, 'organization_search_member_email_fuzzy_too_short'),
      }),
    },
    allowed_domains: {
      missing: 'organization_search_missing_allowed_domains',
      read: (value) => ({ on: 'allowed_domain', any_of: lowerCased(texts(value)) }),
    },
    allowed_domain_fuzzy: {
      missing: 'organization_search_missing_allowed_domain_fuzzy',
      read: (value) => ({
        on: 'allowed_domain',
        contains: fuzzy(value, 'organization_search_allowed_domain_fuzzy_too_short'),
      }),
    },
    claimed_email_domains: {
      missing: 'organization_search_missing_claimed_email_domains',
      read: (value) => ({ on: 'claimed_domain', any_of: lowerCased(texts(value)) }),
    },
    has_active_sso_connection: {
      missing: 'organization_search_missing_has_active_sso_connection',
      read: (value) => ({
        on: 'sso_connection',
        is: typeof value === 'boolean' ? value : fail('organization_search_expected_boolean'),
      }),
    },
    sso_connection_id: {
      missing: 'organization_search_missing_sso_connection_id',
      read: (value, environment) => {
        const id = text(value)
        checkOwnId(environment, id)
        return { on: 'sso_connection', is: id }
      },
    },
  } satisfies Record<string, Filter>),
)

/** Reads the query of a search; none, and one without operands, asks for all. Refuses with the types of the filters. */
export function readQuery(environment: Environment, given: GivenQuery | undefined): OrganizationQuery {
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
  return { operator, conditions }
}

function readOperand(environment: Environment, { filter_name: name, filter_value: value }: JsonObject): Condition {
  if (name === undefined || name === null || name === '') fail('organization_search_missing_filter_name')
  if (typeof name !== 'string') fail('organization_search_filter_name_must_be_string')
  const filter = filters.get(name)
  if (!filter) {
    fail(
      'organization_search_filter_name_not_recognized',
      `"${name.slice(0, 64)}" is not a filter of organization search.`,
    )
  }
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) fail(filter.missing)
  return filter.read(value, environment)
}

/** Longer texts than any stored one are refused, because the engines do not compare texts of any length. */
function text(value: unknown, wrongType: ErrorType = 'organization_search_expected_string'): string {
  if (typeof value !== 'string') fail(wrongType)
  if (value.length > longestText) fail('bad_request', `filter_value: a text has at most ${longestText} characters.`)
  return value
}

function texts(value: unknown): string[] {
  if (!Array.isArray(value)) fail('organization_search_expected_array_of_strings')
  if (value.length > mostValues) fail('bad_request', `filter_value: a filter takes at most ${mostValues} values.`)
  return [...new Set(value.map((item) => text(item, 'organization_search_expected_array_of_strings')))]
}

function fuzzy(value: unknown, tooShort: ErrorType): string {
  const part = text(value)
  if ([...part].length < shortestFuzzy) fail(tooShort)
  if (part.length > longestFuzzy)
    fail('bad_request', `filter_value: a fuzzy text has at most ${longestFuzzy} characters.`)
  return part.toLowerCase()
}

function lowerCased(values: string[]): string[] {
  return [...new Set(values.map((value) => value.trim().toLowerCase()))]
}
