/** Points in time: milliseconds inside, RFC 3339 with whole seconds on the wire. */

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** The second that was printed last: most of what is printed is now. */
let printed = { second: Number.NaN, text: '' }

/** Prints milliseconds since the epoch as RFC 3339 in UTC with whole seconds, for example `2025-04-22T07:00:00Z`. */
export function rfc3339(milliseconds: number): string {
  const second = Math.floor(milliseconds / SECOND)
  if (second !== printed.second) {
    printed = { second, text: `${new Date(milliseconds).toISOString().slice(0, 19)}Z` }
  }
  return printed.text
}

/** Drops the milliseconds, as the wire does. */
export function wholeSecond(milliseconds: number): number {
  return Math.floor(milliseconds / SECOND) * SECOND
}

const timestamp = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/

/** Reads an RFC 3339 timestamp with any offset; undefined when it is not one. */
export function parseRfc3339(text: string): number | undefined {
  const upper = text.toUpperCase()
  const date = timestamp.exec(upper)?.[1]
  const milliseconds = Date.parse(upper)
  if (date === undefined || Number.isNaN(milliseconds)) return undefined
  // `Date` takes 30 February for 2 March.
  const exists = new Date(`${date}T00:00:00Z`).toISOString().startsWith(date)
  return exists ? milliseconds : undefined
}
