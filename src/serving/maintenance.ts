/** Maintenance, again and again. */
import type { App } from '../domain/app.ts'
import { maintain } from '../domain/maintenance/maintenance.ts'
import { MINUTE } from '../values/time.ts'

/** Maintains once a minute, never twice at a time; failures are logged and tried again. */
export function repeatMaintenance(app: App): { soon(): void; stop(): Promise<void> } {
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
