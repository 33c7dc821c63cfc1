/** What is measured once beside the rounds: starting, hours of load in minutes, and whether revoking counts at once. */
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { askOnce } from './connection.ts'
import { end } from './place.ts'
import { residentBytes } from './processes.ts'
import type { Soak, Starts } from './report.ts'
import { request } from './requests.ts'
import type { Seeded } from './seed.ts'
import { type Bench, freePort, installations, type Prepared, ready, startOurs } from './servers.ts'
import type { Soaked, SoakPlan } from './soak.ts'

/** Starts the server on existing data, waits until it has nothing to do, and stops it again. */
export async function measureStart(
  bench: Bench,
  engine: keyof typeof installations,
  idle_seconds: number,
): Promise<Starts['turns'][number]> {
  const { env } = await installations[engine](bench)
  const port = await freePort()
  const began = performance.now()
  const child = startOurs(bench.place, { ...env, PORT: String(port) })
  await ready(child, port, 2)
  const ready_milliseconds = performance.now() - began
  await delay(idle_seconds * 1000)
  const rss_bytes = residentBytes(child.pid as number)
  await end(child)
  return { ready_milliseconds, rss_bytes }
}

/** Mixed load on a new server for that long. */
export async function measureSoak(
  { place }: Bench,
  name: string,
  { data: seeded, start }: Prepared<Seeded>,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<Soak> {
  const server = await start()
  const plan: SoakPlan = { port: server.port, server_pid: server.pid, connections, seconds, seeded }
  const soaked = await place.ask<Soaked>('soak.ts', plan).finally(server.stop)
  return { name, ...soaked }
}

/** Connections that look at a revoked session, so that every worker of a server is among those that answer. */
const looks = 16

/** Logs in, revokes the session, and tells whether every call after that is refused. */
export async function revokesAtOnce(port: number, { authorization, logins }: Seeded): Promise<boolean> {
  const send = (path: string, body: object) =>
    askOnce(port, request('POST', path, { headers: { authorization }, body }))
  const { body } = await send('/v1/passwords/authenticate', { ...logins[0], session_duration_minutes: 60 })
  const { session_token } = JSON.parse(body) as { session_token: string }
  const look = () =>
    Promise.all(Array.from({ length: looks }, () => send('/v1/sessions/authenticate', { session_token })))
  const before = await look()
  const { status } = await send('/v1/sessions/revoke', { session_token })
  const after = await look()
  return status === 200 && before.every(({ status }) => status === 200) && after.every(({ status }) => status === 404)
}
