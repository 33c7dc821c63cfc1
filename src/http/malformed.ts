/** The answer to bytes that are no request: also JSON, also with a request id, written to the socket by hand. */
import type { Socket } from 'node:net'
import type { App } from '../domain/app.ts'
import { Refusal } from '../errors.ts'
import { toProblem } from './problem.ts'
import { newRequestId } from './request_id.ts'

/** What goes before these answers says why they come, in the words of RFC 9110 and RFC 6585. */
const reasons: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

/** How long a client may take to read the answer before its connection is cut. */
const linger = 1000

/** Answers what Node's HTTP parser gave up on, and ends the connection. */
export function answerMalformed(app: App, error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const request_id = newRequestId()
  const { status, body } = toProblem(app, refusalOf(error), request_id, '/')
  const text = JSON.stringify(body)
  socket.end(
    `HTTP/1.1 ${status} ${reasons[status] ?? ''}\r\n` +
      `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\n` +
      `X-Request-Id: ${request_id}\r\nConnection: close\r\n\r\n${text}`,
  )
  // Cutting it at once could take the answer away from a client that is still sending; waiting for it could last forever.
  setTimeout(() => socket.destroy(), linger).unref()
  app.log.info({ request_id, method: 'unknown', route: 'unknown', status }, 'refused')
}

function refusalOf({ code }: { code?: string }): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW') return new Refusal('request_headers_too_large')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Refusal('request_timeout')
  return new Refusal('bad_request', 'The request is not valid HTTP.')
}
