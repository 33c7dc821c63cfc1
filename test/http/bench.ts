/** A listener with a few operations of its own, which show what reaches an operation and provoke what must not leave it. */
import assert from 'node:assert/strict'
import { after } from 'node:test'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { z } from 'zod'
import { operation } from '../../src/api/operation.ts'
import type { App } from '../../src/domain/app.ts'
import { fail } from '../../src/errors.ts'
import { createServer } from '../../src/http/server.ts'
import { jsonObject, maybe } from '../../src/wire/shape.ts'
import type { Credentials, World } from '../support/world.ts'

/** What a look-up brings. */
const found = async (word: string) => ({ config_version: undefined, word })

const fields = {
  text: maybe(z.string()),
  count: maybe(z.int()),
  flag: maybe(z.boolean()),
  list: maybe(z.array(z.string())),
  kind: maybe(z.enum(['one', 'two'])),
  name: maybe(z.object({ first_name: maybe(z.string()), parts: maybe(z.array(z.object({ value: z.string() }))) })),
  anything: maybe(jsonObject),
  special: maybe(z.string(), 'invalid_email'),
}
const echo = { name: '', sdk: '', summary: 'Answers with what it was given.', reply: { given: z.unknown() } }

/** Thrown by `POST /test/fault`; a test sets it. */
export const fault: { error: unknown } = { error: undefined }

const operations = [
  operation({
    ...echo,
    route: 'POST /test/echo',
    caller: 'public',
    body: fields,
    run: async (_app, { body }) => ({ given: body }),
  }),
  operation({
    ...echo,
    route: 'DELETE /test/echo/{id}',
    caller: 'public',
    query: { page: maybe(z.string()) },
    run: async (_app, { params, query, body }) => ({ given: { params, query, body } }),
  }),
  operation({
    ...echo,
    route: 'GET /test/echo/{id}',
    caller: 'public',
    query: { page: maybe(z.string()) },
    run: async (_app, { params, query }) => ({ given: { params, query } }),
  }),
  operation({
    ...echo,
    route: 'POST /test/strict',
    caller: 'project',
    vertical: 'both',
    body: { needed: z.string() },
    run: async (_app, { body }) => ({ given: body }),
  }),
  operation({
    ...echo,
    route: 'POST /v1/b2b/test',
    caller: 'project',
    vertical: 'b2b',
    body: { needed: z.string() },
    // Not asynchronous on purpose: even this must wait until the caller is confirmed.
    look_up: (_app, { body }) => (body.needed === 'refused' ? fail('session_not_found') : found('found')),
    run: async (_app, { environment }, { word }) => ({ given: { project_id: environment.project_id, found: word } }),
  }),
  operation({
    ...echo,
    route: 'POST /v1/test',
    caller: 'project',
    vertical: 'consumer',
    run: async (_app, { environment }) => ({ given: { project_id: environment.project_id } }),
  }),
  operation({
    ...echo,
    route: 'POST /test/workspace',
    caller: 'workspace',
    body: { needed: z.string() },
    run: async () => ({ given: true }),
  }),
  operation({
    ...echo,
    route: 'POST /test/fault',
    caller: 'public',
    run: async () => {
      throw fault.error
    },
  }),
  operation({
    ...echo,
    route: 'POST /test/unwritable',
    caller: 'public',
    run: async () => ({ given: 1n }),
  }),
]

const servers = new Map<App, FastifyInstance>()
after(async () => {
  for (const server of servers.values()) await server.close()
})

/** The listener over that App, with the operations above beside the real ones. */
export function bench(app: App): FastifyInstance {
  const server = servers.get(app) ?? createServer(app, { extra: operations })
  servers.set(app, server)
  return server
}

// biome-ignore lint/suspicious/noExplicitAny: tests read what they need
export type Reply = { status: number; body: any; headers: Record<string, unknown> }

/** Sends a request as it is, and checks what every answer must have: JSON, the status and the request id twice. */
export async function send(server: FastifyInstance, options: InjectOptions): Promise<Reply> {
  const { statusCode: status, headers, body: text } = await server.inject(options)
  assert.match(String(headers['content-type']), /^application\/json/)
  const body = JSON.parse(text)
  assert.equal(body.status_code, status)
  assert.match(body.request_id, /^request-id-(test|live)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  assert.equal(headers['x-request-id'], body.request_id)
  return { status, body, headers }
}

/** Asserts a refusal. */
export function refused(reply: Reply, status: number, error_type: string, sentence?: RegExp): void {
  assert.deepEqual({ status: reply.status, error_type: reply.body.error_type }, { status, error_type })
  if (sentence) assert.match(reply.body.error_message, sentence)
}

/** The Authorization header of a caller. */
export function basic({ id, secret }: Credentials): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` }
}

/** Lines that the world has logged since `from`, parsed. */
export function linesSince(world: World, from: number): Record<string, unknown>[] {
  return world.logged.slice(from).map((line) => JSON.parse(line))
}
