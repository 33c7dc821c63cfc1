/** Starts the server and stops it: listener, maintenance, signals, worker processes. */
import cluster from 'node:cluster'
import type { AddressInfo } from 'node:net'
import { clockOperation } from './api/dev/clock.ts'
import { type Clock, movableClock, systemClock } from './clock.ts'
import { type Config, ConfigError } from './config.ts'
import type { App } from './domain/app.ts'
import { maintain } from './domain/maintenance/maintenance.ts'
import { createLog } from './http/log.ts'
import { createServer } from './http/server.ts'
import { openInstallation } from './installation.ts'
import { StartupError } from './store/store.ts'
import { MINUTE } from './values/time.ts'
import { welcome } from './welcome.ts'

const patience = 30_000

export type Started = { url: string; app: App; stop(): Promise<void> }

/**
 * Opens the installation and listens. `stop` finishes the requests in flight, then closes everything. Throws
 * `StartupError` or `ConfigError` with one plain sentence.
 */
export async function start(config: Config): Promise<Started> {
  const log = createLog(config.log_level)
  let onMove = () => {}
  const movable = config.dev_clock ? movableClock(() => onMove()) : undefined
  const clock: Clock = movable ?? systemClock
  const installation = await openInstallation(config, log, clock)
  const { app } = installation
  try {
    const server = createServer(app, { tls: config.tls, extra: movable ? [clockOperation(movable)] : [] })
    await listen(server, config)
    const maintenance = repeat(app)
    onMove = maintenance.soon
    const url = addressOf(server.server.address() as AddressInfo, config)
    if (installation.first) process.stdout.write(welcome(installation.first, installation.credentials_path, url))
    log.info({ url, engine: app.store.engine }, 'Selvage is ready.')
    return {
      url,
      app,
      async stop() {
        await server.close()
        await maintenance.stop()
        await installation.close()
        log.info({}, 'Selvage has stopped.')
      },
    }
  } catch (error) {
    await installation.close()
    throw error
  }
}

/** Runs the server until a signal ends it; with several workers, one process for each, replaced when it dies. */
export async function serve(config: Config): Promise<void> {
  if (config.workers > 1 && cluster.isPrimary) return superviseWorkers(config)
  const started = await start(config)
  onSignal(() => started.stop())
}

async function superviseWorkers(config: Config): Promise<void> {
  const log = createLog(config.log_level)
  // Migrates and sets up once, before any worker serves.
  const installation = await openInstallation(config, log, systemClock)
  if (installation.first)
    process.stdout.write(welcome(installation.first, installation.credentials_path, wantedUrl(config)))
  await installation.close()
  let stopping = false
  let failures = 0
  const fork = () => {
    const born = Date.now()
    cluster.fork().on('exit', (exit_code) => {
      if (stopping) return
      failures = Date.now() - born < 5000 ? failures + 1 : 0
      log.error({ exit_code }, 'A worker process ended by itself.')
      if (failures >= config.workers * 2) {
        stopping = true
        process.exitCode = 1
        for (const worker of Object.values(cluster.workers ?? {})) worker?.kill('SIGTERM')
      } else fork()
    })
  }
  for (let worker = 0; worker < config.workers; worker++) fork()
  onSignal(async () => {
    stopping = true
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM')
  })
}

/** Ends the process after `stop`; a second signal, or running out of patience, ends it at once. */
function onSignal(stop: () => Promise<void>): void {
  let stopping = false
  const handle = () => {
    if (stopping) process.exit(1)
    stopping = true
    setTimeout(() => process.exit(1), patience).unref()
    stop().catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
      process.exit(1)
    })
  }
  process.on('SIGTERM', handle)
  process.on('SIGINT', handle)
}

async function listen(server: ReturnType<typeof createServer>, { host, port }: Config): Promise<void> {
  try {
    await server.listen({ host, port })
  } catch (error) {
    await server.close()
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new StartupError(`Port ${port} of ${host} is in use: stop what listens there, or set PORT.`)
    if (code === 'EACCES')
      throw new StartupError(`This user may not listen on port ${port}: set PORT to 1024 or above.`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new ConfigError(`HOST: ${host} is not an address of this machine.`)
    throw error
  }
}

function addressOf({ address, port, family }: AddressInfo, config: Config): string {
  return config.public_url ?? wantedUrl({ ...config, host: family === 'IPv6' ? `[${address}]` : address, port })
}

function wantedUrl({ tls, host, port, public_url }: Config): string {
  return public_url ?? `${tls ? 'https' : 'http'}://${host}:${port}`
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
