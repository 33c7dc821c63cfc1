/** What stops a start: one sentence, a failing status, and nothing overwritten. */
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { systemClock } from '../../src/clock.ts'
import { ConfigError, readConfig } from '../../src/config.ts'
import { createLog } from '../../src/http/log.ts'
import { openInstallation } from '../../src/installation.ts'
import { start } from '../../src/main.ts'
import { StartupError } from '../../src/store/store.ts'
import { contents, type Environment, inParallel, newDirectory, run } from '../support/program.ts'
import { emptyDatabase } from '../support/world.ts'

type Failure = {
  name: string
  env: Environment
  args?: string[]
  /** Whether to run the program itself; the others stop the same function inside this process, which is quicker. */
  spawned?: true
  /** What the sentence says. */
  says: RegExp
}

const keyA = Buffer.alloc(32, 1).toString('base64')
const keyB = Buffer.alloc(32, 2).toString('base64')
const place = newDirectory()
const inPlace = (name: string) => join(place, name)
let postgres: { url: string; drop: () => Promise<void> }
let newer: { url: string; drop: () => Promise<void> }
let busy: ReturnType<typeof createServer>

before(async () => {
  mkdirSync(inPlace('a directory'))
  writeFileSync(inPlace('a file'), 'a file')
  writeFileSync(inPlace('prose.db'), 'This is prose and not a database. '.repeat(100))
  busy = createServer().listen(0, '127.0.0.1')
  ;[postgres, newer] = await Promise.all([emptyDatabase('postgres'), emptyDatabase('postgres')])
  const mine = { SELVAGE_DATA_DIR: inPlace('mine'), SELVAGE_MASTER_KEY: keyA }
  await Promise.all([setUp(mine), setUp({ ...mine, SELVAGE_DATA_DIR: inPlace('pg'), DATABASE_URL: postgres.url })])
  cpSync(inPlace('mine'), inPlace('newer'), { recursive: true })
  const database = new DatabaseSync(inPlace('newer/selvage.db'))
  database.exec("insert into schema_migrations values (999, 'later', 0)")
  database.close()
  await query(postgres.url, `alter database ${new URL(postgres.url).pathname.slice(1)} connection limit 7`)
  await query(newer.url, 'create table schema_migrations (version integer primary key, name text, applied_at bigint)')
  await query(newer.url, "insert into schema_migrations values (999, 'later', 0)")
})

async function setUp(env: Environment): Promise<void> {
  const { close } = await openInstallation(readConfig(env), createLog('silent'), systemClock)
  await close()
}

