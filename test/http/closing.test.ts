/** Closing a server: the work of clients that have left is ended, before what it needs is closed. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import { operation } from '../../src/api/operation.ts'
import { createServer } from '../../src/http/server.ts'
import { world } from '../support/world.ts'

test('work goes on when its client has left, and closing waits for it', async () => {
  const here = await world('sqlite')
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  let ended = false
  const slow = operation({
    route: 'POST /test/slow',
    name: 'test_slow',
    sdk: '',
    summary: 'Takes until it is told to end.',
    caller: 'public',
    body: {},
    reply: {},
    async run() {
      begun.resolve()
      await gate.promise
      ended = true
      return {}
    },
  })
  const server = createServer(here.app, { extra: [slow] })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const connected = once(server.server, 'connection')
  const client = connect((server.server.address() as AddressInfo).port, '127.0.0.1')
  client.write('POST /test/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}')
  const [connection] = await connected
  await begun.promise
  const gone = once(connection, 'close')
  client.destroy()
  await gone
  setTimeout(gate.resolve, 50)
  await server.close()
  assert.equal(ended, true)
})
