/** Stopping a listener without losing a request. */
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { SECOND } from '../values/time.ts'

/**
 * Returns what closes the listener: requests in flight are answered, on connections that then end; connections that have
 * asked nothing are cut at once, and what is left after `patience` seconds too.
 */
export function drainable(server: FastifyInstance): (patience: number) => Promise<void> {
  const sockets = new Set<Socket>()
  let closing = false
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.addHook('onSend', async (_request, reply) => {
    // Otherwise the client would keep the connection, and with it the server.
    if (closing) reply.header('connection', 'close')
  })
  return async (patience) => {
    closing = true
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy()
    }, patience * SECOND)
    await server.close()
    clearTimeout(cut)
  }
}
