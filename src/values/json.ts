/** JSON values and what we ask of them. */

export type Json = string | number | boolean | null | Json[] | JsonObject
export type JsonObject = { [key: string]: Json }

/** Whether a value is a JSON object: not null, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The bytes a value takes as compact UTF-8 JSON. */
export function jsonBytes(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value))
}

/** How large a document may be beyond its bytes: levels of nesting, and values and keys in all. */
export type DocumentLimits = { depth: number; values: number }

/**
 * Why a parsed document cannot be taken, if so: it is nested deeper or holds more than the limits allow; it has a key
 * `__proto__`, which would change the prototype of whatever object it is copied into; or a text in it has the character
 * U+0000, which PostgreSQL cannot store.
 */
export function documentProblem(value: unknown, { depth, values }: DocumentLimits): string | undefined {
  let level: unknown[] = [value]
  let seen = 0
  for (let d = 0; level.length > 0; d++) {
    const next: unknown[] = []
    for (const item of level) {
      if (typeof item === 'string' && item.includes('\0'))
        return 'A text has the character U+0000, which is not accepted.'
      if (typeof item !== 'object' || item === null) continue
      if (d >= depth) return `The JSON document nests deeper than ${depth} levels.`
      const keys = Array.isArray(item) ? [] : Object.keys(item)
      // Counted before anything is copied: a document of many values must cost little to refuse.
      seen += Array.isArray(item) ? item.length : 2 * keys.length
      if (seen > values) return `The JSON document holds more than ${values} keys and values.`
      if (Object.hasOwn(item, '__proto__')) return 'The JSON document has a key "__proto__", which is not accepted.'
      next.push(...keys, ...Object.values(item))
    }
    level = next
  }
  return undefined
}
