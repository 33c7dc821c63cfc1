/** What the languages of all searches share: the frame of a query, its bounds, and the values that filters take (reference: consumer.md §2.4, b2b.md §5.2, §5.6.3). */
import { type ErrorType, fail } from '../../errors.ts'
import type { JsonObject } from '../../values/json.ts'
import type { Environment } from '../configuration/environment.ts'

/** A query as a request gives it; only the frame has been looked at. */
export type GivenQuery = { operator?: unknown; operands?: JsonObject[] | undefined }

/** A question: all conditions hold, or one of them does; without conditions it is about everything. */
export type Query<Condition> = { operator: 'AND' | 'OR'; conditions: Condition[] }

export type Filter<Condition> = {
  /** The refusal when the filter comes without a value. */
  missing: ErrorType
  read: (value: unknown, environment: Environment) => Condition
}

/** What a search calls itself, and the types that it refuses with. */
export type Dialect = {
  name: string
  missing_filter_name: ErrorType
  filter_name_must_be_string: ErrorType
  filter_name_not_recognized: ErrorType
  expected_string: ErrorType
  expected_strings: ErrorType
  expected_boolean: ErrorType
  /** `bad_request` unless the search has a type of its own. */
  too_many_values?: ErrorType
}

const mostOperands = 100
const mostValues = 100
const longestText = 1024
const shortestFuzzy = 3
/** Looking for a text anywhere reads every row, so such texts are few and short. */
const longestFuzzy = 64
const mostFuzzy = 10

/** Reads the query of a search; none, and one without operands, asks for everything. Refuses with the types of the filters. */
export function readConditions<Condition extends object>(
  dialect: Dialect,
  filters: ReadonlyMap<string, Filter<Condition>>,
  environment: Environment,
  given: GivenQuery | undefined,
): Query<Condition> {
  const operands = given?.operands ?? []
  const operator = given?.operator ?? (operands.length === 0 ? 'AND' : undefined)
  if (operator === undefined) fail('bad_request', 'query.operator: this field is required (AND or OR).')
  if (operator !== 'AND' && operator !== 'OR') fail('user_search_invalid_operator')
  if (operands.length > mostOperands) {
    fail('bad_request', `query.operands: at most ${mostOperands} operands can be combined.`)
  }
  const conditions = operands.map((operand) => readOperand(dialect, filters, environment, operand))
  if (conditions.filter((condition) => 'contains' in condition).length > mostFuzzy) {
    fail('bad_request', `query.operands: at most ${mostFuzzy} fuzzy operands can be combined.`)
  }
  return { operator, conditions }
}

function readOperand<Condition>(
  dialect: Dialect,
  filters: ReadonlyMap<string, Filter<Condition>>,
  environment: Environment,
  { filter_name: name, filter_value: value }: JsonObject,
): Condition {
  if (name === undefined || name === null || name === '') fail(dialect.missing_filter_name)
  if (typeof name !== 'string') fail(dialect.filter_name_must_be_string)
  const filter = filters.get(name)
  if (!filter) {
    fail(dialect.filter_name_not_recognized, `"${name.slice(0, 64)}" is not a filter of ${dialect.name} search.`)
  }
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) fail(filter.missing)
  return filter.read(value, environment)
}

/** How a search reads the values of its filters. Texts longer than any stored one are refused: engines do not compare them. */
export function valuesIn({ expected_string, expected_strings, expected_boolean, too_many_values }: Dialect) {
  function text(value: unknown, wrongType: ErrorType = expected_string): string {
    if (typeof value !== 'string') fail(wrongType)
    if (value.length > longestText) fail('bad_request', `filter_value: a text has at most ${longestText} characters.`)
    return value
  }
  return {
    text,
    texts(value: unknown): string[] {
      if (!Array.isArray(value)) fail(expected_strings)
      if (value.length > mostValues) {
        if (too_many_values) fail(too_many_values)
        fail('bad_request', `filter_value: a filter takes at most ${mostValues} values.`)
      }
      return [...new Set(value.map((item) => text(item, expected_strings)))]
    },
    fuzzy(value: unknown, tooShort: ErrorType): string {
      const part = text(value)
      if ([...part].length < shortestFuzzy) fail(tooShort)
      if (part.length > longestFuzzy) {
        fail('bad_request', `filter_value: a fuzzy text has at most ${longestFuzzy} characters.`)
      }
      return part
    },
    yesOrNo(value: unknown): boolean {
      return typeof value === 'boolean' ? value : fail(expected_boolean)
    },
  }
}

/** Values that are compared without regard to case, each once. */
export function lowerCased(values: string[]): string[] {
  return [...new Set(values.map((value) => value.trim().toLowerCase()))]
}
