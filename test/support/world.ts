/** A running server for tests, one an engine and process: real store, real keys, a clock that only tests move. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe } from 'node:test'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import { buildApp } from '../../src/app.ts'
import type { MovableClock } from '../../src/clock.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { createKeyring, newMasterKey, parseMasterKeys } from '../../src/crypto/keyring.ts'
import { type KeyPair, newKeyPair, type SigningAlgorithm } from '../../src/crypto/signing.ts'
import type { App } from '../../src/domain/app.ts'
import type { EnvironmentRecord } from '../../src/domain/projects/environment.ts'
import type { Vertical } from '../../src/domain/projects/project.ts'
import { createSecret } from '../../src/domain/secrets/secret.ts'
import { createProjectWithEnvironments } from '../../src/domain/workspace/installation.ts'
import { createWorkspaceKey } from '../../src/domain/workspace/key.ts'
import { createLog } from '../../src/http/log.ts'
import { createServer } from '../../src/http/server.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'

export type Engine = 'sqlite' | 'postgres'
export const engines: Engine[] = ['sqlite', 'postgres']

export type Credentials = { id: string; secret: string }
export type TestProject = Credentials & { environment: EnvironmentRecord; live: EnvironmentRecord; path: string }

export type World = {
  engine: Engine
  app: App
  server: FastifyInstance
  clock: MovableClock
  workspace: Credentials
  /** Everything logged so far, one JSON document a line. */
  logged: string[]
  /** A new project; the credentials are those of its test environment, `path` its place in the management API. */
  project(vertical?: Vertical): Promise<TestProject>
}

const worlds = new Map<Engine, Promise<World>>()
const closers: (() => Promise<void>)[] = []

/** The world of an engine; made once a process, because every test works in projects of its own. */
export function world(engine: Engine): Promise<World> {
  let made = worlds.get(engine)
  if (!made) {
    made = makeWorld(engine)
    worlds.set(engine, made)
  }
  return made
}

/** Runs the same tests on both engines. */
export function onBothEngines(name: string, body: (engine: Engine) => void): void {
  for (const engine of engines) describe(`${name} (${engine})`, () => body(engine))
}

after(async () => {
  for (const close of closers.reverse()) await close()
})

/** A configuration that depends on nothing around the tests. */
export function testConfig(env: Record<string, string> = {}): Config {
  return readConfig({
    SELVAGE_OUTBOUND_ALLOW: '127.0.0.1,::1',
    SELVAGE_LOG_LEVEL: 'debug',
    // Tests share the machine: a hundred passwords at once may wait long, and none may be refused for that.
    SELVAGE_QUEUE_WAIT_SECONDS: '60',
    ...env,
  })
}

/** An empty database of that engine, and what removes it. */
export async function emptyDatabase(engine: Engine): Promise<{ url: string; drop: () => Promise<void> }> {
  if (engine === 'sqlite') {
    const directory = mkdtempSync(join(tmpdir(), 'selvage-test-'))
    return {
      url: `sqlite:${join(directory, 'selvage.db')}`,
      drop: async () => rmSync(directory, { recursive: true, force: true }),
    }
  }
  const admin = process.env.TEST_DATABASE_URL
  if (!admin) throw new Error('TEST_DATABASE_URL is not set: run the tests with "npm test", which starts PostgreSQL.')
  const name = `selvage_test_${process.pid}_${Math.random().toString(36).slice(2)}`
  await query(admin, `create database ${name}`)
  const url = new URL(admin)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => query(admin, `drop database if exists ${name} with (force)`) }
}

/** Opens a store without migrating it. */
export function openStore(url: string): Promise<Store> {
  if (url.startsWith('sqlite:')) return Promise.resolve(openSqlite(url.slice('sqlite:'.length)))
  // Tests share the machine: a hundred calls at once may wait long for their turn, and none may be refused for that.
  return openPostgres(url, { pool: 10, wait_seconds: 120, pooler: 'none' }, () => {})
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}

/** A clock that only tests move: no second ever turns between two calls of a test. */
function stoppedClock(): MovableClock {
  let now = Date.now()
  return {
    now: () => now,
    advance(milliseconds) {
      now += milliseconds
    },
    reset() {
      now = Date.now()
    },
  }
}

async function makeWorld(engine: Engine): Promise<World> {
  const { url, drop } = await emptyDatabase(engine)
  const store = await openStore(url)
  const clock = stoppedClock()
  await migrate(store, clock.now())
  const logged: string[] = []
  const { app, close } = buildApp({
    config: testConfig(),
    store,
    keyring: createKeyring(parseMasterKeys(newMasterKey())),
    log: createLog('debug', { write: (line) => logged.push(line) }),
    now: clock.now,
    new_key_pair: preparedKeyPair,
  })
  const server = createServer(app)
  closers.push(async () => {
    await server.close()
    await close()
    await store.close()
    await drop()
  })
  const key = await createWorkspaceKey(app)
  return {
    engine,
    app,
    server,
    clock,
    logged,
    workspace: { id: key.key_id, secret: key.secret },
    async project(vertical = 'CONSUMER') {
      const { test, live } = await createProjectWithEnvironments(app, { name: `Test ${vertical}`, vertical })
      const { value } = await createSecret(app, test)
      const path = `/pwa/v3/projects/${test.project_slug}/environments/${test.environment_slug}`
      return { id: test.project_id, secret: value, environment: test, live, path }
    },
  }
}

let prepared: Promise<KeyPair[]> | undefined
let next = 0

/** Real RSA keys, but only a few of them: making one takes longer than most tests. */
export async function preparedKeyPair(algorithm: SigningAlgorithm = 'RS256'): Promise<KeyPair> {
  if (algorithm === 'ES256') return newKeyPair(algorithm)
  prepared ??= Promise.all([newKeyPair('RS256'), newKeyPair('RS256'), newKeyPair('RS256')])
  const pairs = await prepared
  return pairs[next++ % pairs.length] as KeyPair
}
