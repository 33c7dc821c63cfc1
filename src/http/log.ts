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
  const paths = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`])
  // `err.code` is the code of a system error, which is what an operator needs first.
  const options = { level, base: null, redact: { paths: paths.filter((path) => path !== '*.code'), censor: '[cut]' } }
  return destination ? pino(options, destination) : pino(options)
}
