/** The id of a request: in its answer, in a header, and in the logs. */
import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'

/** `request-id-<test|live>-<uuid>`, made once a request (reference: wire.md §4). */
export function requestId(request: FastifyRequest & { request_id?: string }): string {
  request.request_id ??= newRequestId(environmentWord(request))
  return request.request_id
}

/** A fresh id for what happened outside of any request that could be read. */
export function newRequestId(word: 'test' | 'live' = 'live'): string {
  return `request-id-${word}-${randomUUID()}`
}

/** The environment that the credentials name, or else the address; `live` for what names none. */
function environmentWord({ url, headers }: FastifyRequest): 'test' | 'live' {
  const [, encoded = ''] = /^basic +(\S+)/i.exec(headers.authorization ?? '') ?? []
  const caller = Buffer.from(encoded, 'base64').toString('latin1')
  const [, word] = /^project-(test|live)-/.exec(caller) ?? /[/=](?:project|public-token)-(test|live)-/.exec(url) ?? []
  return word === 'test' ? 'test' : 'live'
}
