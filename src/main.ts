/** Starts the server and stops it: listener, maintenance, signals, worker processes. */
import cluster, { type Worker } from 'node:cluster'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { clockOperation } from './api/dev/clock.ts'
import { type Clock, movableClock, systemClock } from './clock.ts'
import { type Config, ConfigError } from './config.ts'
import type { App } from './domain/app.ts'
import { maintain } from './domain/maintenance/maintenance.ts'
import { createLog } from './http/log.ts'
import { createServer } from './http/server.ts'
import { type Installation, openInstallation } from './installation.ts'
import { StartupError } from './store/store.ts'
import { MINUTE, SECOND } from './values/time.ts'
import { welcome } from './welcome.ts'

export type Started = { url: string; app: App; stop(): Promise<void> }

/**
 * Opens the installation and listens. `stop` lets the requests in flight finish, then closes everything. Throws
 * `StartupError` or `ConfigError` with one plain sentence.
 */
export async function start(config: Config): Promise<Started> {
  const log = createLog(config.log_level)
  let onMove = () => {}
  const movable = config.dev_clock ? movableClock(() => onMove()) : undefined
  const clock: Clock = movable ?? systemClock
  const installation = await openInstallation(config, log, clock)
  const { app } = installation
  const server = createServer(app, { tls: config.tls, extra: movable ? [clockOperation(movable)] : [] })
  const drain = drainable(server)
  try {
    await announcingFailure(config, async () => {
      // One address: for a name with two, the framework would open a second listener that nobody drains.
      await server.listen({ host: (await lookup(config.host)).address, port: config.port })
    })
  } catch (error) {
    showWelcome(installation, urlOf(config, config))
    await server.close()
    await installation.close()
    throw error
  }
  const maintenance = repeat(app)
  onMove = maintenance.soon
  const url = urlOf(config, server.server.address() as { address: string; port: number })
  showWelcome(installation, url)
  log.info({ url, engine: app.store.engine }, 'Selvage is ready.')
  return {
    url,
    app,
    async stop() {
      await drain(config.shutdown_seconds)
      await maintenance.stop()
      await installation.close()
      log.info({}, 'Selvage has stopped.')
    },
  }
}

/** Runs the server until a signal ends it; with several workers, one process for each, replaced when it dies. */
export async function serve(config: Config): Promise<void> {
  if (config.workers > 1 && cluster.isPrimary) return superviseWorkers(config)
  const started = await start(config)
  onSignal(() => started.stop(), config.shutdown_seconds + 5)
}

async function superviseWorkers(config: Config): Promise<void> {
  const log = createLog(config.log_level)
  // Tells once, not once a worker, that the port cannot be had.
  await announcingFailure(config, () => tryToListen(config))
  // Migrates and sets up once, before any worker serves.
  const installation = await openInstallation(config, log, systemClock)
  await installation.close()
  cluster.once('listening', (_worker, { address, port }) =>
    showWelcome(installation, urlOf(config, { address: address ?? config.host, port })),
  )
  let stopping = false
  let failures = 0
  const stopWorkers = async () => {
    stopping = true
    const workers = Object.values(cluster.workers ?? {}).filter(
      (worker) => worker !== undefined && !worker.isDead(),
    ) as Worker[]
    await Promise.all(
      workers.map((worker) => {
        worker.process.kill('SIGTERM')
        return once(worker, 'exit')
      }),
    )
  }
  const fork = () => {
    const born = Date.now()
    cluster.fork().on('exit', (exit_code, signal) => {
      if (stopping) return
      log.error({ exit_code, signal }, 'A worker process ended by itself.')
      failures = Date.now() - born < 5 * SECOND ? failures + 1 : 0
      if (failures < config.workers * 2) return fork()
      process.exitCode = 1
      log.error({}, 'The worker processes do not stay alive; stopping.')
      stopWorkers()
    })
  }
  for (let worker = 0; worker < config.workers; worker++) fork()
  onSignal(stopWorkers, config.shutdown_seconds + 10)
}

/** Ends the process after `stop`; a second signal, or taking longer than `patience` seconds, ends it at once. */
function onSignal(stop: () => Promise<void>, patience: number): void {
  let stopping = false
  const handle = () => {
    // A worker hears a signal to the whole group as well as its supervisor's: only the supervisor insists.
    if (stopping && cluster.isPrimary) process.exit(1)
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(1), patience * SECOND).unref()
    stop().then(
      () => process.exit(),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', handle)
  process.on('SIGINT', handle)
}

/**
 * Returns what closes the listener: requests in flight are answered, on connections that then end; connections that have
 * asked nothing are cut at once, and what is left after `patience` seconds too.
 */
function drainable(server: ReturnType<typeof createServer>): (patience: number) => Promise<void> {
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

async function tryToListen({ host, port }: Config): Promise<void> {
  const server: Server = createTcpServer().listen(port, host)
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

/** Shows the credentials to whom set the database up, even when the listener then fails: they are shown once. */
function showWelcome({ first, credentials_path }: Installation, url: string): void {
  if (first) process.stdout.write(welcome(first, credentials_path, url))
}

function urlOf({ tls, public_url }: Config, at: { host: string; port: number } | { address: string; port: number }) {
  const host = 'host' in at ? at.host : at.address
  return public_url ?? `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${at.port}`
}

/** Maintains once a minute, never twice at a time; failures are logged and tried again. */
function repeat(app: App): { soon(): void; stop(): Promise<void> } {
  let stopped = false
  let running: Promise<void> = Promise.resolve()
  const soon = () => {
    running = running
      .then(() => (stopped ? undefined : maintain(app, () => stopped)))
      .then(
        (result) => {
          if (result && result.purged > 0) app.log.info(result, 'Purged what has ended.')
        },
        (err: unknown) => app.log.warn({ err }, 'Maintenance failed; it will be tried again.'),
      )
  }
  const timer = setInterval(soon, MINUTE).unref()
  soon()
  return {
    soon,
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}
