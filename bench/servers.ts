/** The servers under measurement: child processes on free ports, with fresh data, and nothing left behind. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { startPostgres } from '../scripts/postgres.ts'
import { parentOf } from './processes.ts'
import { type Seeded, seed } from './seed.ts'

/** A server to measure: the bare one, or ours on an engine with variables that differ from the defaults. */
export type Target = { name: string; engine?: 'sqlite' | 'postgres'; env?: Record<string, string> }

export const targets = {
  bare: { name: 'bare' },
  sqlite: { name: 'sqlite', engine: 'sqlite' },
  sqlite_signing: { name: 'sqlite-signing', engine: 'sqlite', env: { SELVAGE_JWT_REUSE_SECONDS: '0' } },
  postgres: { name: 'postgres', engine: 'postgres' },
  postgres_signing: { name: 'postgres-signing', engine: 'postgres', env: { SELVAGE_JWT_REUSE_SECONDS: '0' } },
} as const satisfies Record<string, Target>

type Server = {
  port: number
  pid: number
  /** The process whose descendants are the database, where it runs on this machine. */
  database_pid: number | undefined
  stop: () => Promise<void>
}

/** A target with data to serve: each start is a new process on the same data. */
export type Prepared = {
  seeded: Seeded
  /** With the path of a file, the server leaves a CPU profile there when it stops. */
  start: (profile?: string) => Promise<Server>
  remove: () => Promise<void>
}

export type Bench = {
  prepare: (target: Target) => Promise<Prepared>
  /** Sends a message to a new child process and returns its answer. */
  ask: <Answer>(file: string, message: object) => Promise<Answer>
  stop: () => Promise<void>
}

const start_patience = 30_000

/** A place for everything that a run starts and writes. What is left of it goes when this process ends, however it ends. */
export function openBench(): Bench {
  const directory = mkdtempSync(join(tmpdir(), 'selvage-bench-'))
  // PostgreSQL runs as another user where it may not run as this one, and its data is to lie in here, too.
  chmodSync(directory, 0o755)
  process.env.TMPDIR = directory
  const children = new Set<ChildProcess>()
  let postgres: Postgres | undefined

  // The last resort for Ctrl-C and for failures: synchronous, because nothing else runs any more.
  process.on('exit', () => {
    for (const child of children) child.kill('SIGKILL')
    if (postgres?.own && postgres.pid !== undefined) quit(postgres.pid)
    removeAtLast(directory)
  })
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => process.exit(status))
  }

  function keep<Child extends ChildProcess>(child: Child): Child {
    children.add(child)
    child.once('exit', () => children.delete(child))
    return child
  }

  /** The bare server takes anything, so what it is sent only has to have the right size. */
  function prepareBare(): Prepared {
    return {
      seeded: { authorization: `Basic ${'x'.repeat(120)}`, sessions: [{ token: 'x'.repeat(44), jwt: '' }], logins: [] },
      async start() {
        const child = keep(fork(new URL('./bare.ts', import.meta.url), { stdio: ['ignore', 2, 2, 'ipc'] }))
        const [port] = (await once(child, 'message')) as [number]
        return { port, pid: child.pid as number, database_pid: undefined, stop: () => end(child) }
      },
      remove: async () => {},
    }
  }

  async function prepareOurs({ name, engine, env }: Target): Promise<Prepared> {
    postgres ??= engine === 'postgres' ? await openPostgres() : undefined
    const database = engine === 'postgres' ? await postgres?.create() : undefined
    const variables: Record<string, string> = {
      ...env,
      SELVAGE_DATA_DIR: join(directory, name),
      SELVAGE_LOG_LEVEL: 'warn',
      ...(database ? { DATABASE_URL: database.url } : {}),
    }
    const seeded = await seed(variables)
    await database?.settle()
    return {
      seeded,
      async start(profile) {
        const port = await freePort()
        const flags = profile
          ? ['--cpu-prof', `--cpu-prof-dir=${dirname(profile)}`, `--cpu-prof-name=${basename(profile)}`]
          : []
        const child = keep(
          spawn(process.execPath, [...flags, join(import.meta.dirname, '../bin/selvage.mjs'), 'start'], {
            // Nothing of this process's own environment changes what is measured.
            env: { PATH: process.env.PATH, ...variables, PORT: String(port) },
            stdio: ['ignore', 2, 2],
          }),
        )
        await ready(child, port)
        return { port, pid: child.pid as number, database_pid: database && postgres?.pid, stop: () => end(child) }
      },
      remove: async () => database?.drop(),
    }
  }

  return {
    prepare: async (target) => (target.engine ? prepareOurs(target) : prepareBare()),
    async ask<Answer>(file: string, message: object) {
      const child = keep(fork(join(import.meta.dirname, file), { stdio: ['ignore', 2, 2, 'ipc'] }))
      child.send(message)
      const [answer] = await Promise.race([
        once(child, 'message'),
        once(child, 'exit').then(([code]) => Promise.reject(new Error(`${file} ended with status ${code}.`))),
      ])
      return answer as Answer
    },
    async stop() {
      await postgres?.stop()
      postgres = undefined
    },
  }
}

type Postgres = {
  /** The postmaster; undefined when it runs on another machine. */
  pid: number | undefined
  /** Whether this run has started it. */
  own: boolean
  create: () => Promise<{ url: string; settle: () => Promise<void>; drop: () => Promise<void> }>
  stop: () => Promise<void>
}

async function openPostgres(): Promise<Postgres> {
  const own = !process.env.TEST_DATABASE_URL
  const { url: admin, stop } = await startPostgres({ durable: true })
  const pid = await postmaster(admin)
  let made = 0
  return {
    pid,
    own,
    async create() {
      const name = `selvage_bench_${process.pid}_${++made}`
      await query(admin, `create database ${name}`)
      const url = new URL(admin)
      url.pathname = `/${name}`
      return {
        url: url.href,
        // What autovacuum does in a database's first minutes, done now, so that it happens in no measurement.
        settle: () => query(url.href, 'vacuum analyze'),
        drop: () => query(admin, `drop database if exists ${name} with (force)`),
      }
    },
    stop,
  }
}

/** The process that all of PostgreSQL's others come from; undefined when it runs elsewhere. */
async function postmaster(url: string): Promise<number | undefined> {
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)) return undefined
  return connected(url, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    return rows[0] && parentOf(rows[0].pid)
  })
}

async function query(url: string, text: string): Promise<void> {
  await connected(url, (client) => client.query(text))
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Waits until the server answers that its database does. */
async function ready(child: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + start_patience
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The server ended with status ${child.exitCode}.`)
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.ok) return
    await delay(50)
  }
  throw new Error(`The server was not ready within ${start_patience / 1000} seconds.`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

function quit(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT')
  } catch {
    // It has ended already.
  }
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

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
