/** Opens an installation: store, schema, master key, and on the first start everything a new one needs. */
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { buildApp, type RunningApp } from './app.ts'
import type { Clock } from './clock.ts'
import { type Config, ConfigError, type PostgresDatabase } from './config.ts'
import { createKeyring, newMasterKey, parseMasterKeys } from './crypto/keyring.ts'
import { hashSecret } from './crypto/tokens.ts'
import type { App, Log } from './domain/app.ts'
import { checkMasterKey, type FirstCredentials, initialise, isInitialised } from './domain/workspace/installation.ts'
import { isWorkspaceKey } from './domain/workspace/key.ts'
import { isMigrated, migrate } from './store/migrate.ts'
import { openPostgres } from './store/postgres.ts'
import { openSqlite } from './store/sqlite.ts'
import { StartupError, type Store } from './store/store.ts'
import { DAY } from './values/time.ts'

export type Installation = RunningApp & {
  /** Set when this call set the database up; the same is in `credentials_path`. */
  first: FirstCredentials | undefined
  credentials_path: string
}

/**
 * Opens the installation that the configuration names, migrating it, and setting a new one up. Throws `StartupError` or
 * `ConfigError` with one plain sentence, having overwritten nothing. `close` ends background work and closes the store.
 */
export async function openInstallation(config: Config, log: Log, clock: Clock): Promise<Installation> {
  const store = await openStore(config, log)
  return closingOnFailure(store, async () => {
    // What refuses the database goes before anything that changes it: a newer schema, then a key that does not open it.
    const migrated = await isMigrated(store)
    const initialised = await isInitialised({ store })
    const running = build(config, store, log, clock, readMasterKeys(config, initialised))
    if (initialised) await checkMasterKey(running.app)
    if (!migrated) await bringUpToDate(config, store, log, clock)
    const credentials_path = join(config.data_dir, 'credentials.json')
    const first = initialised
      ? await recoverCredentials(running.app, credentials_path)
      : await setUp(running.app, credentials_path)
    return { ...running, first, credentials_path }
  })
}

/**
 * Opens an installation that is there already, for one administrative command: it neither migrates nor sets anything up,
 * so a wrong directory or a newer program changes nothing. Throws `StartupError` or `ConfigError` with one plain sentence.
 */
export async function openExisting(config: Config, log: Log, clock: Clock): Promise<RunningApp> {
  const { database } = config
  if (database.engine === 'sqlite' && !existsSync(database.path)) {
    throw new StartupError(
      `There is no database ${database.path}: look at SELVAGE_DATA_DIR and DATABASE_URL, ${orSetUp}.`,
    )
  }
  const store = await openStore(config, log)
  return closingOnFailure(store, async () => {
    if (!(await isMigrated(store)) || !(await isInitialised({ store }))) {
      throw new StartupError(`The database is not ready for this version of Selvage: ${orSetUp}.`)
    }
    const running = build(config, store, log, clock, readMasterKeys(config, true))
    await checkMasterKey(running.app)
    return running
  })
}

const orSetUp = 'or run "selvage migrate" to set it up'

async function closingOnFailure<T>(store: Store, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await store.close()
    throw error
  }
}

function build(config: Config, store: Store, log: Log, clock: Clock, master_keys: Buffer[]): RunningApp {
  const running = buildApp({ config, store, keyring: createKeyring(master_keys), log, now: clock.now })
  const close = async () => {
    await running.close()
    await store.close()
  }
  return { ...running, close }
}

/** Opens the configured database. */
async function openStore({ database }: Config, log: Log): Promise<Store> {
  return database.engine === 'sqlite' ? openSqlite(database.path) : openPool(database, log)
}

function openPool(
  { url, ...options }: PostgresDatabase & { statement_milliseconds?: number },
  log: Log,
): Promise<Store> {
  return openPostgres(url, options, (err) => log.warn({ err }, 'An idle database connection was lost.'))
}

