/** Hashes and verifies passwords in threads of their own, which start with the first password. */
import { Worker } from 'node:worker_threads'
import type { PasswordHash } from '../../crypto/passwords/hash.ts'

/** What a thread is asked: to make a hash, or to compare one. */
export type HashingTask = { password: string; stored?: PasswordHash | undefined }
export type HashingAnswer = { result: PasswordHash | boolean } | { error: unknown }

export type Hashing = {
  hash(password: string): Promise<PasswordHash>
  verify(stored: PasswordHash, password: string): Promise<boolean>
}

type Thread = { worker: Worker; asked: PromiseWithResolvers<PasswordHash | boolean>[] }

/**
 * Hashing in so many threads, each of which does one thing after the other. A thread goes on with what it has been given while
 * the event loop is busy, or waits for the disk.
 */
export function hashing(threads: number): Hashing {
  const running: Thread[] = []

  function start(): Thread {
    const worker = new Worker(new URL('./hashing_worker.ts', import.meta.url))
    const thread: Thread = { worker, asked: [] }
    // An idle thread is no reason for the process to go on.
    worker.unref()
    worker.on('message', (answer: HashingAnswer) => {
      const first = thread.asked.shift()
      if (thread.asked.length === 0) worker.unref()
      if ('error' in answer) first?.reject(answer.error)
      else first?.resolve(answer.result)
    })
    worker.on('error', (error) => lose(thread, error))
    worker.on('exit', () => lose(thread, new Error('A thread that hashes passwords has ended.')))
    running.push(thread)
    return thread
  }

  /** What it was asked fails; the next password starts another thread. */
  function lose(thread: Thread, error: unknown) {
    const place = running.indexOf(thread)
    if (place >= 0) running.splice(place, 1)
    for (const { reject } of thread.asked.splice(0)) reject(error)
  }

  /** The thread that has least to do. */
  function idlest(): Thread {
    const [first, ...others] = running
    const found = first && others.reduce((a, b) => (b.asked.length < a.asked.length ? b : a), first)
    return found && (found.asked.length === 0 || running.length >= threads) ? found : start()
  }

  function ask(task: HashingTask): Promise<PasswordHash | boolean> {
    const thread = idlest()
    const asked = Promise.withResolvers<PasswordHash | boolean>()
    if (thread.asked.length === 0) thread.worker.ref()
    thread.asked.push(asked)
    thread.worker.postMessage(task)
    return asked.promise
  }

  return {
    hash: async (password) => (await ask({ password })) as PasswordHash,
    verify: async (stored, password) => (await ask({ stored, password })) as boolean,
  }
}
