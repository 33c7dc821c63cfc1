/** Several processes on one port: the supervisor makes ready, starts the workers, replaces them and stops them. */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import { createLog } from '../http/log.ts'
import { openInstallation } from '../installation.ts'
import { SECOND } from '../values/time.ts'
import { checkPort, urlOf } from './listening.ts'
import { onSignal } from './signals.ts'
import { showWelcome } from './welcome.ts'

/** Runs the workers until a signal ends them. Throws `StartupError` or `ConfigError` with one plain sentence. */
export async function superviseWorkers(config: Config, output: { json: boolean }): Promise<void> {
  const log = createLog(config.log_level)
  // Tells once, not once a worker, that the port cannot be had.
  await checkPort(config)
  // Migrates and sets up once, before any worker serves.
  const installation = await openInstallation(config, log, systemClock)
  await installation.close()
  cluster.once('listening', (_worker, { address, port }) =>
    showWelcome(installation, urlOf(config, { address: address ?? config.host, port }), output),
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
