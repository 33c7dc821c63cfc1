/** What is measured in rounds: one scenario, one entry of the table. */
import { request } from './requests.ts'
import { type Credentials, permitted, type Seeded } from './seed.ts'
import { type AccessTokens, type Grown, type PeerSessions, type Target, targets } from './servers.ts'

export type Scenario = {
  name: string
  /** What a row says, in a few words. */
  what: string
  /** What is measured: a server under load, or work without a server. */
  subject: Load | { loop: 'hashes' | 'signatures' }
}

export type Load = {
  /** Scenarios of one target load one server. */
  target: Target<unknown>
  /** The HTTP requests that are sent at random. */
  requests: (data: unknown) => string[]
  /** What each answer must hold, so that a refusal with status 200 is not taken for an answer. */
  answer: RegExp
  /** How many requests do what one of the others does. */
  requests_each: number
  /** Whether the generator of our own sends them, because the row is about latencies. */
  precise: boolean
  /** Whether answers take so long that some are still being made when nobody waits for them any more. */
  slow: boolean
  /** Requests that other connections send meanwhile. */
  flood: ((data: unknown) => string[]) | undefined
}

type Options<Data> = { requests_each?: number; precise?: boolean; slow?: boolean; flood?: (data: Data) => string[] }

/** Every scenario, in the order in which a round measures them: what is compared stands together. */
export const scenarios: Scenario[] = [
  load('bare', 'node:http with a fixed answer of the same size', targets.bare, all(byToken), /filler/),
  load('sqlite-token', 'sessions/authenticate by token', targets.sqlite, all(byToken), /"session_jwt"/),
  load('sqlite-check', 'the same with authorization_check', targets.sqlite, all(byTokenWithCheck), /"authorized":true/),
  load('oidc-introspection', 'token introspection', targets.oidc, introspections, /"active":true/),
  load('better-auth-sqlite-session', 'get-session', targets.auth_sqlite, getSession, /"user"/),
  load('better-auth-sqlite-permission', 'has-permission', targets.auth_sqlite, hasPermission, /"success":true/),
  load(
    'better-auth-sqlite-both',
    'get-session and has-permission',
    targets.auth_sqlite,
    both,
    /"user"|"success":true/,
    {
      requests_each: 2,
    },
  ),
  load('better-auth-sqlite-cached', 'get-session by its cookie', targets.auth_sqlite_cached, getCached, /"user"/),
  load(
    'better-auth-sqlite-cached-both',
    'the two calls by its cookie',
    targets.auth_sqlite_cached,
    bothCached,
    /"user"|"success":true/,
    { requests_each: 2 },
  ),
  load('postgres-token', 'sessions/authenticate by token', targets.postgres, all(byToken), /"session_jwt"/),
  load('large-token', 'the same, 5,000 from all over a large database', targets.large, spread(1), /"session_jwt"/),
  load('postgres-check', 'with authorization_check', targets.postgres, all(byTokenWithCheck), /"authorized":true/),
  load('postgres-2-token', 'by token, two workers', targets.postgres_workers, all(byToken), /"session_jwt"/),
  load('better-auth-postgres-session', 'get-session', targets.auth_postgres, getSession, /"user"/),
  load('better-auth-postgres-permission', 'has-permission', targets.auth_postgres, hasPermission, /"success":true/),
  load(
    'better-auth-postgres-both',
    'get-session and has-permission',
    targets.auth_postgres,
    both,
    /"user"|"success":true/,
    {
      requests_each: 2,
    },
  ),
  load('better-auth-postgres-cached', 'get-session by its cookie', targets.auth_postgres_cached, getCached, /"user"/),
  load(
    'better-auth-postgres-cached-both',
    'the two calls by its cookie',
    targets.auth_postgres_cached,
    bothCached,
    /"user"|"success":true/,
    { requests_each: 2 },
  ),

  { name: 'signatures', what: 'RS256 signatures without a server', subject: { loop: 'signatures' } },
  load('sqlite-sign', 'by token, every answer signed anew', targets.sqlite_signing, all(byToken), /"session_jwt"/),
  load('postgres-sign', 'by token, every answer signed anew', targets.postgres_signing, all(byToken), /"session_jwt"/),
  load(
    'large-sign',
    'the same, 50,000 from all over a large database',
    targets.large_signing,
    spread(10),
    /"session_jwt"/,
  ),

  { name: 'hashes', what: 'Argon2id hashes without a server', subject: { loop: 'hashes' } },
  load('sqlite-password', 'passwords/authenticate', targets.sqlite, logins, /"session_jwt"/, { slow: true }),
  load('better-auth-sqlite-password', 'sign-in/email', targets.auth_sqlite, signIns, /"token"/, { slow: true }),
  load('postgres-password', 'passwords/authenticate', targets.postgres, logins, /"session_jwt"/, { slow: true }),
  load('better-auth-postgres-password', 'sign-in/email', targets.auth_postgres, signIns, /"token"/, { slow: true }),
  load('sqlite-quiet', 'by token, our generator', targets.sqlite, all(byToken), /"session_jwt"/, { precise: true }),
  load('sqlite-flooded', 'the same while logins flood in', targets.sqlite, all(byToken), /"session_jwt"/, {
    precise: true,
    flood: logins,
  }),
  load('postgres-quiet', 'by token, our generator', targets.postgres, all(byToken), /"session_jwt"/, { precise: true }),
  load('postgres-flooded', 'the same while logins flood in', targets.postgres, all(byToken), /"session_jwt"/, {
    precise: true,
    flood: logins,
  }),

  load('sqlite-jwks', 'the published keys', targets.sqlite, jwks, /"keys"/),
  load('sqlite-hot', 'by token, one session', targets.sqlite, hot(byToken), /"session_jwt"/),
  load('sqlite-jwt', 'by session JWT', targets.sqlite, all(byJwt), /"session_jwt"/),
  load('postgres-jwks', 'the published keys', targets.postgres, jwks, /"keys"/),
  load('postgres-hot', 'by token, one session', targets.postgres, hot(byToken), /"session_jwt"/),
  load('postgres-jwt', 'by session JWT', targets.postgres, all(byJwt), /"session_jwt"/),
]

