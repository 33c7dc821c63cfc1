/** Opens an installation: store, schema, master key, and on the first start everything a new one needs. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildApp, type RunningApp } from './app.ts'
import type { Clock } from './clock.ts'
import { type Config, ConfigError } from './config.ts'
import { createKeyring, newMasterKey, parseMasterKeys } from './crypto/keyring.ts'
import type { Log } from './domain/app.ts'
import { checkMasterKey, type FirstCredentials, initialise, isInitialised } from './domain/workspace/installation.ts'
import { migrate } from './store/migrate.ts'
import { openPostgres } from './store/postgres.ts'
import { openSqlite } from './store/sqlite.ts'
import { StartupError, type Store } from './store/store.ts'

export type Installation = RunningApp & {
  /** Set when this call set the database up; the same is in `credentials_path`. */
  first: FirstCredentials | undefined
  credentials_path: string
}

/**
 * Opens the installation that the configuration names. Throws `StartupError` or `ConfigError` with one plain sentence,
 * having overwritten nothing. `close` ends background work and closes the store.
 */
export async function openInstallation(config: Config, log: Log, clock: Clock): Promise<Installation> {
  const store = await openStore(config, log)
  try {
    const applied = await migrate(store, clock.now())
    if (applied.length > 0) log.info({ migrations: applied }, 'Brought the database schema up to date.')
    const initialised = await isInitialised({ store })
    const keyring = createKeyring(readMasterKeys(config, initialised))
    const running = buildApp({ config, store, keyring, log, now: clock.now })
    await checkMasterKey(running.app)
    const credentials_path = join(config.data_dir, 'credentials.json')
    const first = initialised ? undefined : await setUp(running, credentials_path)
    const close = async () => {
      await running.close()
      await store.close()
    }
    return { app: running.app, close, first, credentials_path }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Opens the configured database. */
function openStore(config: Config, log: Log): Promise<Store> {
  const { database } = config
  if (database.engine === 'sqlite') return Promise.resolve().then(() => openSqlite(database.path))
  return openPostgres(database.url, database.pool, (err) => log.warn({ err }, 'An idle database connection was lost.'))
}

/** From the variable, else from the file in the data directory, which is made only for a database that has no key yet. */
function readMasterKeys(config: Config, initialised: boolean): Buffer[] {
  const path = join(config.data_dir, 'master.key')
  const [source, text] = config.master_key
    ? ['SELVAGE_MASTER_KEY', config.master_key]
    : [`The file ${path}`, readOrMakeKeyFile(path, initialised)]
  try {
    return parseMasterKeys(text.trim())
  } catch (error) {
    throw new ConfigError(`${source}: ${(error as Error).message}.`)
  }
}

function readOrMakeKeyFile(path: string, initialised: boolean): string {
  try {
    if (existsSync(path)) return readFileSync(path, 'utf8')
    if (initialised) {
      throw new StartupError(
        `The database has been set up, but its master key is missing: set SELVAGE_MASTER_KEY, or put the key into ${path}.`,
      )
    }
    const key = newMasterKey()
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 })
    writeFileSync(path, `${key}\n`, { mode: 0o600, flag: 'wx', flush: true })
    return key
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Another node of the same start made it between our two looks.
    if (code === 'EEXIST') return readFileSync(path, 'utf8')
    if (code) throw new StartupError(`The master key file ${path} cannot be read or made (${code}).`)
    throw error
  }
}

/**
 * Sets a new database up and leaves the credentials in a file. The file is on disk before the database commits, so no
 * crash can lose the only copy of the secrets; one left by an earlier database is kept under another name.
 */
async function setUp({ app }: RunningApp, path: string): Promise<FirstCredentials | undefined> {
  const pending = `${path}.new`
  try {
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 })
    const first = await initialise(app, (credentials) => {
      rmSync(pending, { force: true })
      writeFileSync(pending, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    })
    if (!first) return undefined
    if (existsSync(path)) {
      const kept = `${path}.${new Date().toISOString().replaceAll(':', '-')}`
      renameSync(path, kept)
      app.log.warn({ kept }, 'credentials.json belonged to another database; it has been kept under another name.')
    }
    renameSync(pending, path)
    return first
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code && /^E[A-Z]+$/.test(code)) throw new StartupError(`The file ${path} cannot be written (${code}).`)
    throw error
  }
}
