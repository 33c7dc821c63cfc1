/** Sending messages, again and again, a few at a time on each channel. */
import type { App } from '../domain/app.ts'
import { claimDue, deliver, dueChannels } from '../domain/messages/dispatch.ts'
import { SECOND } from '../values/time.ts'

/** How many messages of one channel are on their way at once: a carrier that hangs holds up only its own. */
const width = 10

export type Dispatching = {
  /** Looks for messages now; they are also looked for every second. */
  wake(): void
  /** Takes no further message, and waits so many seconds at most, and at least a moment, for those on their way. */
  stop(patience: number): Promise<void>
}

/** Dispatches until stopped. Failures are logged, and tried again with the next look. */
export function repeatDispatch(app: App): Dispatching {
  const flying = new Map<string, Set<Promise<void>>>()
  let stopped = false
  let again = false
  let looking: Promise<void> | undefined

  async function look(): Promise<void> {
    for (const channel of await dueChannels(app)) {
      const sends = flying.get(channel) ?? new Set()
      flying.set(channel, sends)
      const free = width - sends.size
      if (stopped || free <= 0) continue
      const claimed = await claimDue(app, channel, free)
      for (const row of claimed) {
        const send = deliver(app, row)
          .catch((err: unknown) => app.log.error({ err }, 'What became of a message could not be written.'))
          .finally(() => {
            sends.delete(send)
            // There were more than could be taken.
            if (claimed.length === free) wake()
          })
        sends.add(send)
      }
    }
  }

  function wake(): void {
    again = true
    if (looking || stopped) return
    looking = (async () => {
      while (again && !stopped) {
        again = false
        await look()
      }
    })()
      .catch((err: unknown) => app.log.warn({ err }, 'Could not look for messages to send; it will be tried again.'))
      .finally(() => {
        looking = undefined
        // Somebody called in the moment between the last look and here.
        if (again) wake()
      })
  }

  const timer = setInterval(wake, SECOND).unref()
  wake()
  return {
    wake,
    async stop(patience) {
      stopped = true
      clearInterval(timer)
      await looking
      let timeout: NodeJS.Timeout | undefined
      const enough = new Promise((resolve) => {
        timeout = setTimeout(resolve, Math.max(2, patience) * SECOND)
      })
      await Promise.race([Promise.all([...flying.values()].flatMap((sends) => [...sends])), enough])
      clearTimeout(timeout)
    },
  }
}
