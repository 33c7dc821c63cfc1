/** A thread that hashes passwords, one after the other. */
import { constants, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { hashPassword, verifyPassword } from '../../crypto/passwords/hash.ts'
import type { HashingAnswer, HashingTask } from './hashing.ts'

// Linux gives each thread a priority of its own: where there are too few cores, answers go before hashes.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

let last: Promise<void> = Promise.resolve()

parentPort?.on('message', (task: HashingTask) => {
  last = last.then(async () => parentPort?.postMessage(await answer(task)))
})

async function answer({ stored, password }: HashingTask): Promise<HashingAnswer> {
  try {
    const result = stored
      ? await verifyPassword({ scheme: stored.scheme, hash: stored.hash }, password)
      : await hashPassword(password)
    return { result }
  } catch (error) {
    return { error }
  }
}