test('every failure of a start is one sentence, and changes nothing', async (t) => {
  const at = (path: string, change: (url: URL) => void) => {
    const url = new URL(path)
    change(url)
    return url.href
  }
  const fresh = inPlace('never made')
  const narrow = { SELVAGE_DATA_DIR: inPlace('pg'), DATABASE_URL: postgres.url, SELVAGE_MASTER_KEY: keyA }
  const here = { SELVAGE_DATA_DIR: fresh }
  const { port } = busy.address() as { port: number }
  const failures: Failure[] = [
    {
      name: 'malformed DATABASE_URL',
      env: { ...here, DATABASE_URL: 'mysql://x' },
      says: /^DATABASE_URL: use sqlite/,
    },
    {
      name: 'unreachable PostgreSQL',
      env: { ...here, DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/x' },
      says: /^PostgreSQL at 127\.0\.0\.1:1\/x does not accept us.*ECONNREFUSED/,
    },
    {
      name: 'wrong password',
      env: { ...here, DATABASE_URL: at(postgres.url, (url) => (url.password = 'hunter2')) },
      says: /^PostgreSQL at .* does not accept us.*password/,
    },
    {
      name: 'missing database',
      env: { ...here, DATABASE_URL: at(postgres.url, (url) => (url.pathname = '/no_such')) },
      says: /^PostgreSQL at .*\/no_such does not accept us.*does not exist/,
    },
    {
      name: 'directory as database',
      env: { ...here, DATABASE_URL: `sqlite:${inPlace('a directory')}` },
      says: /^The embedded database .*a directory cannot be opened/,
    },
    {
      name: 'database below a file',
      env: { ...here, DATABASE_URL: `sqlite:${inPlace('a file/x.db')}` },
      says: /^The embedded database .*x\.db cannot be opened/,
    },
    {
      name: 'database where nothing can be written',
      env: { ...here, DATABASE_URL: 'sqlite:/proc/selvage.db' },
      says: /^The embedded database \/proc\/selvage\.db cannot be opened/,
    },
    {
      name: 'a file that is no database',
      spawned: true,
      env: { ...here, DATABASE_URL: `sqlite:${inPlace('prose.db')}` },
      says: /prose\.db cannot be opened.*not a database/,
    },
    {
      name: 'data directory is a file',
      env: { SELVAGE_DATA_DIR: inPlace('a file') },
      says: /a file\/selvage\.db cannot/,
    },
    {
      name: 'data directory is a file, beside PostgreSQL',
      env: { SELVAGE_DATA_DIR: inPlace('a file'), DATABASE_URL: postgres.url },
      says: /master key is missing/,
    },
    { name: 'newer schema', env: { SELVAGE_DATA_DIR: inPlace('newer') }, says: /schema version 999/ },
    {
      name: 'newer schema on PostgreSQL',
      env: { SELVAGE_DATA_DIR: inPlace('pg'), DATABASE_URL: newer.url },
      says: /schema version 999/,
    },
    {
      name: 'busy port',
      spawned: true,
      env: { SELVAGE_DATA_DIR: inPlace('mine'), SELVAGE_MASTER_KEY: keyA, PORT: String(port) },
      says: new RegExp(`^Port ${port} of 127\\.0\\.0\\.1 is in use`),
    },
    {
      name: 'busy port, with workers',
      spawned: true,
      env: {
        SELVAGE_DATA_DIR: inPlace('pg'),
        DATABASE_URL: postgres.url,
        SELVAGE_MASTER_KEY: keyA,
        PORT: String(port),
        SELVAGE_WORKERS: '2',
      },
      says: new RegExp(`^Port ${port} of 127\\.0\\.0\\.1 is in use`),
    },
    {
      name: 'more connections than the database allows',
      env: { ...narrow, SELVAGE_DATABASE_POOL: '8' },
      says: /^SELVAGE_DATABASE_POOL: one process with 8 connections each may open 8, but PostgreSQL allows 7: set it to 7 /,
    },
    {
      name: 'more connections than the database allows, with workers',
      spawned: true,
      env: { ...narrow, SELVAGE_WORKERS: '3', SELVAGE_DATABASE_POOL: '3' },
      says: /^SELVAGE_DATABASE_POOL: 3 processes with 3 connections each may open 9, but PostgreSQL allows 7: set it to 2 /,
    },
    {
      name: 'HOST of another machine',
      env: { SELVAGE_DATA_DIR: inPlace('mine'), SELVAGE_MASTER_KEY: keyA, HOST: '192.0.2.1' },
      says: /^HOST: 192\.0\.2\.1 is not an address of this machine/,
    },
    {
      name: 'HOST that is no host',
      env: { SELVAGE_DATA_DIR: inPlace('mine'), SELVAGE_MASTER_KEY: keyA, HOST: 'nobody.invalid' },
      says: /^HOST: nobody\.invalid is not an address of this machine/,
    },
    {
      name: 'malformed master key',
      env: { ...here, SELVAGE_MASTER_KEY: 'hunter2' },
      says: /^SELVAGE_MASTER_KEY: key 1 /,
    },
    {
      name: 'wrong master key',
      spawned: true,
      env: { SELVAGE_DATA_DIR: inPlace('mine'), SELVAGE_MASTER_KEY: keyB },
      says: /^The master key does not open this database/,
    },
    {
      name: 'wrong master key on PostgreSQL',
      env: { SELVAGE_DATA_DIR: inPlace('pg'), DATABASE_URL: postgres.url, SELVAGE_MASTER_KEY: keyB },
      says: /^The master key does not open this database/,
    },
    {
      name: 'lost master key',
      env: { SELVAGE_DATA_DIR: inPlace('mine') },
      says: /its master key is missing: set SELV/,
    },
    {
      name: 'self-signed certificates for workers',
      spawned: true,
      env: { ...here, DATABASE_URL: postgres.url },
      args: ['--workers', '2', '--tls-self-signed'],
      says: /^SELVAGE_WORKERS: --tls-self-signed needs one worker/,
    },
    {
      name: 'port as an option',
      spawned: true,
      env: here,
      args: ['--port', 'http'],
      says: /^PORT: use a whole number from 0 to 65535/,
    },
  ]
  const before_ = contents(place)
  const rows = await Promise.all([postgres.url, newer.url].map(dump))
  await inParallel(
    2,
    failures.map(({ name, env, args = [], spawned, says }) => async () => {
      const sentence = await (spawned ? failureOf(args, env) : refusalOf(env))
      await t.test(name, () => {
        assert.match(sentence, says)
        assert.match(sentence, /^[^\n]+\.$/)
        assert.doesNotMatch(sentence, /hunter2/)
      })
    }),
  )
  assert.deepEqual(contents(place), before_)
  assert.deepEqual(await Promise.all([postgres.url, newer.url].map(dump)), rows)
})

after(async () => {
  busy.close()
  await Promise.all([postgres.drop(), newer.drop()])
})

/** The sentence with which the program ends. */
async function failureOf(args: string[], env: Environment): Promise<string> {
  const { status, stdout, stderr } = await run(['start', ...args], env)
  assert.deepEqual({ status, stdout }, { status: 1, stdout: '' }, stderr)
  const [, sentence = ''] = /^selvage: (.*)\n$/s.exec(stderr) ?? []
  return sentence
}

/** The sentence with which the start is refused inside this process. */
async function refusalOf(env: Environment): Promise<string> {
  try {
    const { stop } = await start(readConfig({ PORT: '0', SELVAGE_LOG_LEVEL: 'silent', ...env }))
    await stop()
  } catch (error) {
    assert.ok(error instanceof StartupError || error instanceof ConfigError, String((error as Error).stack))
    return error.message
  }
  assert.fail(`It started with ${JSON.stringify(env)}.`)
}

/** Every row of every table, as text. */
async function dump(url: string): Promise<unknown> {
  const tables = await query(url, "select table_name from information_schema.tables where table_schema = 'public'")
  const names = tables.map(({ table_name }) => table_name).sort()
  const rows = names.map((name) => query(url, `select t::text from ${name} t order by 1`))
  return Promise.all([names, ...rows])
}

async function query(url: string, text: string): Promise<Record<string, string>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
