/** The listener: Fastify for routing and bytes; what a request means is decided beside it and in the operations. */
import { setTimeout as pause } from 'node:timers/promises'
import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  fastify,
} from 'fastify'
import { operations, pages } from '../api/index.ts'
import type { Operation } from '../api/operation.ts'
import type { App } from '../domain/app.ts'
import { Overload, Refusal } from '../errors.ts'
import { writeReply } from '../wire/written.ts'
import { type Admission, createAdmission, type Guest } from './admission.ts'
import { canonicalUrl } from './aliases.ts'
import { answer } from './answer.ts'
import { readCredentials } from './caller.ts'
import { answerMalformed } from './malformed.ts'
import { createMetrics } from './metrics.ts'
import { mountPages } from './pages.ts'
import { mountProbes } from './probes.ts'
import { fromFramework, type Problem, toProblem } from './problem.ts'
import { duringRequest, requestId } from './request_id.ts'
import { sender } from './sending.ts'

export type ServerOptions = {
  tls?: { cert: string; key: string } | undefined
  /** Operations of our own that only some servers have, for example the development clock. */
  extra?: Operation[]
}

const bodyLimit = 1024 * 1024
const json = 'application/json; charset=utf-8'
const bytes = 'application/octet-stream'
/** Milliseconds that a closing server waits for work whose client has left, and between two looks whether it is done. */
const lastWork = { longest: 3000, look: 10 }
const sendReply = sender()
/** Answers hold tokens: nobody keeps them on the way, and no browser guesses what they are. */
const alwaysSent = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

function noCompiler(): never {
  throw new Error('Routes have no schemas of the framework.')
}

/** Builds the server; it listens when told to, and answers `inject` without a socket. */
export function createServer(app: App, { tls, extra = [] }: ServerOptions = {}): FastifyInstance {
  const served = [...operations, ...extra]
  // Node would refuse a missing Host header without a body; nothing here depends on that header.
  const socket = { requireHostHeader: false }
  const options: FastifyServerOptions = {
    bodyLimit,
    logger: false,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    requestTimeout: 60_000,
    // Longer than any request line that Node lets through: what a parameter may be is for its operation to say.
    routerOptions: { maxParamLength: 64 * 1024 },
    // Operations read and write with schemas of their own: the compilers of the framework, a hundred modules, are not even loaded.
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    rewriteUrl: ({ url, method, headers }) => canonicalUrl(url ?? '/', method ?? 'GET', headers.authorization),
    frameworkErrors: (error, request, reply) => {
      // Such a request never reaches the hooks below.
      reply.raw.once('finish', () => logResponse(app, request, reply))
      return send(reply, problemOf(app, fromFramework(error), request))
    },
    clientErrorHandler: (error, socket) => answerMalformed(app, error, socket),
  }
  // The type of an https server differs in its socket only, which nothing here looks at.
  const server = fastify({
    ...options,
    ...(tls ? { https: { ...tls, ...socket } } : { http: socket }),
  } as typeof options)

  // The content type decides nothing: every body is bytes until the operation reads it. Fastify, which refuses what is
  // not in the grammar of that header, sees one value only.
  server.addHook('onRequest', (request, _reply, done) => {
    request.raw.headers['content-type'] = bytes
    done()
  })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser(bytes, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  server.setErrorHandler((error, request, reply) => send(reply, problemOf(app, fromFramework(error), request)))
  const metrics = createMetrics()
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown'
    metrics.observe(request.method, route, reply.statusCode, reply.elapsedTime / 1000)
    logResponse(app, request, reply)
    done()
  })
  // A client that expects anything but 100-continue gets its answer all the same, not an empty 417.
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response))

  const admission = createAdmission(app, app.settings.requests_at_once)
  // A client that has left takes its connection along, but not the work that it has asked for: what that needs is closed after it.
  server.addHook('onClose', async () => {
    for (let left = lastWork.longest; admission.load.in_flight > 0 && left > 0; left -= lastWork.look) {
      await pause(lastWork.look)
    }
  })
  for (const operation of served) mount(server, app, operation, admission)
  mountPages(server, app, pages, admission)
  const probes = mountProbes(server, app, served, { metrics, admission })
  answerUnknown(server, app, [...served, ...pages, ...probes])
  return server
}

