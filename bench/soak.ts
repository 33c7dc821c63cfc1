/** Full mixed load for minutes, a process of its own: everything that a site does, with every answer held against what it must be. */
import { createHistogram } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, openConnection } from './connection.ts'
import { residentBytes } from './processes.ts'
import type { Slice, Soak } from './report.ts'
import { request } from './requests.ts'
import { permitted, type Seeded } from './seed.ts'

export type SoakPlan = { port: number; server_pid: number; connections: number; seconds: number; seeded: Seeded }
export type Soaked = Omit<Soak, 'name'>

/** How often each thing is done, out of a hundred; logins have connections of their own. */
const shares = { token: 74, check: 8, jwt: 8, extend: 4, user: 2, update: 2, jwks: 2 }
/** Connections that log in, use that session, revoke it and see it refused, again and again. */
const logging_in = 2
const kept_errors = 10

process.once('message', async (plan: SoakPlan) => {
  const soaked = await soak(plan)
  process.send?.(soaked, () => process.exit())
})
// Whoever started this process is gone.
process.once('disconnect', () => process.exit())

async function soak({ port, server_pid, connections, seconds, seeded }: SoakPlan): Promise<Soaked> {
  const count = Math.max(6, Math.min(30, Math.floor(seconds)))
  const slices: Slice[] = []
  const first_errors: string[] = []
  let latencies = createHistogram()
  let errors = 0
  let over = false

  function complain(sentence: string): void {
    errors++
    if (first_errors.length < kept_errors) first_errors.push(sentence)
  }

  /** One request after another on one connection, which is opened anew when it is lost. */
  async function client(work: (ask: Ask) => Promise<void>): Promise<void> {
    while (!over) {
      try {
        const { ask, close } = await dial(port)
        try {
          while (!over) await work(ask)
        } finally {
          close()
        }
      } catch (error) {
        if (over) return
        complain((error as Error).message)
        await delay(100)
      }
    }
  }

  async function expect(ask: Ask, text: string, status: number): Promise<string> {
    const answer = await ask(text)
    if (answer.status !== status) {
      complain(`${text.slice(0, text.indexOf(' HTTP'))} was answered ${answer.status}, not ${status}: ${answer.body}`)
    }
    return answer.body
  }

  const choose = choices(seeded)
  const clients = Array.from({ length: connections - logging_in }, () =>
    client(async (ask) => {
      const began = performance.now()
      await expect(ask, choose(), 200)
      if (!over) latencies.record(Math.max(1, Math.round((performance.now() - began) * 1000)))
    }),
  )
  for (let number = 0; number < logging_in; number++) clients.push(client((ask) => login(seeded, ask, expect)))

  for (let slice = 0; slice < count; slice++) {
    await delay((seconds * 1000) / count)
    const [measured, at] = [latencies, (percentile: number) => measured.percentile(percentile) / 1000]
    latencies = createHistogram()
    slices.push({
      requests: measured.count,
      p50: at(50),
      p99: at(99),
      max: measured.max / 1000,
      rss_bytes: residentBytes(server_pid),
    })
  }
  over = true
  await Promise.all(clients)
  return { seconds, slices, errors, first_errors }
}

/** Somebody comes and goes. */
async function login(
  { authorization, logins }: Seeded,
  ask: Ask,
  expect: (ask: Ask, text: string, status: number) => Promise<string>,
): Promise<void> {
  const send = (path: string, body: object, status = 200) =>
    expect(ask, request('POST', path, { headers: { authorization }, body }), status)
  const credentials = logins[Math.floor(Math.random() * logins.length)] as object
  const reply = JSON.parse(await send('/v1/passwords/authenticate', { ...credentials, session_duration_minutes: 60 }))
  const { session_token } = reply as { session_token: string }
  await send('/v1/sessions/authenticate', { session_token })
  await send('/v1/sessions/revoke', { session_token })
  await send('/v1/sessions/authenticate', { session_token }, 404)
}

/** Draws a request of those that any connection sends. */
function choices({ authorization, project_id, sessions }: Seeded): () => string {
  const headers = { authorization }
  const authenticate = (body: object) => request('POST', '/v1/sessions/authenticate', { headers, body })
  const make: Record<keyof typeof shares, (session: Seeded['sessions'][number]) => string> = {
    token: ({ token }) => authenticate({ session_token: token }),
    check: ({ token }) => authenticate({ session_token: token, authorization_check: permitted }),
    jwt: ({ jwt }) => authenticate({ session_jwt: jwt }),
    extend: ({ token }) => authenticate({ session_token: token, session_duration_minutes: 30 * 24 * 60 }),
    user: ({ user_id }) => request('GET', `/v1/users/${user_id}`, { headers }),
    update: ({ user_id }) =>
      request('PUT', `/v1/users/${user_id}`, { headers, body: { untrusted_metadata: { visits: Math.random() } } }),
    jwks: () => request('GET', `/v1/sessions/jwks/${project_id}`),
  }
  const names = Object.keys(shares) as (keyof typeof shares)[]
  const hundred = names.flatMap((name) => Array.from({ length: shares[name] }, () => make[name]))
  const any = <T>(list: T[]) => list[Math.floor(Math.random() * list.length)] as T
  return () => any(hundred)(any(sessions))
}

type Ask = (text: string) => Promise<{ status: number; body: string }>

/** A connection that answers; rejects with a sentence when it is lost. */
function dial(port: number): Promise<{ ask: Ask; close: () => void }> {
  return new Promise((resolve, reject) => {
    let waiting: ((answer: Answer) => void) | undefined
    let refuse = reject
    const connection = openConnection(port, {
      onOpen: () => resolve({ ask, close: connection.close }),
      onAnswer: (answer) => waiting?.(answer),
      onFailure: (sentence) => refuse(new Error(sentence)),
    })
    const ask: Ask = (text) =>
      new Promise((resolve, reject) => {
        refuse = reject
        waiting = ({ status, body }) => resolve({ status, body: body() })
        connection.send(text)
      })
  })
}
