/** The error envelope: every refusal and every fault, whatever produced it, as JSON (reference: wire.md §5). */
import type { Log } from '../domain/app.ts'
import { Refusal } from '../errors.ts'

export type Problem = { status: number; body: Record<string, unknown> }
type Context = { request_id: string; path: string; docs: string; log: Log }

/** The answer for anything that was thrown. What is not a refusal is logged and tells the caller nothing. */
export function toProblem(error: unknown, context: Context): Problem {
  return describe(toRefusal(error, context), context)
}

function toRefusal(error: unknown, { request_id, log }: Context): Refusal {
  if (error instanceof Refusal) return error
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new Refusal('request_too_large')
  if (isUnavailable(code, error)) {
    log.error({ err: error, request_id }, 'The database does not answer.')
    return new Refusal('server_unavailable')
  }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new Refusal('bad_request', 'The request is not valid HTTP for this server.')
  }
  log.error({ err: error, request_id }, 'An operation failed.')
  return new Refusal('internal_server_error')
}

function describe({ error_type, status, message }: Refusal, { request_id, path, docs }: Context): Problem {
  const area = path.startsWith('/v1/b2b/') ? '/b2b/api' : '/api'
  return {
    status,
    body: {
      status_code: status,
      request_id,
      error_type,
      error_message: message,
      error_url: `${docs}${area}/errors/${status}#${error_type}`,
    },
  }
}

/** PostgreSQL classes 08 (connection) and 57P (shutdown), sockets that break, a pool without a free connection, a busy file. */
function isUnavailable(code: string | undefined, error: unknown): boolean {
  if (code && /^(08|57P|53)|^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND)$/.test(code)) return true
  const text = error instanceof Error ? error.message : ''
  return /timeout exceeded when trying to connect|Connection terminated|database is locked/.test(text)
}
