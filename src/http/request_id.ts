/** The id of a request: in its answer, in a header, in the logs, and in the App value that serves it. */
import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { App } from '../domain/app.ts'

/** `request-id-<test|live>-<uuid>`, made once a request (reference: wire.md §4). */
export function requestId(request: FastifyRequest & { request_id?: string }): string {
  request.request_id ??= newRequestId(environmentWord(request))
  return request.request_id
}

/** A fresh id for what happened outside of any request that could be read. */
export function newRequestId(word: 'test' | 'live' = 'live'): string {
  return `request-id-${word}-${randomUUID()}`
}

/** The App of one request. One request, one instant: whatever it writes and answers agrees on the time. */
export function duringRequest(app: App, request: FastifyRequest): App {
  const instant = app.now()
  return { ...app, request_id: requestId(request), now: () => instant }
}

/** The environment that the credentials name, or else the address; `live` for what names none. */
function environmentWord({ url, headers }: FastifyRequest): 'test' | 'live' {
  const [, encoded = ''] = /^basic +(\S+)/i.exec(headers.authorization ?? '') ?? []
  const caller = Buffer.from(encoded, 'base64').toString('latin1')
  const [, word] = /^project-(test|live)-/.exec(caller) ?? /[/=](?:project|public-token)-(test|live)-/.exec(url) ?? []
  return word === 'test' ? 'test' : 'live'
}
