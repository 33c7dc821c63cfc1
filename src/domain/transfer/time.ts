/** Times in records: RFC 3339, to the millisecond, so that an export and its import agree. */
import { parseRfc3339 } from '../../values/time.ts'
import type { Findings } from './problem.ts'

/** The time of a field; undefined when it is not there, or none. */
export function readTime<Field extends string>(
  record: { [Name in Field]?: string | undefined },
  field: Field,
  findings: Findings,
): number | undefined {
  const given = record[field]
  if (!given) return undefined
  const time = parseRfc3339(given)
  if (time === undefined) findings.add(field, 'expected a time such as 2025-04-22T07:00:00Z')
  return time
}

/** A time as records have it. */
export function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
