/** The id of a request: in its answer, in a header, in the logs, and in the App value that serves it. */
import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { App } from '../domain/app.ts'
import type { Credentials } from './caller.ts'

/** `request-id-<test|live>-<uuid>`, made once a request (reference: wire.md §4), by its credentials if they are known already. */
export function requestId(
  request: FastifyRequest & { request_id?: string },
  credentials?: Pick<Credentials, 'project_type'>,
): string {
  request.request_id ??= newRequestId(wordOf(credentials) ?? environmentWord(request))
  return request.request_id
}

function wordOf(credentials: Pick<Credentials, 'project_type'> | undefined): 'test' | 'live' | undefined {
  const type = credentials?.project_type
  return type && (type === 'LIVE' ? 'live' : 'test')
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
  const [, word] = projectWord.exec(callerOf(headers)) ?? /[/=](?:project|public-token)-(test|live)-/.exec(url) ?? []
  return word === 'test' ? 'test' : 'live'
}

const projectWord = /^project-(test|live)-/

/** Who the request says that it comes from, whether or not the rest of the header is as it should be. */
function callerOf({ authorization = '' }: FastifyRequest['headers']): string {
  const [, encoded = ''] = /^basic +(\S+)/i.exec(authorization) ?? []
  // The word stands in the first characters.
  return Buffer.from(encoded.slice(0, 32), 'base64').toString('latin1')
}
