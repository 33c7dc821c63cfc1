/** Pages for browsers: how they are called, and the headers that keep them to themselves. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Page, PageAnswer } from '../api/page.ts'
import type { App } from '../domain/app.ts'
import { Overload } from '../errors.ts'
import { type Document, policyOf, render } from '../pages/document.ts'
import { problemDocument } from '../pages/problem.ts'
import type { Admission, Guest } from './admission.ts'
import { fit } from './body.ts'
import { type Credentials, confirmWorkspace, readCredentials } from './caller.ts'
import { fromFramework, toProblem } from './problem.ts'
import { duringRequest, requestId } from './request_id.ts'

/** What is on these pages concerns one person: it is not kept, not framed, and no other site learns where they were. */
const alwaysSent = {
  'cache-control': 'no-store',
  'content-type': 'text/html; charset=utf-8',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** Mounts the pages. A HEAD, which mail scanners like to send, runs nothing of a page. */
export function mountPages(server: FastifyInstance, app: App, pages: Page[], admission: Admission): void {
  for (const page of pages) {
    server.route({
      method: page.method,
      url: page.path,
      handler: async (request, reply) => {
        let guest: Guest | undefined
        try {
          const credentials = page.caller === 'workspace' ? readCredentials(request.headers.authorization) : undefined
          guest = admission.enter(credentials)
          return send(request, reply, await answer(duringRequest(app, request), page, request, credentials, admission))
        } catch (error) {
          if (error instanceof Overload) {
            // The place is free while the refusal waits.
            if (guest) admission.leave(guest)
            guest = undefined
            await admission.beforeRefusal()
          }
          return sendProblem(app, page, error, request, reply)
        } finally {
          if (guest) admission.leave(guest)
        }
      },
      errorHandler: (error, request, reply) => sendProblem(app, page, fromFramework(error), request, reply),
    })
    if (page.method === 'GET' && page.caller === 'public') {
      server.head(page.path, (request, reply) => withHeaders(request, reply).send())
    }
  }
}

async function answer(
  app: App,
  page: Page,
  { query }: FastifyRequest,
  credentials: Credentials | undefined,
  admission: Admission,
): Promise<PageAnswer> {
  if (credentials) {
    await confirmWorkspace(app, credentials)
    admission.know(credentials)
  }
  return page.run(app, { query: fit(page.query, query) })
}

function send(request: FastifyRequest, reply: FastifyReply, result: PageAnswer): FastifyReply {
  if ('redirect' in result) {
    return withHeaders(request, reply).code(302).headers({ location: result.redirect }).send()
  }
  return sendDocument(request, reply, result.status ?? 200, result.document)
}

/** The refusal as a page; one of the caller makes the browser ask for credentials. */
function sendProblem(app: App, page: Page, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(app, error, requestId(request), page.path)
  reply.headers(problem.headers)
  if (problem.status === 401) reply.header('www-authenticate', 'Basic realm="Selvage", charset="UTF-8"')
  const sentence = String(problem.body.error_message)
  const shown = { status: problem.status, sentence, request_id: requestId(request) }
  return sendDocument(request, reply, problem.status, problemDocument(shown))
}

function sendDocument(request: FastifyRequest, reply: FastifyReply, status: number, document: Document): FastifyReply {
  return withHeaders(request, reply)
    .code(status)
    .header('content-security-policy', policyOf(document))
    .send(render(document))
}

function withHeaders(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.headers({ ...alwaysSent, 'x-request-id': requestId(request) })
}
