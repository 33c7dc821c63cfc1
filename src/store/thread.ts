/** A thread that reads the embedded database beside the event loop: it runs each statement that it is sent, and sends back the rows. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

/** What a thread is sent; it answers each statement before it takes the next. */
export type Question = { text: string; values: readonly SQLInputValue[] }
export type Answer = { rows: unknown[] } | { problem: unknown }

const { path } = workerData as { path: string }
const database = new DatabaseSync(path, { timeout: 5000 })
database.exec('pragma query_only = on; pragma cache_size = -16384')

parentPort?.on('message', ({ text, values }: Question) => {
  parentPort?.postMessage(answer(text, values))
})

function answer(text: string, values: readonly SQLInputValue[]): Answer {
  try {
    return { rows: database.prepare(text).all(...values) }
  } catch (problem) {
    return { problem }
  }
}
