/** Where the server listens, and why it cannot. */
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type Config, ConfigError } from '../config.ts'
import { StartupError } from '../store/store.ts'

/** Lets the server listen on the configured address. Throws `StartupError` or `ConfigError` with one plain sentence. */
export async function listen(server: FastifyInstance, config: Config): Promise<void> {
  await announcingFailure(config, async () => {
    // One address: for a name with two, the framework would open a second listener that nobody drains.
    await server.listen({ host: (await lookup(config.host)).address, port: config.port })
  })
}

/** Throws like `listen` when the configured address cannot be had right now; keeps nothing open. */
export async function checkPort(config: Config): Promise<void> {
  await announcingFailure(config, () => tryToListen(config))
}

/** The base URL of the server that listens there. */
export function urlOf(
  { tls, public_url }: Config,
  at: { host: string; port: number } | { address: string; port: number },
) {
  const host = 'host' in at ? at.host : at.address
  return public_url ?? `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${at.port}`
}

async function tryToListen({ host, port }: Config): Promise<void> {
  const server: Server = createServer().listen(port, host)
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}

/** Turns the usual reasons why a port cannot be had into sentences. */
async function announcingFailure({ host, port }: Config, listen: () => Promise<unknown>): Promise<void> {
  try {
    await listen()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new StartupError(`Port ${port} of ${host} is in use: stop what listens there, or set PORT.`)
    }
    if (code === 'EACCES') {
      throw new StartupError(`This user may not listen on port ${port}: set PORT to 1024 or above.`)
    }
    if (/^(EADDRNOTAVAIL|EAFNOSUPPORT|EAI_AGAIN|EINVAL|ENOTFOUND)$/.test(code ?? '')) {
      throw new ConfigError(`HOST: ${host} is not an address of this machine.`)
    }
    throw error
  }
}
