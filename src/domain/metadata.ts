/** Metadata of users, members and organizations (reference: consumer.md §2.2). */
import { fail } from '../errors.ts'
import { type JsonObject, jsonBytes } from '../values/json.ts'

/**
 * Merges a change into metadata, top level only: a key replaces the whole old value, `null` deletes it. Refuses a result
 * of more than 20 keys or 4096 bytes.
 */
export function mergeMetadata(current: JsonObject, change: JsonObject | undefined): JsonObject {
  if (change === undefined) return current
  const merged = Object.fromEntries(Object.entries({ ...current, ...change }).filter(([, value]) => value !== null))
  if (Object.keys(merged).length > 20) fail('metadata_too_many_keys')
  if (jsonBytes(merged) > 4096) fail('metadata_too_large')
  return merged
}
