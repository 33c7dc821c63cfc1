/** The listener: Fastify for routing and bytes; what a request means is decided here and in the operations. */
import { randomUUID } from 'node:crypto'
import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  fastify,
} from 'fastify'
import { operations } from '../api/index.ts'
import type { Operation } from '../api/operation.ts'
import type { App } from '../domain/app.ts'
import { fail, Refusal } from '../errors.ts'
import { canonicalUrl } from './aliases.ts'
import { fit, readJson } from './body.ts'
import { type Credentials, confirmProject, confirmWorkspace, readCredentials } from './caller.ts'
import { openapi } from './openapi.ts'
import { type Problem, toProblem } from './problem.ts'

export type ServerOptions = {
  tls?: { cert: string; key: string } | undefined
  /** Operations of our own that only some servers have, for example the development clock. */
  extra?: Operation[]
}

const bodyLimit = 1024 * 1024

/** Builds the server; it listens when told to, and answers `inject` without a socket. */
export function createServer(app: App, { tls, extra = [] }: ServerOptions = {}): FastifyInstance {
  const served = [...operations, ...extra]
  const options: FastifyServerOptions = {
    bodyLimit,
    logger: false,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    requestTimeout: 60_000,
    routerOptions: { maxParamLength: 1024 },
    rewriteUrl: ({ url, method, headers }) => canonicalUrl(url ?? '/', method ?? 'GET', headers.authorization),
    frameworkErrors: (error, request, reply) => send(reply, problemOf(app, error, request)),
    clientErrorHandler: (error, socket) => {
      if (!socket.writable) return
      const { status, body } = socketProblem(app, error)
      const text = JSON.stringify(body)
      socket.end(
        `HTTP/1.1 ${status} ${status === 431 ? 'Request Header Fields Too Large' : 'Bad Request'}\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
      )
    },
  }
  // The type of an https server differs in its socket only, which nothing here looks at.
  const server = fastify(tls ? ({ ...options, https: tls } as FastifyServerOptions) : options)

  // The content type decides nothing: every body is bytes until the operation reads it.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  server.setErrorHandler((error, request, reply) => send(reply, problemOf(app, error, request)))
  server.setNotFoundHandler((request, reply) => {
    const allowed = methodsOf(served, request.url)
    if (allowed.length > 0) reply.header('allow', allowed.join(', '))
    const error = new Refusal(allowed.length > 0 ? 'method_not_allowed' : 'route_not_found')
    return send(reply, problemOf(app, error, request))
  })
  server.addHook('onResponse', async (request, reply) => logResponse(app, request, reply))

  for (const operation of served) mount(server, app, operation)
  mountProbes(server, app, served)
  return server
}

function mount(server: FastifyInstance, app: App, operation: Operation): void {
  server.route({
    method: operation.method as 'GET',
    url: operation.path.replace(/\{(\w+)\}/g, ':$1'),
    handler: async (request, reply) => {
      const request_id = requestId(request)
      const scoped: App = { ...app, request_id }
      const result = await answer(scoped, operation, request)
      reply
        .code(operation.status)
        .headers(operation.headers)
        .header('x-request-id', request_id)
        .header('content-type', 'application/json; charset=utf-8')
        .send(JSON.stringify({ status_code: operation.status, request_id, ...result }))
      return reply
    },
  })
}

/**
 * Confirms the caller and runs the operation. A refusal of the caller goes before any complaint about the request, and a
 * look-up that the operation declares runs at the same time as the confirmation.
 */
async function answer(app: App, operation: Operation, request: FastifyRequest): Promise<Record<string, unknown>> {
  const { caller, look_up } = operation
  const credentials = caller === 'public' ? undefined : readCredentials(request.headers.authorization)
  const input = attempt(() => ({
    params: request.params,
    query: fit(operation.query, request.query),
    body: operation.has_body ? fit(operation.body, readJson(request.body as Buffer | undefined)) : {},
  }))
  const confirmed = confirm(app, operation, credentials)
  const looking =
    look_up && credentials && 'value' in input
      ? look_up(app, { project_id: credentials.id, body: input.value.body })
      : undefined
  // The caller's refusal comes first; until then a failed look-up must not count as unhandled.
  looking?.catch(() => {})
  const environment = await confirmed
  if ('error' in input) throw input.error
  return operation.run(app, { ...input.value, environment }, await looking)
}

function confirm(app: App, { caller, vertical }: Operation, credentials: Credentials | undefined) {
  if (caller === 'project' && credentials) return confirmProject(app, credentials, vertical)
  if (caller === 'workspace' && credentials) return confirmWorkspace(app, credentials)
  return undefined
}

function attempt<T>(read: () => T): { value: T } | { error: unknown } {
  try {
    return { value: read() }
  } catch (error) {
    return { error }
  }
}

/** `/healthz`: the process answers. `/readyz`: the store answers too. `/openapi.json`: what is served. */
function mountProbes(server: FastifyInstance, app: App, served: Operation[]): void {
  let document: string | undefined
  let closing = false
  server.addHook('preClose', async () => {
    closing = true
  })
  const json = (reply: FastifyReply, body: string) =>
    reply.header('content-type', 'application/json; charset=utf-8').send(body)
  server.get('/healthz', (_request, reply) => json(reply, '{"status":"ok"}'))
  server.get('/readyz', async (_request, reply) => {
    if (closing) fail('server_unavailable', 'The server is shutting down.')
    try {
      await app.store.check()
    } catch (error) {
      app.log.warn({ err: error }, 'The database does not answer.')
      fail('server_unavailable', 'The database does not answer.')
    }
    return json(reply, '{"status":"ok"}')
  })
  server.get('/openapi.json', (_request, reply) => {
    document ??= JSON.stringify(openapi(served))
    return json(reply, document)
  })
}

/** `request-id-<test|live>-<uuid>`, made once a request; the environment is taken from whatever names one. */
function requestId(request: FastifyRequest & { request_id?: string }): string {
  request.request_id ??= `request-id-${environmentWord(request)}-${randomUUID()}`
  return request.request_id
}

function environmentWord({ url, headers }: FastifyRequest): 'test' | 'live' {
  if (/\/(project|public-token)-test-/.test(url) || /[?&]public_token=public-token-test-/.test(url)) return 'test'
  const [, encoded] = /^basic +(\S+)/i.exec(headers.authorization ?? '') ?? []
  return encoded && Buffer.from(encoded, 'base64').toString('latin1').startsWith('project-test-') ? 'test' : 'live'
}

function problemOf(app: App, error: unknown, request: FastifyRequest): Problem {
  const path = request.url.split('?')[0] ?? '/'
  return toProblem(error, { request_id: requestId(request), path, docs: app.settings.error_docs_base, log: app.log })
}

function socketProblem(app: App, error: Error & { code?: string }): Problem {
  const type = error.code === 'HPE_HEADER_OVERFLOW' ? 'request_headers_too_large' : 'bad_request'
  const timeout = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const refusal = timeout
    ? new Refusal('request_timeout')
    : new Refusal(type, type === 'bad_request' ? 'The request is not valid HTTP.' : undefined)
  return toProblem(refusal, {
    request_id: `request-id-live-${randomUUID()}`,
    path: '/',
    docs: app.settings.error_docs_base,
    log: app.log,
  })
}

function send(reply: FastifyReply, { status, body }: Problem): FastifyReply {
  reply.raw.statusMessage = ''
  return reply
    .code(status)
    .header('x-request-id', String(body.request_id))
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(body))
}

/** The methods that a path answers to, for telling an unknown path from a wrong method. */
function methodsOf(served: Operation[], url: string): string[] {
  const path = url.split('?')[0] ?? '/'
  return served.filter((operation) => pattern(operation.path).test(path)).map(({ method }) => method)
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`)
}

/** One line a request: faults as errors, refusals as information, success for those who look closely. No query, no ids. */
function logResponse(app: App, request: FastifyRequest, reply: FastifyReply): void {
  const { statusCode: status } = reply
  const fields = {
    request_id: requestId(request),
    method: request.method,
    route: request.routeOptions.url ?? 'unknown',
    status,
    milliseconds: Math.round(reply.elapsedTime * 10) / 10,
  }
  if (status >= 500) app.log.error(fields, 'answered')
  else if (status >= 400) app.log.info(fields, 'refused')
  else app.log.debug(fields, 'answered')
}