/** Over a connection of its own, where a step may take longer on a large table than a statement of a request may. */
async function bringUpToDate({ database }: Config, store: Store, log: Log, clock: Clock): Promise<void> {
  const patient =
    database.engine === 'sqlite' ? store : await openPool({ ...database, pool: 1, statement_milliseconds: DAY }, log)
  try {
    const applied = await migrate(patient, clock.now())
    if (applied.length > 0) log.info({ migrations: applied }, 'Brought the database schema up to date.')
  } finally {
    if (patient !== store) await patient.close()
  }
}

/** From the variable, else from the file in the data directory, which is made only for a database that has no key yet. */
function readMasterKeys({ master_keys, data_dir }: Config, initialised: boolean): Buffer[] {
  if (master_keys) return master_keys
  const path = join(data_dir, 'master.key')
  const text = onDisk(path, () => {
    if (!existsSync(path)) {
      if (initialised) {
        throw new StartupError(
          `The database has been set up, but its master key is missing: set SELVAGE_MASTER_KEY, or put the key into ${path}.`,
        )
      }
      makeKeyFile(path)
    }
    return readFileSync(path, 'utf8')
  })
  try {
    return parseMasterKeys(text.trim())
  } catch (error) {
    throw new ConfigError(`The file ${path}: ${(error as Error).message}.`)
  }
}

/** The file appears with its content or not at all, and never in place of another node's. */
function makeKeyFile(path: string): void {
  const draft = `${path}.${randomUUID()}.new`
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(draft, `${newMasterKey()}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(draft, path)
  } catch (error) {
    // Another process of the same start made it between our two looks.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  flushDirectory(path)
}

/**
 * Sets a new database up and leaves the credentials in a file. The file is on disk before the database commits, so no
 * crash can lose the only copy of the secrets. Undefined when another node was first.
 */
async function setUp(app: App, path: string): Promise<FirstCredentials | undefined> {
  const draft = draftOf(path)
  const first = await initialise(app, (credentials) =>
    onDisk(path, () => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      rmSync(draft, { force: true })
      writeFileSync(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true })
      flushDirectory(path)
    }),
  )
  if (first) publishCredentials(app, path)
  // The other node may have another master key.
  else await checkMasterKey(app)
  return first
}

/** Finishes a set-up that was interrupted after its commit: the credentials are then still a draft. */
async function recoverCredentials(app: App, path: string): Promise<FirstCredentials | undefined> {
  const draft = readDraft(draftOf(path))
  const key = draft && { key_id: draft.workspace.key_id, secret_hash: hashSecret(draft.workspace.secret) }
  if (!draft || !key || !(await isWorkspaceKey(app, key))) return undefined
  publishCredentials(app, path)
  return draft
}

function readDraft(path: string): FirstCredentials | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as FirstCredentials
  } catch {
    // There is none, or its writer was interrupted, and then no database depends on it.
    return undefined
  }
}

/** Gives the draft its name; a file left by an earlier database is kept under another one. */
function publishCredentials(app: App, path: string): void {
  onDisk(path, () => {
    // Another process that started at the same time has published it already.
    if (!existsSync(draftOf(path))) return
    if (existsSync(path)) {
      const kept = `${path}.${new Date().toISOString().replaceAll(':', '-')}`
      renameSync(path, kept)
      app.log.warn({ kept }, 'credentials.json belonged to another database; it has been kept under another name.')
    }
    renameSync(draftOf(path), path)
    flushDirectory(path)
  })
}

function draftOf(path: string): string {
  return `${path}.new`
}

/** Makes sure that a new name in the directory of `path` survives a power cut. */
function flushDirectory(path: string): void {
  const directory = openSync(dirname(path), 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

/** Turns what the file system refuses into a sentence about that file. */
function onDisk<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new StartupError(`The file ${path} cannot be read or written (${code}).`)
  }
}
