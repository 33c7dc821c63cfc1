/**
 * What a process does once when it has started: loads what the start did not wait for, keeps what Node.js compiled for the next
 * start, and gives back what loading took.
 */
import { flushCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isCountryCode } from '../values/phone.ts'

/**
 * Settles the process a second from now. Loading some thousand modules leaves a nursery of 30 MB behind that V8 would keep for
 * good in an idle process; one full collection of about 60 ms gives it back.
 */
export function settleSoon(): void {
  setTimeout(async () => {
    await loadLater()
    flushCompileCache()
    collectAll()
  }, 1000).unref()
}

/** Otherwise the first who needs it would wait. */
async function loadLater(): Promise<void> {
  isCountryCode('')
  await import('jose')
}

/** The collector is reached by its flag only, which this process sets for itself: nobody has to pass it. */
function collectAll(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options: object) => void
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
