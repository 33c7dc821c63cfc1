/** From bytes to what an operation takes: JSON read by our own rules, whatever the headers say (reference: wire.md §3). */
import type { z } from 'zod'
import { fail } from '../errors.ts'
import { documentProblem } from '../values/json.ts'
import { refusals } from '../wire/shape.ts'

const limits = { depth: 64, values: 20_000 }
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The JSON object in a body; none, and an empty one, is `{}`. Refuses with `bad_request`. */
export function readJson(bytes: Buffer | undefined): unknown {
  if (!bytes || bytes.length === 0) return {}
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(bytes))
  } catch {
    fail('bad_request', 'The request body is not valid JSON in UTF-8.')
  }
  const problem = documentProblem(value, limits)
  if (problem) fail('bad_request', problem)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fail('bad_request', 'The request body must be a JSON object.')
  }
  return value
}

/**
 * Fits a value to a schema: unknown fields are dropped, and the first field that does not fit is refused by name, with
 * `bad_request` or the type that the field declares.
 */
export function fit(schema: z.ZodObject, value: unknown): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0] as { path: PropertyKey[]; message: string }
  const [name] = path
  const field = name === undefined ? undefined : schema.shape[name as string]
  const refusal = field && refusals.get(field)
  const where = path.map(String).join('.')
  fail(refusal?.type ?? 'bad_request', refusal ? undefined : `${where || 'The request'}: ${plain(message)}.`)
}

/** zod's sentence, in the words of this API. */
function plain(message: string): string {
  return message
    .replace(/^Invalid input: expected (.+), received undefined$/, 'this field is required ($1)')
    .replace(/^Invalid input: expected (.+), received (.+)$/, 'expected $1, not $2')
    .replace(/^Invalid option: expected (.+)$/, 'expected $1')
    .replace(/\.$/, '')
}
