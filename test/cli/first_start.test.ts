/** The first start, and what two nodes, crashes and other master keys make of it. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { systemClock } from '../../src/clock.ts'
import { readConfig } from '../../src/config.ts'
import { loadSigningKeys } from '../../src/domain/signing_keys/signing_key.ts'
import { createLog } from '../../src/http/log.ts'
import { type Installation, openExisting, openInstallation } from '../../src/installation.ts'
import { migrate } from '../../src/store/migrate.ts'
import { ask, contents, credentialsIn, type Environment, newDirectory, serve } from '../support/program.ts'
import { emptyDatabase, openStore } from '../support/world.ts'

const keyA = Buffer.alloc(32, 1).toString('base64')
const keyB = Buffer.alloc(32, 2).toString('hex')
const drops: (() => Promise<void>)[] = []
after(() => Promise.all(drops.map((drop) => drop())))

const open = (env: Environment) => openInstallation(readConfig(env), createLog('silent'), systemClock)
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)

async function freshPostgres(): Promise<string> {
  const { url, drop } = await emptyDatabase('postgres')
  drops.push(drop)
  return url
}

async function closed(opening: Promise<Installation>): Promise<Installation> {
  const installation = await opening
  await installation.close()
  return installation
}

test('the first start makes everything, shows it once, and the second serves the same', async () => {
  const data_dir = join(newDirectory(), 'data')
  const first = await serve({ SELVAGE_DATA_DIR: data_dir })
  const credentials = credentialsIn(data_dir)
  const user = { email: 'ada@example.com' }
  const created = await ask(first.url, credentials.consumer, 'POST /v1/users', user)
  assert.equal(created.status, 201)
  assert.equal((await first.stop()).status, 0)
  assert.deepEqual(readdirSync(data_dir).sort(), ['credentials.json', 'master.key', 'selvage.db'])
  assert.equal(mode(data_dir), '700')
  for (const name of readdirSync(data_dir)) assert.equal(mode(join(data_dir, name)), '600', name)
  assert.deepEqual(Object.keys(credentials), ['workspace', 'consumer', 'b2b'])
  assert.deepEqual(Object.keys(credentials.workspace), ['key_id', 'secret'])
  for (const vertical of ['consumer', 'b2b']) {
    assert.deepEqual(Object.keys(credentials[vertical]), ['project_id', 'secret', 'public_token'])
    assert.match(credentials[vertical].project_id, /^project-test-/)
    assert.match(credentials[vertical].secret, /^secret-test-/)
    assert.match(credentials[vertical].public_token, /^public-token-test-/)
  }
  for (const text of [credentials.consumer, credentials.b2b, credentials.workspace].flatMap(Object.values))
    assert.ok(first.stdout().includes(String(text)))
  assert.match(first.stdout(), new RegExp(`env: '${first.url}'`))

  const files = ['credentials.json', 'master.key'].map((name) => readFileSync(join(data_dir, name), 'utf8'))
  const second = await serve({ SELVAGE_DATA_DIR: data_dir })
  const found = await ask(second.url, credentials.consumer, `GET /v1/users/${created.body.user_id}`)
  assert.equal(found.status, 200)
  const { stdout } = await second.stop('SIGINT')
  assert.doesNotMatch(stdout, /secret/)
  assert.deepEqual(
    ['credentials.json', 'master.key'].map((name) => readFileSync(join(data_dir, name), 'utf8')),
    files,
  )
  assert.equal(readdirSync(data_dir).length, 3)
})

test('two nodes that start at once on a fresh database serve one installation, shown by one of them', async () => {
  const url = await freshPostgres()
  const env = { DATABASE_URL: url, SELVAGE_MASTER_KEY: keyA }
  const directories = [newDirectory(), newDirectory()]
  const nodes = await Promise.all(directories.map((directory) => serve({ ...env, SELVAGE_DATA_DIR: directory })))
  const shown = nodes.filter((node) => /secret-test-/.test(node.stdout()))
  const kept = directories.filter((directory) => existsSync(join(directory, 'credentials.json')))
  assert.deepEqual([shown.length, kept.length], [1, 1])
  const { consumer } = credentialsIn(kept[0] as string)
  for (const node of nodes) assert.equal((await ask(node.url, consumer, 'GET /v1/debug/whoami')).status, 200)
  for (const { status } of await Promise.all(nodes.map((node) => node.stop()))) assert.equal(status, 0)
  assert.equal(await countProjects(url), 2)
})

test('of two nodes that start at once with different master keys, only the one whose key counts serves', async () => {
  const DATABASE_URL = await freshPostgres()
  const [a, b] = [newDirectory(), newDirectory()]
  const results = await Promise.allSettled([
    closed(open({ DATABASE_URL, SELVAGE_DATA_DIR: a })),
    closed(open({ DATABASE_URL, SELVAGE_DATA_DIR: b })),
  ])
  const refused = results.filter((result) => result.status === 'rejected')
  assert.equal(refused.length, 1)
  assert.match(String(refused.map(({ reason }) => reason)), /^StartupError: The master key does not open this database/)
  assert.equal(await countProjects(DATABASE_URL), 2)
})

test('two nodes that share a data directory make one master key', async () => {
  const DATABASE_URL = await freshPostgres()
  const SELVAGE_DATA_DIR = newDirectory()
  const env = { DATABASE_URL, SELVAGE_DATA_DIR }
  const both = await Promise.all([closed(open(env)), closed(open(env))])
  assert.equal(both.filter(({ first }) => first).length, 1)
  assert.deepEqual(readdirSync(SELVAGE_DATA_DIR).sort(), ['credentials.json', 'master.key'])
})

test('credentials of another database are kept under another name', async () => {
  const data_dir = newDirectory()
  writeFileSync(join(data_dir, 'credentials.json'), 'precious')
  const { first } = await closed(open({ SELVAGE_DATA_DIR: data_dir }))
  assert.deepEqual(credentialsIn(data_dir), first)
  const kept = readdirSync(data_dir).find((name) => name.startsWith('credentials.json.'))
  assert.equal(readFileSync(join(data_dir, kept as string), 'utf8'), 'precious')
})

test('a crash before the commit leaves a state from which the next start sets up', async () => {
  const data_dir = newDirectory()
  const env = { SELVAGE_DATA_DIR: data_dir, DATABASE_URL: await freshPostgres() }
  await closed(open({ ...env, DATABASE_URL: await freshPostgres() }))
  // What the crash leaves: the key file, the schema, the credentials as a draft, perhaps torn, and nothing committed.
  const store = await openStore(env.DATABASE_URL)
  await migrate(store, 0)
  await store.close()
  writeFileSync(join(data_dir, 'credentials.json.new'), '{"workspace": {"key')
  const { first } = await closed(open(env))
  assert.ok(first)
  assert.deepEqual(credentialsIn(data_dir), first)
  assert.ok(!existsSync(join(data_dir, 'credentials.json.new')))
})

test('a set-up whose credentials cannot be written commits nothing, and a later one succeeds', async () => {
  const data_dir = join(newDirectory(), 'data')
  const DATABASE_URL = await freshPostgres()
  writeFileSync(data_dir, 'a file')
  const env = { SELVAGE_DATA_DIR: data_dir, DATABASE_URL, SELVAGE_MASTER_KEY: keyA }
  await assert.rejects(open(env), /^StartupError: The file .*credentials\.json cannot be read or written \(E\w+\)\.$/)
  assert.equal(await countProjects(DATABASE_URL), 0)
  const { first } = await closed(open({ ...env, SELVAGE_DATA_DIR: newDirectory() }))
  assert.ok(first)
})

test('a crash between the commit and the naming of the file loses no credentials', async () => {
  const data_dir = newDirectory()
  const env = { SELVAGE_DATA_DIR: data_dir }
  const { first } = await closed(open(env))
  const path = join(data_dir, 'credentials.json')
  renameSync(path, `${path}.new`)
  assert.deepEqual((await closed(open(env))).first, first)
  assert.deepEqual(credentialsIn(data_dir), first)
  assert.ok(!existsSync(`${path}.new`))
  assert.equal((await closed(open(env))).first, undefined)
})

test('a draft of credentials that the database does not know is never published', async () => {
  const data_dir = newDirectory()
  const { first } = await closed(open({ SELVAGE_DATA_DIR: data_dir }))
  const forged = { ...first, workspace: { ...first?.workspace, secret: 'other' } }
  writeFileSync(join(data_dir, 'credentials.json.new'), JSON.stringify(forged))
  assert.equal((await closed(open({ SELVAGE_DATA_DIR: data_dir }))).first, undefined)
  assert.deepEqual(credentialsIn(data_dir), first)
})

test('a database that the master key does not open is not migrated either', async () => {
  const SELVAGE_DATA_DIR = newDirectory()
  await closed(open({ SELVAGE_DATA_DIR, SELVAGE_MASTER_KEY: keyA }))
  const database = new DatabaseSync(join(SELVAGE_DATA_DIR, 'selvage.db'))
  after(() => database.close())
  database.exec('delete from schema_migrations')
  await assert.rejects(
    open({ SELVAGE_DATA_DIR, SELVAGE_MASTER_KEY: keyB }),
    /^StartupError: The master key does not open this database/,
  )
  assert.deepEqual(database.prepare('select * from schema_migrations').all(), [])
})

test('the master key is rotated by putting a new one before the old; alone, the new one is refused', async () => {
  const data_dir = newDirectory()
  const { first } = await closed(open({ SELVAGE_DATA_DIR: data_dir, SELVAGE_MASTER_KEY: keyA }))
  const project_id = first?.consumer.project_id as string
  const rotated = await open({ SELVAGE_DATA_DIR: data_dir, SELVAGE_MASTER_KEY: `${keyB},${keyA}` })
  assert.equal((await loadSigningKeys(rotated.app, project_id)).length, 1)
  assert.equal(rotated.app.keyring.open('x', '', rotated.app.keyring.seal('x', '', 'sealed')), 'sealed')
  await rotated.close()
  const before = contents(data_dir)
  const alone = open({ SELVAGE_DATA_DIR: data_dir, SELVAGE_MASTER_KEY: keyB })
  await assert.rejects(alone, /^StartupError: The master key does not open this database/)
  assert.deepEqual(contents(data_dir), before)
})

test('an administrative command sets nothing up and migrates nothing', async () => {
  const data_dir = join(newDirectory(), 'data')
  const existing = (env: Environment) => openExisting(readConfig(env), createLog('silent'), systemClock)
  await assert.rejects(existing({ SELVAGE_DATA_DIR: data_dir }), /^StartupError: There is no database .*selvage\.db: /)
  assert.equal(existsSync(data_dir), false)
  const DATABASE_URL = await freshPostgres()
  const empty = existing({ SELVAGE_DATA_DIR: data_dir, DATABASE_URL })
  await assert.rejects(empty, /^StartupError: The database is not ready for this version of Selvage: /)
  assert.equal(existsSync(data_dir), false)
})

async function countProjects(url: string): Promise<number> {
  const store = await openStore(url)
  const { rows } = await sql<{ n: number }>`select count(*) as n from projects`.execute(store.read)
  await store.close()
  return rows[0]?.n ?? 0
}
