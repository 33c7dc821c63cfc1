/** What is measured: one scenario, one entry of the table. */
import type { Credentials, Seeded } from './seed.ts'
import { type Target, targets } from './servers.ts'

export type Scenario = {
  name: string
  /** Scenarios that stand together share its data. */
  target: Target
  /** The HTTP requests that are sent in turn. */
  requests: (seeded: Seeded) => string[]
  /** Requests that other connections send meanwhile; measured too, as a row of its own. */
  flood?: (seeded: Seeded) => string[]
  /** What measures, when it is not the load generator. */
  measurer?: string
}

/** Every scenario, in the order in which they run. */
export const scenarios: Scenario[] = [
  { name: 'bare', target: targets.bare, requests: hot(byToken) },
  { name: 'hashes', target: targets.bare, requests: hot(byToken), measurer: 'hashes.ts' },

  { name: 'sqlite-token-hot', target: targets.sqlite, requests: hot(byToken) },
  { name: 'sqlite-token-5000', target: targets.sqlite, requests: all(byToken) },
  { name: 'sqlite-jwt-hot', target: targets.sqlite, requests: hot(byJwt) },
  { name: 'sqlite-jwt-5000', target: targets.sqlite, requests: all(byJwt) },
  { name: 'sqlite-password', target: targets.sqlite, requests: logins },
  { name: 'sqlite-token-flooded', target: targets.sqlite, requests: all(byToken), flood: logins },
  { name: 'sqlite-sign-hot', target: targets.sqlite_signing, requests: hot(byToken) },
  { name: 'sqlite-sign-5000', target: targets.sqlite_signing, requests: all(byToken) },

  { name: 'postgres-token-hot', target: targets.postgres, requests: hot(byToken) },
  { name: 'postgres-token-5000', target: targets.postgres, requests: all(byToken) },
  { name: 'postgres-jwt-hot', target: targets.postgres, requests: hot(byJwt) },
  { name: 'postgres-jwt-5000', target: targets.postgres, requests: all(byJwt) },
  { name: 'postgres-password', target: targets.postgres, requests: logins },
  { name: 'postgres-token-flooded', target: targets.postgres, requests: all(byToken), flood: logins },
  { name: 'postgres-sign-hot', target: targets.postgres_signing, requests: hot(byToken) },
  { name: 'postgres-sign-5000', target: targets.postgres_signing, requests: all(byToken) },
]

type Body = (session: Credentials) => object

function byToken({ token }: Credentials): object {
  return { session_token: token }
}

function byJwt({ jwt }: Credentials): object {
  return { session_jwt: jwt }
}

/** One session, again and again. */
function hot(body: Body): Scenario['requests'] {
  return ({ authorization, sessions }) =>
    sessions.slice(0, 1).map((session) => authenticate(authorization, body(session)))
}

/** All sessions in turn. */
function all(body: Body): Scenario['requests'] {
  return ({ authorization, sessions }) => sessions.map((session) => authenticate(authorization, body(session)))
}

/** Everybody logs in by password, in turn. */
function logins({ authorization, logins }: Seeded): string[] {
  return logins.map((login) =>
    post('/v1/passwords/authenticate', authorization, JSON.stringify({ ...login, session_duration_minutes: 60 })),
  )
}

function authenticate(authorization: string, body: object): string {
  return post('/v1/sessions/authenticate', authorization, JSON.stringify(body))
}

/** A whole HTTP/1.1 request, with the headers that an official client sends. */
function post(path: string, authorization: string, body: string): string {
  return [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'user-agent: selvage-bench',
    'content-type: application/json',
    `authorization: ${authorization}`,
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}