function mount(server: FastifyInstance, app: App, operation: Operation, admission: Admission): void {
  const headers = flat({ ...alwaysSent, 'content-type': json, ...operation.headers })
  server.route({
    method: operation.method as 'GET',
    url: operation.path.replace(/\{(\w+)\}/g, ':$1'),
    async handler(request, reply) {
      // Written past the framework, which would look for hooks and serializers that there are none of.
      reply.hijack()
      let guest: Guest | undefined
      try {
        const credentials = operation.caller === 'public' ? undefined : readCredentials(request.headers.authorization)
        const request_id = requestId(request, credentials)
        guest = admission.enter(credentials)
        const result = await answer(duringRequest(app, request), operation, request, credentials, admission)
        const text = writeReply({ status_code: operation.status, request_id, ...result })
        sendReply(reply.raw, { status: operation.status, headers: ['x-request-id', request_id, ...headers], text })
      } catch (error) {
        if (error instanceof Overload) {
          turnedAway.add(request)
          // The place is free while the refusal waits.
          if (guest) admission.leave(guest)
          guest = undefined
          await admission.beforeRefusal()
        }
        const { status, headers, body } = problemOf(app, error, request)
        const all = flat({ 'x-request-id': requestId(request), ...alwaysSent, 'content-type': json, ...headers })
        sendReply(reply.raw, { status, headers: all, text: JSON.stringify(body) })
      } finally {
        if (guest) admission.leave(guest)
      }
    },
  })
}

function flat(headers: Record<string, string>): string[] {
  return Object.entries(headers).flat()
}

/** An unknown path is 404; a known one that does not answer to the method 405, with the methods it answers to. */
function answerUnknown(server: FastifyInstance, app: App, known: { method: string; path: string }[]): void {
  const routes = known.map(({ method, path }) => ({ method, pattern: pattern(path) }))
  server.setNotFoundHandler((request, reply) => {
    const path = pathOf(request)
    const methods = new Set(routes.filter((route) => route.pattern.test(path)).map(({ method }) => method))
    if (methods.size > 0) reply.header('allow', [...methods].sort().join(', '))
    return send(
      reply,
      problemOf(app, new Refusal(methods.size > 0 ? 'method_not_allowed' : 'route_not_found'), request),
    )
  })
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]*')}$`)
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?')[0] ?? '/'
}

function problemOf(app: App, error: unknown, request: FastifyRequest): Problem {
  return toProblem(app, error, requestId(request), pathOf(request))
}

function send(reply: FastifyReply, { status, headers, body }: Problem): FastifyReply {
  return reply
    .code(status)
    .headers({ ...alwaysSent, ...headers, 'x-request-id': String(body.request_id), 'content-type': json })
    .send(JSON.stringify(body))
}

/** Requests that were refused for overload: admission has a line for all of them together. */
const turnedAway = new WeakSet<FastifyRequest>()

/** One line a response: faults as errors, refusals as information, success for those who look closely. No query, no ids. */
function logResponse(app: App, request: FastifyRequest, reply: FastifyReply): void {
  const { statusCode: status } = reply
  const fields = {
    request_id: requestId(request),
    method: request.method,
    route: request.routeOptions.url ?? 'unknown',
    status,
    milliseconds: Math.round(reply.elapsedTime * 10) / 10,
  }
  if (turnedAway.has(request)) app.log.debug(fields, 'turned away')
  else if (status >= 500) app.log.error(fields, 'answered')
  else if (status >= 400) app.log.info(fields, 'refused')
  else app.log.debug(fields, 'answered')
}
