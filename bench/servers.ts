/** The servers under measurement: each a child process on a free port, with data that was made for the run. */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Growth, growInstallation, livingTokens, reportProgress } from './grow.ts'
import { end, type Place } from './place.ts'
import type { Postgres } from './postgres.ts'
import { basic } from './requests.ts'
import { type Seeded, seed } from './seed.ts'

export type Server = {
  port: number
  pid: number
  /** The process whose descendants are the database, where it runs on this machine and is not part of the server. */
  database_pid: number | undefined
  stop: () => Promise<void>
}

/** A target with data to serve: each start is a new process on the same data. */
export type Prepared<Data> = {
  data: Data
  /** With the path of a file, a server of ours leaves a CPU profile there when it stops. */
  start: (profile?: string) => Promise<Server>
}

/** A server to measure. `Data` is what requests to it are made of. */
export type Target<Data> = {
  name: string
  /** Whether it needs the packages of this directory. */
  peer: boolean
  prepare: (bench: Bench) => Promise<Prepared<Data>>
}

/** Sessions of users in the large database: tokens from all over it, as many as the other databases have sessions, times a number. */
export type Grown = { authorization: string; tokens: (times: number) => string[] }
export type PeerSessions = {
  sessions: { cookie: string; cached: string; organization_id: string }[]
  logins: { email: string; password: string }[]
}
export type AccessTokens = { authorization: string; tokens: string[] }

export type Bench = {
  place: Place
  /** How many users every data set but the large one has, each with one session. */
  users: number
  /** How many sessions the large database has. */
  large_sessions: number
  /** PostgreSQL, started when it is first asked for. */
  postgres: () => Promise<Postgres>
  /** The same, if it has been asked for. */
  startedPostgres: () => Promise<Postgres | undefined>
  /** What several targets share is made once. */
  once: <T>(name: string, make: () => Promise<T>) => Promise<T>
  stop: () => Promise<void>
}

const start_patience = 60_000
/** Refused logins and the like have nothing to do in the output of a run. */
const quiet = { SELVAGE_LOG_LEVEL: 'warn' }

/** What a run has open. */
export function openBench(place: Place, sizes: Pick<Bench, 'users' | 'large_sessions'>): Bench {
  const made = new Map<string, Promise<unknown>>()
  const once = <T>(name: string, make: () => Promise<T>): Promise<T> => {
    const known = (made.get(name) as Promise<T> | undefined) ?? make()
    made.set(name, known)
    return known
  }
  return {
    ...sizes,
    place,
    once,
    // Loaded only when needed: the package behind it decides how a process ends that has loaded it.
    postgres: () => once('PostgreSQL', async () => (await import('./postgres.ts')).openPostgres(place)),
    startedPostgres: async () => (made.get('PostgreSQL') as Promise<Postgres> | undefined)?.catch(() => undefined),
    async stop() {
      await (await this.startedPostgres())?.stop()
    },
  }
}

export const targets = {
  bare: bare(),
  sqlite: selvage('sqlite', embedded),
  sqlite_signing: selvage('sqlite-signing', embeddedCopy, { SELVAGE_JWT_REUSE_SECONDS: '0' }),
  postgres: selvage('postgres', onPostgres),
  postgres_signing: selvage('postgres-signing', onPostgres, { SELVAGE_JWT_REUSE_SECONDS: '0' }),
  postgres_workers: selvage('postgres-2-workers', onPostgres, { SELVAGE_WORKERS: '2' }),
  large: selvage('large', large),
  // It is asked for 50,000 sessions, which its memory has to have room for, as that of the others has for theirs.
  large_signing: selvage('large-signing', large, { SELVAGE_JWT_REUSE_SECONDS: '0', SELVAGE_SESSION_CACHE: '60000' }),
  auth_sqlite: betterAuth('better-auth-sqlite', 'sqlite', false),
  auth_sqlite_cached: betterAuth('better-auth-sqlite-cached', 'sqlite', true),
  auth_postgres: betterAuth('better-auth-postgres', 'postgres', false),
  auth_postgres_cached: betterAuth('better-auth-postgres-cached', 'postgres', true),
  oidc: oidcProvider(),
}

/** Installations that processes are started on besides. */
export const installations = { sqlite: embedded, postgres: onPostgres }

/** The bare server takes anything, so what it is sent only has to have the right size. */
function bare(): Target<Seeded> {
  const data: Seeded = {
    authorization: `Basic ${'x'.repeat(144)}`,
    project_id: '',
    sessions: [{ token: 'x'.repeat(44), jwt: '', user_id: '' }],
    logins: [],
  }
  const start = async (bench: Bench) => forked(await bench.place.begin<{ port: number }>('bare.ts', {}))
  return { name: 'bare', peer: false, prepare: async (bench) => ({ data, start: () => start(bench) }) }
}

/** An installation of ours: its data, the variables of its servers, and whether its database is PostgreSQL. */
type Installation<Data> = { data: Data; env: Record<string, string>; on_postgres: boolean }

