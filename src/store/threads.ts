/** Reads of the embedded engine that may take long: they run in threads, and are given up on when their time is over. */
import type { SQLInputValue } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import {
  type DatabaseConnection,
  type Driver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { insideTransaction, StatementTimeout, type Store } from './store.ts'
import type { Answer, Question } from './thread.ts'

export type ReadingThreads = { bounded: Store['bounded']; close(): Promise<void> }

/** A thread costs memory: one that nobody has needed for so long ends. */
const idleMilliseconds = 30_000
/** A statement cannot be stopped, so threads that are given up on come to their end in their own time. At most so many do at once. */
const mostLeaving = 2

/** Threads that read the database file; there is none before it is needed. */
export function readingThreads(path: string): ReadingThreads {
  const idle: Thread[] = []
  const leaving = new Set<Promise<unknown>>()

  function end(thread: Thread): void {
    const ended = thread.end().finally(() => leaving.delete(ended))
    leaving.add(ended)
  }

  function rest(thread: Thread): void {
    idle.push(thread)
    const timer = setTimeout(() => {
      const place = idle.indexOf(thread)
      if (place < 0) return
      idle.splice(place, 1)
      end(thread)
    }, idleMilliseconds).unref()
    thread.wakened = () => clearTimeout(timer)
  }

  return {
    async bounded(milliseconds, work) {
      while (leaving.size >= mostLeaving) await oneOf(leaving, milliseconds)
      let thread = idle.pop()
      // One may have ended by itself while nobody needed it.
      while (thread?.isGone()) thread = idle.pop()
      thread ??= startThread(path)
      thread.wakened()
      const handle = new Kysely({ dialect: dialectOf((question) => thread.ask(question, milliseconds)) })
      try {
        const result = await work(insideTransaction('sqlite', handle))
        rest(thread)
        return result
      } catch (error) {
        // It may be busy with what was given up, or broken.
        end(thread)
        throw error
      } finally {
        await handle.destroy()
      }
    },
    async close() {
      for (const thread of idle.splice(0)) end(thread)
      await Promise.all(leaving)
    },
  }
}

/** Waits until one has ended; throws `StatementTimeout` when none has in time. */
async function oneOf(leaving: Set<Promise<unknown>>, milliseconds: number): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const late = setTimeout(() => reject(new StatementTimeout()), milliseconds)
  try {
    await Promise.race([...leaving, promise])
  } finally {
    clearTimeout(late)
  }
}

type Thread = {
  /** The rows; throws `StatementTimeout` when they are not there in time. One question at a time. */
  ask(question: Question, milliseconds: number): Promise<unknown[]>
  /** Called when it is taken from the idle ones. */
  wakened: () => void
  isGone(): boolean
  end(): Promise<unknown>
}

function startThread(path: string): Thread {
  const worker = new Worker(new URL('thread.ts', import.meta.url), { workerData: { path }, execArgv: [] })
  worker.on('error', () => {}).unref()
  let isGone = false
  worker.once('exit', () => {
    isGone = true
  })
  return {
    async ask(question, milliseconds) {
      // Only a thread at work keeps the process alive.
      worker.ref()
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      const late = setTimeout(() => reject(new StatementTimeout()), milliseconds)
      const gone = () => reject(new Error('A reading thread of the embedded database ended.'))
      worker.once('message', resolve).once('error', reject).once('exit', gone)
      try {
        worker.postMessage(question)
        const answer = await promise
        if ('problem' in answer) throw answer.problem
        return answer.rows
      } finally {
        clearTimeout(late)
        worker.off('message', resolve).off('error', reject).off('exit', gone)
        worker.unref()
      }
    },
    wakened() {},
    isGone: () => isGone,
    end: () => worker.terminate(),
  }
}

function dialectOf(ask: (question: Question) => Promise<unknown[]>) {
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql: text, parameters }: { sql: string; parameters: readonly unknown[] }) {
      return { rows: (await ask({ text, values: parameters as SQLInputValue[] })) as R[] }
    },
    // biome-ignore lint/correctness/useYield: rows are never streamed; the interface asks for the method
    async *streamQuery() {
      throw new Error('Streaming is not used with the embedded engine.')
    },
  }
  const nothing = async () => {}
  const driver: Driver = {
    init: nothing,
    acquireConnection: async () => connection,
    beginTransaction: nothing,
    commitTransaction: nothing,
    rollbackTransaction: nothing,
    releaseConnection: nothing,
    destroy: nothing,
  }
  return {
    createDriver: () => driver,
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createAdapter: () => new SqliteAdapter(),
  }
}
