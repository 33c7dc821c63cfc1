/** The language of organization search: the filters, what value each takes, and what it asks (reference: b2b.md §5.2). */
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

const dialect: Dialect = {
  name: 'organization',
  missing_filter_name: 'organization_search_missing_filter_name',
  filter_name_must_be_string: 'organization_search_filter_name_must_be_string',
  filter_name_not_recognized: 'organization_search_filter_name_not_recognized',
  expected_string: 'organization_search_expected_string',
  expected_strings: 'organization_search_expected_array_of_strings',
  expected_boolean: 'organization_search_expected_boolean',
}
const { text, texts, fuzzy, yesOrNo } = valuesIn(dialect)
type Filter = OneFilter<Condition>

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
        contains: fuzzy(value, 'organization_search_organization_slug_fuzzy_too_short').toLowerCase(),
      }),
    },
    organization_name_fuzzy: {
      missing: 'organization_search_missing_organization_name_fuzzy',
      read: (value) => ({
        on: 'name',
        contains: fuzzy(value, 'organization_search_organization_name_fuzzy_too_short').toLowerCase(),
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
        contains: fuzzy(value, 'organization_search_member_email_fuzzy_too_short').toLowerCase(),
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
        contains: fuzzy(value, 'organization_search_allowed_domain_fuzzy_too_short').toLowerCase(),
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
        is: yesOrNo(value),
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
  return readConditions(dialect, filters, environment, given)
}
