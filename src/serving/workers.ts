/** Several processes on one port: the supervisor makes ready, starts the workers, replaces them and stops them. */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import { createLog } from '../http/log.ts'
import { openInstallation } from '../installation.ts'
import { SECOND } from '../values/time.ts'
import { checkConnections } from './connections.ts'
import { checkPort, urlOf } from './listening.ts'
import { onSignal } from './signals.ts'
import { showWelcome } from './welcome.ts'

/** A worker that ends sooner than this after its start has failed to start. */
const youngest = 5 * SECOND
const longestPause = 10 * SECOND

/**
 * Runs the workers until a signal ends them. A worker that ends by itself is replaced, for as long as it takes; only while
 * none has ever served does it end the others, too, with status 1. Throws `StartupError` or `ConfigError` with one plain
 * sentence.
 */
export async function superviseWorkers(config: Config, output: { json: boolean }): Promise<void> {
  const log = createLog(config.log_level)
  // Tells once, not once a worker, that the port cannot be had.
  await checkPort(config)
  // Migrates and sets up once, before any worker serves.
  const installation = await openInstallation(config, log, systemClock)
  try {
    await checkConnections(installation.app.store, config)
  } catch (error) {
    showWelcome(installation, urlOf(config, config), output)
    throw error
  } finally {
    await installation.close()
  }
  let served = false
  cluster.once('listening', (_worker, { address, port }) => {
    served = true
    showWelcome(installation, urlOf(config, { address: address ?? config.host, port }), output)
  })
  let stopping = false
  let failures = 0
  const stopWorkers = async () => {
    stopping = true
    await Promise.all(
      living().map((worker) => {
        worker.process.kill('SIGTERM')
        return once(worker, 'exit')
      }),
    )
  }
  const fork = () => {
    if (stopping) return
    const born = Date.now()
    // Whatever keeps it from starting, a database that is away for example, is not pressed, and the others serve on.
    const replace = () => {
      failures = Date.now() - born < youngest ? failures + 1 : 0
      setTimeout(fork, failures === 0 ? 0 : Math.min(SECOND * 2 ** (failures - 1), longestPause))
    }
    const worker = cluster.fork()
    worker.on('error', (err) => {
      log.error({ err }, 'A worker process has a problem.')
      // The system had no room for a process: there is none that could end.
      if (worker.process.pid === undefined) replace()
    })
    worker.on('exit', (exit_code, signal) => {
      if (stopping) return
      log.error({ exit_code, signal }, 'A worker process ended by itself.')
      if (!served) {
        log.error({}, 'The worker processes cannot start; stopping.')
        stopWorkers().finally(() => process.exit(1))
        return
      }
      replace()
    })
  }
  // Nobody outlives the supervisor: neither a worker that does not hear signals any more nor one at the second signal.
  process.on('exit', () => {
    for (const worker of living()) worker.process.kill('SIGKILL')
  })
  onSignal(stopWorkers, config.drain_seconds + config.shutdown_seconds + 10)
  for (let worker = 0; worker < config.workers; worker++) fork()
}

function living(): Worker[] {
  const all = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
  return all.filter((worker) => worker.process.pid !== undefined && !worker.isDead())
}
