/** Stopping a listener without losing a request. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Server, type Socket } from 'node:net'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { SECOND } from '../values/time.ts'

/** For how long connections that are open may ask once more: whoever has just sent a request is not cut off. */
const lastRequest = 1

/** A connection with the answer under way on it, which the types of Node.js do not tell. */
type Speaking = Socket & { _httpMessage?: ServerResponse | null }

export type Draining = {
  /** How many seconds the listener goes on as before, but for `/readyz`. */
  leaving: number
  /** After how many further seconds what is left is cut. */
  patience: number
}

/**
 * Returns what closes the listener. From the call on, readiness is denied and every answer ends its connection. Then no
 * connection is accepted any more, and those that ask nothing during the next second are closed.
 */
export function drainable(server: FastifyInstance): (draining: Draining) => Promise<void> {
  const sockets = new Set<Socket>()
  const speaking = new Set<Speaking>()
  let closing: Draining | undefined
  const keep = (kept: Set<Socket>) => (socket: Socket) => {
    kept.add(socket)
    socket.once('close', () => kept.delete(socket))
  }
  server.server.on('connection', keep(sockets))
  // With TLS it is another socket that the answers go to.
  server.server.on('connection', keep(speaking)).on('secureConnection', keep(speaking))
  // The framework would close idle connections at once, and with them those whose next request is on its way.
  server.addHook('preClose', async () => {
    if (!closing) return
    const { leaving, patience } = closing
    await pause(leaving * SECOND)
    // After a whole turn, so that what the system has accepted meanwhile is ours before the listener is gone.
    await turn()
    const closed = once(server.server, 'close')
    Server.prototype.close.call(server.server)
    const cutIdle = setTimeout(() => {
      server.server.closeIdleConnections()
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    }, Math.min(lastRequest, patience) * SECOND)
    const cutAll = setTimeout(() => {
      for (const socket of sockets) socket.destroy()
    }, patience * SECOND)
    await closed
    clearTimeout(cutIdle)
    clearTimeout(cutAll)
  })
  return async (draining) => {
    closing = draining
    // Otherwise clients would keep the connection, and with it the server. Of later requests the framework sees to it.
    for (const { _httpMessage: answer } of speaking) {
      if (answer && !answer.headersSent) answer.setHeader('connection', 'close')
    }
    await server.close()
  }
}
