/** What operators and machines ask without credentials: is it alive, is it ready, what does it serve. */
import { BlockList, isIPv6 } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Operation } from '../api/operation.ts'
import type { App } from '../domain/app.ts'
import { waitingMessages } from '../domain/messages/dispatch.ts'
import { fail } from '../errors.ts'
import type { Admission } from './admission.ts'
import { loadMetrics, type Metrics, messageMetrics } from './metrics.ts'
import { openapi } from './openapi.ts'

/**
 * `/healthz`: the process answers. `/readyz`: the store answers too, and the server is not about to stop. `/openapi.json`:
 * what is served. `/metrics`: what the process has done, for callers on this machine unless the operator opens it.
 * Returns their routes.
 */
export function mountProbes(
  server: FastifyInstance,
  app: App,
  served: Operation[],
  { metrics, admission }: { metrics: Metrics; admission: Admission },
) {
  let document: string | undefined
  let closing = false
  server.addHook('preClose', async () => {
    closing = true
  })
  // Load balancers like to ask with HEAD.
  const withHead = { exposeHeadRoute: true }
  const json = (reply: FastifyReply, body: string) =>
    reply.header('content-type', 'application/json; charset=utf-8').send(body)
  server.get('/healthz', withHead, (_request, reply) => json(reply, '{"status":"ok"}'))
  server.get('/readyz', withHead, async (_request, reply) => {
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
  server.get('/metrics', async (request, reply) => {
    if (app.settings.metrics === 'loopback' && !isLocal(request)) fail('route_not_found')
    // What the process itself knows is told even when the database is away.
    const waiting = await waitingMessages(app).catch(() => [])
    const lanes = { ...app.passwords.lanes, searches: app.searches }
    const text = metrics.text() + loadMetrics(admission.load, lanes) + messageMetrics(app.deliveries, waiting)
    return reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(text)
  })
  return ['/healthz', '/readyz', '/openapi.json', '/metrics'].map((path) => ({ method: 'GET', path }))
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** Whether the caller is on this machine; a proxy on this machine that forwards somebody is not. */
function isLocal({ socket: { remoteAddress = '' }, headers }: FastifyRequest): boolean {
  if (headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined) return false
  return loopback.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4')
}
