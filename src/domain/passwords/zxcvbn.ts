/** Estimates how hard a password is to guess, in a thread of its own that starts with the first question. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { fail } from '../../errors.ts'

/** `score`: 0 (guessed at once) to 4; what to tell the person about it, in English. */
export type Estimate = { score: number; warning: string; suggestions: string[] }

/** Estimates a password; `inputs` are words that an attacker would try first, such as the name of the person. */
export type Zxcvbn = (password: string, inputs: string[]) => Promise<Estimate>

/** Milliseconds until an estimate is given up, the start of the thread included. */
const patience = 10_000

/**
 * Makes the estimator, which is to be asked again only when it has answered: whoever asks has the others wait. Refuses with
 * `password_validation_timeout` what takes too long.
 */
export function zxcvbn(): Zxcvbn {
  let worker: Worker | undefined

  const start = () => {
    const started = new Worker(new URL('./zxcvbn_worker.ts', import.meta.url))
    // An idle thread is no reason for the process to go on, and one that fails meanwhile none to end it.
    started.on('error', () => {}).unref()
    started.on('exit', () => {
      if (worker === started) worker = undefined
    })
    return started
  }

  return async (password, inputs) => {
    worker ??= start()
    const asked = worker
    asked.ref()
    asked.postMessage({ password, inputs })
    try {
      const [estimate] = await once(asked, 'message', { signal: AbortSignal.timeout(patience) })
      return estimate as Estimate
    } catch (error) {
      worker = undefined
      await asked.terminate()
      if (error instanceof Error && error.name === 'AbortError') fail('password_validation_timeout')
      throw error
    } finally {
      asked.unref()
    }
  }
}
