/** What operators and machines ask without credentials: is it alive, is it ready, what does it serve. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Operation } from '../api/operation.ts'
import type { App } from '../domain/app.ts'
import { fail } from '../errors.ts'
import { openapi } from './openapi.ts'

/**
 * `/healthz`: the process answers. `/readyz`: the store answers too, and the server is not about to stop. `/openapi.json`:
 * what is served. Returns their routes.
 */
export function mountProbes(server: FastifyInstance, app: App, served: Operation[]) {
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
  return ['/healthz', '/readyz', '/openapi.json'].map((path) => ({ method: 'GET', path }))
}
