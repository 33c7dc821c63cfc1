/** How signals end the process. */
import cluster from 'node:cluster'
import { SECOND } from '../values/time.ts'

/** Ends the process after `stop`; a second signal, or taking longer than `patience` seconds, ends it at once. */
export function onSignal(stop: () => Promise<void>, patience: number): void {
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
