/** Starts the server and stops it. */
import cluster from 'node:cluster'
import { clockOperation } from './api/dev/clock.ts'
import { type Clock, movableClock, systemClock } from './clock.ts'
import type { Config } from './config.ts'
import type { App } from './domain/app.ts'
import { createLog } from './http/log.ts'
import { createServer } from './http/server.ts'
import { openInstallation } from './installation.ts'
import { checkConnections } from './serving/connections.ts'
import { repeatDispatch } from './serving/dispatching.ts'
import { drainable } from './serving/drain.ts'
import { listen, urlOf } from './serving/listening.ts'
import { repeatMaintenance } from './serving/maintenance.ts'
import { settleSoon } from './serving/settling.ts'
import { onSignal } from './serving/signals.ts'
import { showWelcome } from './serving/welcome.ts'
import { superviseWorkers } from './serving/workers.ts'

/** Whether the credentials of a first start are shown as JSON. */
type Output = { json: boolean }

export type Started = { url: string; app: App; stop(): Promise<void> }

/**
 * Opens the installation and listens. `stop` lets the requests in flight finish, then closes everything. Throws
 * `StartupError` or `ConfigError` with one plain sentence.
 */
export async function start(config: Config, output: Output = { json: false }): Promise<Started> {
  const log = createLog(config.log_level)
  let onMove = () => {}
  const movable = config.dev_clock ? movableClock(() => onMove()) : undefined
  const clock: Clock = movable ?? systemClock
  const installation = await openInstallation(config, log, clock)
  const { app } = installation
  const server = createServer(app, { tls: config.tls, extra: movable ? [clockOperation(movable)] : [] })
  const drain = drainable(server)
  try {
    await checkConnections(app.store, config)
    await listen(server, config)
  } catch (error) {
    showWelcome(installation, urlOf(config, config), output)
    await server.close()
    await installation.close()
    throw error
  }
  const maintenance = repeatMaintenance(app)
  const dispatching = repeatDispatch(app)
  installation.onQueued(dispatching.wake)
  onMove = () => {
    maintenance.soon()
    dispatching.wake()
  }
  const url = urlOf(config, server.server.address() as { address: string; port: number })
  installation.listensAt(url)
  showWelcome(installation, url, output)
  log.info({ url, engine: app.store.engine }, 'Selvage is ready.')
  return {
    url,
    app,
    async stop() {
      const began = Date.now()
      await drain({ leaving: config.drain_seconds, patience: config.shutdown_seconds })
      await maintenance.stop()
      const since = (Date.now() - began) / 1000
      await dispatching.stop(config.drain_seconds + config.shutdown_seconds - since)
      await installation.close()
      log.info({}, 'Selvage has stopped.')
    },
  }
}

/** Runs the server until a signal ends it; with several workers, one process for each, replaced when it dies. */
export async function serve(config: Config, output: Output): Promise<void> {
  if (config.workers > 1 && cluster.isPrimary) return superviseWorkers(config, output)
  const starting = start(config, output)
  // From before it listens: whoever has heard that it is ready may send a signal at once.
  onSignal(
    () =>
      starting.then(
        ({ stop }) => stop(),
        () => {},
      ),
    config.drain_seconds + config.shutdown_seconds + 5,
  )
  await starting.catch((error: unknown) => {
    // A worker that cannot start would else live on for the sake of its channel to the supervisor.
    process.channel?.unref()
    throw error
  })
  settleSoon()
}