function load<Data>(
  name: string,
  what: string,
  target: Target<Data>,
  requests: (data: Data) => string[],
  answer: RegExp,
  { requests_each = 1, precise = false, slow = false, flood }: Options<Data> = {},
): Scenario {
  // The data of a target is only ever given to its own scenarios.
  const subject = { target, requests, answer, requests_each, precise, slow, flood } as Load
  return { name, what, subject }
}

type Body = (session: Credentials) => object

function byToken({ token }: Credentials): object {
  return { session_token: token }
}

function byTokenWithCheck({ token }: Credentials): object {
  return { session_token: token, authorization_check: permitted }
}

function byJwt({ jwt }: Credentials): object {
  return { session_jwt: jwt }
}

/** One session, again and again. */
function hot(body: Body) {
  return ({ authorization, sessions }: Seeded) =>
    sessions.slice(0, 1).map((session) => authenticate(authorization, body(session)))
}

/** All sessions. */
function all(body: Body) {
  return ({ authorization, sessions }: Seeded) => sessions.map((session) => authenticate(authorization, body(session)))
}

/** Sessions from all over the large database. */
function spread(times: number) {
  return ({ authorization, tokens }: Grown) =>
    tokens(times).map((session_token) => authenticate(authorization, { session_token }))
}

/** Everybody logs in by password. */
function logins({ authorization, logins }: Seeded): string[] {
  return logins.map((login) =>
    request('POST', '/v1/passwords/authenticate', {
      headers: { authorization },
      body: { ...login, session_duration_minutes: 60 },
    }),
  )
}

function jwks({ project_id }: Seeded): string[] {
  return [request('GET', `/v1/sessions/jwks/${project_id}`)]
}

function authenticate(authorization: string, body: object): string {
  return request('POST', '/v1/sessions/authenticate', { headers: { authorization }, body })
}

function getSession({ sessions }: PeerSessions): string[] {
  return sessions.map(({ cookie }) => request('GET', '/api/auth/get-session', { headers: { cookie } }))
}

function getCached({ sessions }: PeerSessions): string[] {
  return sessions.map(({ cached }) => request('GET', '/api/auth/get-session', { headers: { cookie: cached } }))
}

function hasPermission({ sessions }: PeerSessions): string[] {
  return sessions.map(({ cookie, organization_id }) => permission(cookie, organization_id))
}

function permission(cookie: string, organizationId: string): string {
  return request('POST', '/api/auth/organization/has-permission', {
    headers: { cookie, origin: 'http://127.0.0.1' },
    body: { organizationId, permissions: { member: ['update'] } },
  })
}

/** As many of the one as of the other. */
function both(data: PeerSessions): string[] {
  return [...getSession(data), ...hasPermission(data)]
}

function bothCached(data: PeerSessions): string[] {
  return [
    ...getCached(data),
    ...data.sessions.map(({ cached, organization_id }) => permission(cached, organization_id)),
  ]
}

function signIns({ logins }: PeerSessions): string[] {
  return logins.map((body) =>
    request('POST', '/api/auth/sign-in/email', { headers: { origin: 'http://127.0.0.1' }, body }),
  )
}

function introspections({ authorization, tokens }: AccessTokens): string[] {
  return tokens.map((token) =>
    request('POST', '/token/introspection', {
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      body: `token=${token}&token_type_hint=access_token`,
    }),
  )
}
