/** A listening server and the official Node client pointed at it. */
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { B2BClient, Client, StytchError } from 'stytch'
import { createServer } from '../../src/http/server.ts'
import type { Credentials, World } from './world.ts'

/** Lets the world listen on a free loopback port. */
export async function listening(world: World): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer(world.app)
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      // The client keeps its connections alive; nothing is in flight on them any more.
      server.server.closeAllConnections()
      await server.close()
    },
  }
}

/** The official client with a project's credentials. */
export function clientOf({ id, secret }: Credentials, url: string): Client {
  return quietly(() => new Client({ project_id: id, secret, env: url }))
}

/** The official client for B2B projects. */
export function b2bClientOf({ id, secret }: Credentials, url: string): B2BClient {
  return quietly(() => new B2BClient({ project_id: id, secret, env: url }))
}

/** A client warns that the address is not one of its own; that is expected. */
function quietly<T>(make: () => T): T {
  const { warn } = console
  console.warn = () => {}
  try {
    return make()
  } finally {
    console.warn = warn
  }
}

/** Expects the client to throw its own error with that status and type. */
export async function expectRefusal(refused: Promise<unknown>, status: number, error_type: string): Promise<void> {
  const error = await refused.then(
    () => assert.fail(`expected ${error_type}, but the call succeeded`),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof StytchError, String(error))
  assert.deepEqual([error.status_code, error.error_type], [status, error_type])
}

/** Calls the management API over the network and expects success. */
export async function manage(world: World, url: string, method: string, path: string, body?: unknown) {
  const { id, secret } = world.workspace
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  assert.equal(response.status, 200, text)
  return JSON.parse(text)
}
