/** The error envelope: every refusal and every fault, whatever produced it, as JSON (reference: wire.md §5). */
import type { App } from '../domain/app.ts'
import { Refusal } from '../errors.ts'
import { WriteConflict } from '../store/store.ts'

/** `headers` beside those of every answer. */
export type Problem = { status: number; headers: Record<string, string>; body: Record<string, unknown> }

/** The answer for anything that was thrown. What is not a refusal is logged and tells the caller nothing. */
export function toProblem(app: App, error: unknown, request_id: string, path: string): Problem {
  const { status, error_type, message, retry_after } = toRefusal(app, error, request_id)
  // Whatever is temporary tells when trying again makes sense; most of it is over within moments.
  const retry = retry_after ?? (status === 503 ? 1 : undefined)
  const area = path.startsWith('/v1/b2b/') ? '/b2b/api' : '/api'
  return {
    status,
    headers: retry === undefined ? {} : { 'retry-after': String(retry) },
    body: {
      status_code: status,
      request_id,
      error_type,
      error_message: message,
      error_url: `${app.settings.error_docs_base}${area}/errors/${status}#${error_type}`,
    },
  }
}

/** What Fastify itself throws about a request, as a refusal; anything else as it is. */
export function fromFramework(error: unknown): unknown {
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new Refusal('request_too_large')
  if (statusCode === undefined || statusCode < 400 || statusCode > 499) return error
  return new Refusal('bad_request', 'The address or the body of the request could not be read.')
}

function toRefusal({ log }: App, error: unknown, request_id: string): Refusal {
  if (error instanceof Refusal) return error
  if (isUnavailable(error)) {
    log.error({ err: error, request_id }, 'The database does not answer.')
    return new Refusal('server_unavailable')
  }
  log.error({ err: error, request_id }, 'An operation failed.')
  return new Refusal('internal_server_error')
}

/** PostgreSQL: connection lost (08), out of resources (53), shutting down (57P), given up (57014, 40001, 40P01). */
const databaseCodes = /^(08...|53...|57P..|57014|40001|40P01)$/
const socketCodes = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/
/** What the PostgreSQL client and the embedded engine say without a code of their own. */
const sentences =
  /timeout exceeded when trying to connect|Connection terminated|not queryable|database is locked|database or disk is full|disk I\/O error/

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  if (typeof code === 'string' && (databaseCodes.test(code) || socketCodes.test(code))) return true
  return error instanceof WriteConflict || sentences.test(error.message)
}
