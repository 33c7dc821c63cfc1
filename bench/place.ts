/** The place of a run: its temporary directory and its child processes, of which nothing is left behind, however it ends. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Place = {
  directory: string
  /** Has a child process ended with this one. */
  keep: <Child extends ChildProcess>(child: Child) => Child
  /** Sends a message to a new child process, a file of this directory, and returns its answer; the child ends by itself. */
  ask: <Answer>(file: string, message: object) => Promise<Answer>
  /** Sends a message to a new child process and returns it with its answer; it goes on until it is ended. */
  begin: <Answer>(file: string, message: object, flags?: string[]) => Promise<{ child: ChildProcess; answer: Answer }>
  /** Does something at the very end, synchronously, because nothing else runs any more. */
  atLast: (work: () => void) => void
}

/** Peers and what measures them run as in production, with nothing of this process's own environment. */
const environment = { PATH: process.env.PATH, NODE_ENV: 'production' }

/** Makes the directory. What is left of everything goes when this process ends. */
export function openPlace(): Place {
  const directory = mkdtempSync(join(tmpdir(), 'selvage-bench-'))
  // PostgreSQL runs as another user where it may not run as this one, and its data is to lie in here, too.
  chmodSync(directory, 0o755)
  process.env.TMPDIR = directory
  const children = new Set<ChildProcess>()
  const last: (() => void)[] = []

  // The last resort for Ctrl-C and for failures.
  process.on('exit', () => {
    for (const child of children) child.kill('SIGKILL')
    for (const work of last) work()
    removeAtLast(directory)
  })
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => process.exit(status))
  }

  const place: Place = {
    directory,
    keep(child) {
      children.add(child)
      child.once('exit', () => children.delete(child))
      return child
    },
    async ask(file, message) {
      const { answer } = await place.begin(file, message)
      return answer as never
    },
    async begin(file, message, flags = []) {
      const options = { stdio: ['ignore', 2, 2, 'ipc'], env: environment, execArgv: flags } as const
      const child = place.keep(fork(join(import.meta.dirname, file), { ...options, stdio: [...options.stdio] }))
      child.send(message)
      const [answer] = await Promise.race([
        once(child, 'message'),
        once(child, 'exit').then(([code]) => Promise.reject(new Error(`${file} ended with status ${code}.`))),
      ])
      return { child, answer }
    },
    atLast: (work) => last.push(work),
  }
  return place
}

/** Ends a child process and waits until it has ended. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

/** A database that is being shut down may still write below the directory, so this tries again until it is gone. */
function removeAtLast(directory: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let attempt = 1; attempt <= 60; attempt++) {
    try {
      rmSync(directory, { recursive: true, force: true })
    } catch {
      // Judged by what is left.
    }
    // With `force`, a directory that has been written to meanwhile may stay without an error.
    if (!existsSync(directory)) return
    Atomics.wait(pause, 0, 0, 50)
  }
  process.stderr.write(`bench: ${directory} could not be removed.\n`)
}
