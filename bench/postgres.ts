/** PostgreSQL for a run: the one of TEST_DATABASE_URL, or one that is started, with databases that are dropped at the end. */
import pg from 'pg'
import { startPostgres } from '../scripts/postgres.ts'
import type { Place } from './place.ts'
import { parentOf } from './processes.ts'

export type Postgres = {
  /** The process whose descendants are the database; undefined when it runs on another machine. */
  pid: number | undefined
  version: string
  create: () => Promise<Database>
  stop: () => Promise<void>
}

export type Database = {
  url: string
  /** What autovacuum does in a database's first minutes, done now, so that it happens in no measurement. */
  settle: () => Promise<void>
}

/** Starts it: every commit waits for the disk. */
export async function openPostgres(place: Place): Promise<Postgres> {
  const own = !process.env.TEST_DATABASE_URL
  const { url: admin, stop } = await startPostgres({ durable: true })
  const pid = await postmaster(admin)
  if (own && pid !== undefined) place.atLast(() => quit(pid))
  const made: string[] = []
  return {
    pid,
    version: await versionOf(admin),
    async create() {
      const name = `selvage_bench_${process.pid}_${made.length + 1}`
      await query(admin, `create database ${name}`)
      made.push(name)
      const url = new URL(admin)
      url.pathname = `/${name}`
      return { url: url.href, settle: () => query(url.href, 'vacuum analyze') }
    },
    async stop() {
      for (const name of made) await query(admin, `drop database if exists ${name} with (force)`)
      await stop()
    },
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

function versionOf(url: string): Promise<string> {
  return connected(url, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return rows[0]?.server_version ?? ''
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

function quit(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT')
  } catch {
    // It has ended already.
  }
}
