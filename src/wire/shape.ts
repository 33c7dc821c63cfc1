/** What the shapes on the wire are made of: named components, optional fields, times, envelopes. */
import { z } from 'zod'
import type { ErrorType } from '../errors.ts'
import type { JsonObject } from '../values/json.ts'

/** The components of `/openapi.json`, by their published names. */
export const components = new Map<string, z.ZodType>()

/** Names an object of the API as the published contract does. */
export function component<T extends z.ZodType>(id: string, schema: T): T {
  components.set(id, schema)
  return schema
}

/** Refusals that a field gives for a value of the wrong type, where it is not `bad_request`. */
export const refusals = z.registry<{ type: ErrorType }>()

/** An optional field of a request: `null` counts as absent (reference: wire.md §3). */
export function maybe<T extends z.ZodType>(schema: T, wrongType?: ErrorType) {
  const field = schema.nullish().transform((value) => value ?? undefined)
  if (wrongType) refusals.add(field, { type: wrongType })
  return field
}

/** Any JSON object; what may be in it is the domain's business. */
export const jsonObject = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject, JsonObject>

/** A whole number of any size; what range it may have is the domain's business. */
export const wholeNumber = z.number().multipleOf(1, 'expected a whole number')

/** A time in a reply: RFC 3339, UTC, whole seconds. */
export const timestamp = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)

/** What every success carries beside its own fields (reference: wire.md §4). */
export const envelope = {
  status_code: z.int().describe('The HTTP status of this answer.'),
  request_id: z.string().describe('Identifies this call in the logs of the server.'),
}