function selvage<Data>(
  name: string,
  install: (bench: Bench) => Promise<Installation<Data>>,
  env: Record<string, string> = {},
): Target<Data> {
  async function prepare(bench: Bench): Promise<Prepared<Data>> {
    const { data, env: own, on_postgres } = await install(bench)
    const database_pid = on_postgres ? (await bench.postgres()).pid : undefined
    return {
      data,
      async start(profile) {
        const port = await freePort()
        const child = startOurs(bench.place, { ...own, ...env, PORT: String(port) }, profile)
        await ready(child, port, 50)
        return { port, pid: child.pid as number, database_pid, stop: () => end(child) }
      },
    }
  }
  return { name, peer: false, prepare }
}

/** A process of ours with these variables, and nothing of this process's own environment. */
export function startOurs(place: Place, env: Record<string, string>, profile?: string): ChildProcess {
  const flags = profile
    ? ['--cpu-prof', `--cpu-prof-dir=${dirname(profile)}`, `--cpu-prof-name=${basename(profile)}`]
    : []
  return place.keep(
    spawn(process.execPath, [...flags, join(import.meta.dirname, '../bin/selvage.mjs'), 'start'], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 2, 2],
    }),
  )
}

function embedded({ place, users, once }: Bench): Promise<Installation<Seeded>> {
  return once('embedded', async () => {
    const env = { ...quiet, SELVAGE_DATA_DIR: join(place.directory, 'embedded') }
    return { data: await seed(env, users), env, on_postgres: false }
  })
}

/** Two processes do not share an embedded database. */
async function embeddedCopy(bench: Bench): Promise<Installation<Seeded>> {
  const { data, env, on_postgres } = await embedded(bench)
  const SELVAGE_DATA_DIR = join(bench.place.directory, 'embedded-copy')
  cpSync(env.SELVAGE_DATA_DIR as string, SELVAGE_DATA_DIR, { recursive: true })
  return { data, env: { ...env, SELVAGE_DATA_DIR }, on_postgres }
}

function onPostgres({ place, users, once, postgres }: Bench): Promise<Installation<Seeded>> {
  return once('on PostgreSQL', async () => {
    const { url, settle } = await (await postgres()).create()
    const env = { ...quiet, SELVAGE_DATA_DIR: join(place.directory, 'on-postgres'), DATABASE_URL: url }
    const data = await seed(env, users)
    await settle()
    return { data, env, on_postgres: true }
  })
}

/** A user for every five sessions, and organizations as a large site has them. */
function large({ place, once, postgres, users, large_sessions }: Bench): Promise<Installation<Grown>> {
  return once('large', async () => {
    const { url, settle } = await (await postgres()).create()
    const env = { ...quiet, SELVAGE_DATA_DIR: join(place.directory, 'large'), DATABASE_URL: url }
    const growth: Growth = {
      seed: 'bench',
      users: Math.ceil(large_sessions / 5),
      organizations: Math.ceil(large_sessions / 500),
      members: Math.ceil(large_sessions / 50),
      sessions: large_sessions,
      member_sessions: Math.ceil(large_sessions / 50),
      expired: 0,
    }
    const { project_id, secret } = await growInstallation(env, growth, reportProgress())
    await settle()
    const tokens = (times: number) => livingTokens(growth, times * users)
    return { data: { authorization: basic(project_id, secret), tokens }, env, on_postgres: true }
  })
}

function betterAuth(name: string, engine: 'sqlite' | 'postgres', cookie_cache: boolean): Target<PeerSessions> {
  async function prepare({ place, users, once, postgres }: Bench): Promise<Prepared<PeerSessions>> {
    const database_pid = engine === 'postgres' ? (await postgres()).pid : undefined
    const { where, data } = await once(`better-auth ${engine}`, async () => {
      const database = engine === 'postgres' ? await (await postgres()).create() : undefined
      const where = database ? { url: database.url } : { path: join(place.directory, 'better-auth.db') }
      const data = await place.ask<PeerSessions>('peers/better_auth.mjs', { task: 'seed', users, ...where })
      await database?.settle()
      return { where, data }
    })
    return {
      data,
      async start() {
        const message = { task: 'serve', cookie_cache, ...where }
        return { ...forked(await place.begin<{ port: number }>('peers/better_auth.mjs', message)), database_pid }
      },
    }
  }
  return { name, peer: true, prepare }
}

/** Its tokens live in the memory of the process, so there is one process for the whole run. */
function oidcProvider(): Target<AccessTokens> {
  async function prepare({ place, users, once }: Bench): Promise<Prepared<AccessTokens>> {
    const begun = await once('oidc-provider', () =>
      place.begin<AccessTokens & { port: number }>('peers/oidc_provider.mjs', { accounts: users }),
    )
    return { data: begun.answer, start: async () => forked(begun) }
  }
  return { name: 'oidc-provider', peer: true, prepare }
}

function forked({ child, answer }: { child: ChildProcess; answer: { port: number } }): Server {
  return { port: answer.port, pid: child.pid as number, database_pid: undefined, stop: () => end(child) }
}

/** What `npm ci --prefix bench` has installed of this package; undefined when it has not. */
export function installedVersion(name: string): string | undefined {
  const path = join(import.meta.dirname, 'node_modules', name, 'package.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version : undefined
}

/** Waits until the server answers that its database does, looking that often. */
export async function ready(child: ChildProcess, port: number, milliseconds: number): Promise<void> {
  const deadline = Date.now() + start_patience
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The server ended with status ${child.exitCode}.`)
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.ok) return
    await delay(milliseconds)
  }
  throw new Error(`The server was not ready within ${start_patience / 1000} seconds.`)
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
