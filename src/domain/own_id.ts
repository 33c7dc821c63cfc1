/** Ids carry their environment type; one of the other type is refused before anything is looked up (reference: wire.md §2). */
import { type ErrorType, fail } from '../errors.ts'
import { type EnvironmentType, looksLikeId, parseId } from '../values/id.ts'

/** Refuses an id of the other environment type; any other text passes, an external id such as `acme-live-<uuid>` too. */
export function checkOwnId({ type }: { type: EnvironmentType }, id: string): void {
  const parsed = parseId(id)
  if (parsed && parsed.type !== type && looksLikeId(id)) {
    fail(parsed.type === 'LIVE' ? 'live_id_used_in_test_environment' : 'test_id_used_in_live_environment')
  }
}

/** Refuses a text that is no id with that prefix, and an id of the other environment type. */
export function requireOwnId(
  environment: { type: EnvironmentType },
  id: string,
  prefix: string,
  malformed: ErrorType,
): void {
  checkOwnId(environment, id)
  if (parseId(id)?.prefix !== prefix) fail(malformed)
}
