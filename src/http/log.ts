/** Structured logs: one JSON object a line on standard output, with what must never be in them cut out. */
import { pino } from 'pino'
import type { Config } from '../config.ts'
import type { Log } from '../domain/app.ts'

/** Names of fields that hold credentials or tokens, at any of the first three levels. */
const secretFields = [
  'authorization',
  'secret',
  'token',
  'session_token',
  'session_jwt',
  'access_token',
  'password',
  'code',
  'cookie',
]

/** The logger of the server. */
export function createLog(level: Config['log_level'], destination?: { write(line: string): void }): Log {
  const options = {
    level,
    base: null,
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[cut]' },
    serializers: { err: describeError },
  }
  return destination ? pino(options, destination) : pino(options)
}

/**
 * What an operator needs of an error. Its other fields stay out: a database driver, for one, puts the values of the row
 * that it complains about there.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name, message, stack, cause, code } = error as Error & { code?: unknown }
  return {
    type: name,
    message,
    ...(code === undefined ? {} : { error_code: code }),
    stack,
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  }
}
