/** Calls an operation as a client would, and holds every answer strictly against its published shape. */
import assert from 'node:assert/strict'
import { z } from 'zod'
import { operations } from '../../src/api/index.ts'
import type { Operation } from '../../src/api/operation.ts'
import { envelope } from '../../src/wire/shape.ts'
import type { Credentials, World } from './world.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are checked against their schema; tests then read what they need
export type Answer = { status: number; body: any; headers: Record<string, unknown> }

const ErrorReply = z.strictObject({
  status_code: z.int(),
  request_id: z.string().regex(/^request-id-(test|live)-[0-9a-f-]{36}$/),
  error_type: z.string().regex(/^[a-z0-9_]+$/),
  error_message: z.string().min(10),
  error_url: z.url(),
})

/**
 * Sends a request by `inject`. `route` is `METHOD /path?query`; `caller` sends its credentials. Success must fit the
 * operation's reply with no surplus field, a refusal the error envelope.
 */
export async function call(
  world: World,
  caller: Credentials | undefined,
  route: string,
  body?: unknown,
): Promise<Answer> {
  const [method = '', url = ''] = route.split(' ')
  const response = await world.server.inject({
    method: method as 'GET',
    url,
    headers: {
      ...(caller ? { authorization: `Basic ${Buffer.from(`${caller.id}:${caller.secret}`).toString('base64')}` } : {}),
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })
  const answer: Answer = { status: response.statusCode, body: response.json(), headers: response.headers }
  check(method, url, answer)
  return answer
}

/** Calls and expects success. */
export async function succeed(
  world: World,
  caller: Credentials | undefined,
  route: string,
  body?: unknown,
): Promise<Answer['body']> {
  const answer = await call(world, caller, route, body)
  assert.ok(answer.status < 300, `${route} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

/** Calls and expects that refusal. */
export async function refuse(
  world: World,
  caller: Credentials | undefined,
  route: string,
  body: unknown,
  status: number,
  error_type: string,
): Promise<Answer['body']> {
  const answer = await call(world, caller, route, body)
  assert.deepEqual(
    { status: answer.status, error_type: answer.body.error_type },
    { status, error_type },
    `${route} answered ${JSON.stringify(answer.body)}`,
  )
  return answer.body
}

/** The operation that answers a path. */
export function operationAt(method: string, url: string): Operation | undefined {
  const path = url.split('?')[0] ?? ''
  const fits = operations.filter(
    (operation) =>
      operation.method === method &&
      new RegExp(`^${operation.path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
  )
  // A fixed path wins over one with a parameter in its place, as in the router.
  return fits.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0]
}

function check(method: string, url: string, { status, body, headers }: Answer): void {
  assert.match(String(headers['content-type']), /^application\/json/)
  assert.equal(body.status_code, status)
  assert.equal(headers['x-request-id'], body.request_id)
  if (status >= 400) {
    ErrorReply.parse(body)
    return
  }
  const operation = operationAt(method, url)
  assert.ok(operation, `no operation answers ${method} ${url}`)
  assert.equal(status, operation.status)
  z.strictObject({ ...envelope, ...operation.reply.shape }).parse(body)
}
