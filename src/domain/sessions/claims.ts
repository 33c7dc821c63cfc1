/** Custom claims of sessions (reference: consumer.md §1.5). */
import { fail } from '../../errors.ts'
import { isJsonObject, type Json, type JsonObject, jsonBytes } from '../../values/json.ts'

const most = 4096
const reserved = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'])

/**
 * Merges claims into those of a session: a value replaces, `null` deletes, objects merge recursively, arrays are replaced
 * whole. Reserved claims are ignored. Refuses claims of the platform's own prefix and a result of more than 4096 bytes.
 */
export function mergeClaims(current: JsonObject, change: JsonObject | undefined): JsonObject {
  if (change === undefined) return current
  if (Object.keys(change).some((name) => name.startsWith('https://stytch.com/'))) fail('stytch_claims_in_custom_claims')
  const merged = merge(current, Object.fromEntries(Object.entries(change).filter(([name]) => !reserved.has(name))))
  if (jsonBytes(merged) > most) fail('custom_claims_too_large')
  return merged
}

function merge(current: JsonObject, change: JsonObject): JsonObject {
  const merged = { ...current }
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete merged[name]
    else merged[name] = isJsonObject(value) ? mergeInto(merged[name], value) : value
  }
  return merged
}

function mergeInto(current: Json | undefined, change: JsonObject): JsonObject {
  return merge(isJsonObject(current) ? current : {}, change)
}
