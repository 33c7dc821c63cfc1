/** What searches for organizations and members take, and what they say about their results. */
import { z } from 'zod'
import { component, jsonObject, maybe } from './shape.ts'

/** Published as what it may be, but read by the domain, whose refusals are more exact than those of a schema. */
const Operator = component(
  'api_organization_v1_SearchQueryOperator',
  z.unknown().meta({ type: 'string', enum: ['OR', 'AND'], description: 'Whether any or all operands must match.' }),
)

export const SearchQuery = component(
  'api_organization_v1_SearchQuery',
  z.object({
    operator: Operator.optional(),
    operands: maybe(z.array(jsonObject)).describe('Objects of a `filter_name` and a `filter_value`.'),
  }),
)

export const ResultsMetadata = component(
  'api_organization_v1_ResultsMetadata',
  z.strictObject({
    total: z.int().describe('How many results there are on all pages together.'),
    next_cursor: z.string().nullable().describe('Send it as `cursor` for the next page; null on the last one.'),
  }),
)
