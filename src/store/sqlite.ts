/** The embedded engine: `node:sqlite` in WAL mode behind Kysely, one connection that writes and one that reads. */
import { closeSync, fdatasync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { promisify } from 'node:util'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { LRUCache } from 'lru-cache'
import type { KeyedStatement, KeyValue } from './keyed.ts'
import { type Handle, insideTransaction, retryConflicts, StartupError, type Store } from './store.ts'
import { readingThreads } from './threads.ts'

/** How much of the file each connection may keep in memory. */
const cacheKilobytes = 32 * 1024
/**
 * Pages of 4 KiB in the log before they are folded into the file, which is waited for until it is on the disk: pages that were
 * written many times since are folded once.
 */
const logPages = 16_384
/** Milliseconds after which what relaxed commits have left to the system is on its way to the disk. */
const syncDelay = 250

/** Opens the file, creating it and its directory when missing. Throws `StartupError` with a plain sentence. */
export function openSqlite(path: string): Store {
  let writer: DatabaseSync
  let reader: DatabaseSync
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    // The log files beside it take over its mode.
    closeSync(openSync(path, 'a', 0o600))
    writer = new DatabaseSync(path, { timeout: 5000 })
    writer.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
    // Fails at once on a file or directory that cannot be written, before anything depends on it.
    writer.exec('begin immediate; rollback')
    reader = new DatabaseSync(path, { timeout: 5000 })
    reader.exec('pragma query_only = on')
    for (const database of [writer, reader]) database.exec(`pragma cache_size = -${cacheKilobytes}`)
    writer.exec(`pragma wal_autocheckpoint = ${logPages}`)
  } catch (error) {
    throw new StartupError(`The embedded database ${path} cannot be opened for writing: ${(error as Error).message}.`)
  }
  const moments = momentsOf(writer)
  const writing = { database: writer, statements: preparedOn(writer) }
  const reading = { database: reader, statements: preparedOn(reader) }
  // A commit makes every other connection forget the pages it has read. So what is read between transactions is read over
  // the connection that writes, which need not forget; while a transaction is open there, it would see too much.
  const idle = () => (writer.isTransaction ? reading : writing)
  const write: Handle = new Kysely({ dialect: dialect(() => writing, moments.next) })
  const read: Handle = new Kysely({ dialect: dialect(idle) })
  const threads = readingThreads(path)
  const log = backgroundSync(`${path}-wal`)
  const store: Store = {
    engine: 'sqlite',
    read,
    write,
    transaction: (work) =>
      retryConflicts(() =>
        write.transaction().execute((transaction) => work(insideTransaction('sqlite', transaction))),
      ),
    async find<Row>({ sqlite }: KeyedStatement, keys: KeyValue[][]) {
      const { statement } = idle().statements(sqlite)
      return keys.map((key) => statement.get(...key) as Row | undefined)
    },
    async change<Row>({ sqlite }: KeyedStatement, keys: KeyValue[][], { relaxed }: { relaxed: boolean }) {
      const commit = () => {
        if (relaxed) writer.exec('pragma synchronous = normal')
        try {
          writer.exec('begin immediate')
          const { statement } = writing.statements(sqlite)
          const rows = keys.map((key) => statement.get(...key) as Row | undefined)
          writer.exec('commit')
          return rows
        } catch (error) {
          if (writer.isTransaction) writer.exec('rollback')
          throw error
        } finally {
          if (relaxed) {
            writer.exec('pragma synchronous = full')
            log.soon()
          } else moments.next()
        }
      }
      // It begins and ends in one breath, so it fits between any two statements but those of one transaction.
      return writer.isTransaction ? write.connection().execute(async () => commit()) : commit()
    },
    moment: moments.now,
    bounded: threads.bounded,
    async snapshot(work) {
      const database = new DatabaseSync(path, { timeout: 5000 })
      const connection = { database, statements: preparedOn(database) }
      const handle: Handle = new Kysely({ dialect: dialect(() => connection) })
      try {
        // The first read fixes what all of them see.
        database.exec('pragma query_only = on; begin')
        return await work(insideTransaction('sqlite', handle))
      } finally {
        await handle.destroy()
        database.close()
      }
    },
    expectMuch() {
      // Rows with random keys touch the same pages all the time.
      writer.exec(`pragma cache_size = -${2 * cacheKilobytes}; pragma wal_autocheckpoint = ${2 * logPages}`)
    },
    async check() {
      reader.prepare('select 1').get()
    },
    async close() {
      await threads.close()
      await log.close()
      await read.destroy()
      await write.destroy()
      reader.close()
      // Folds the write-ahead log into the file, so that a copy of the file alone is complete.
      writer.exec('pragma wal_checkpoint(truncate)')
      writer.close()
    },
  }
  return store
}

/**
 * Has a file written to the disk off the event loop, soon after it was asked for: when the engine waits for that itself, at every
 * other commit and before the log is folded, little is left to wait for.
 */
function backgroundSync(path: string): { soon(): void; close(): Promise<void> } {
  let file: number | undefined
  let timer: NodeJS.Timeout | undefined
  let syncing: Promise<void> | undefined
  const sync = async () => {
    // Whatever is committed from here on asks anew.
    timer = undefined
    try {
      file ??= openSync(path, 'r')
      await promisify(fdatasync)(file)
    } catch {
      // What cannot be written shows where it is waited for.
    }
  }
  return {
    soon() {
      timer ??= setTimeout(() => {
        syncing = Promise.resolve(syncing).then(sync)
      }, syncDelay).unref()
    },
    async close() {
      clearTimeout(timer)
      await syncing
      if (file !== undefined) closeSync(file)
    },
  }
}

/**
 * Counts moments between commits: `next` begins one when this process has committed, and `now` notices by itself when
 * another one has (`pragma data_version`, which tells of other connections only). It looks once a turn of the event loop, which
 * begins where the loop asks the system what has arrived: what is answered in a turn had arrived before the look.
 */
function momentsOf(database: DatabaseSync): { now: () => number; next: () => void } {
  const others = database.prepare('pragma data_version')
  others.setReturnArrays(true)
  let moment = 0
  let known: unknown
  let looked_in: number | undefined
  return {
    now() {
      const turn = performance.nodeTiming.uvMetricsInfo.loopCount
      if (turn === looked_in) return moment
      looked_in = turn
      const [version] = others.get() as unknown as unknown[]
      if (version !== known) {
        known = version
        moment++
      }
      return moment
    },
    next() {
      moment++
    },
  }
}

/** An empty database that nobody else sees, kept on disk when it grows; it is gone when it is closed, or the process ends. */
export function openScratch(): Store {
  const database = new DatabaseSync('')
  database.exec('pragma journal_mode = memory; pragma synchronous = off; pragma cache_size = -65536')
  const connection = { database, statements: preparedOn(database) }
  const write: Handle = new Kysely({
    dialect: dialect(
      () => connection,
      () => {},
    ),
  })
  const store: Store = {
    ...insideTransaction('sqlite', write),
    transaction: (work) => write.transaction().execute((transaction) => work(insideTransaction('sqlite', transaction))),
    async close() {
      await write.destroy()
      database.close()
    },
  }
  return store
}

/** A connection with the statements that are prepared on it. */
type Connection = { database: DatabaseSync; statements: (text: string) => Prepared }
type Prepared = { statement: StatementSync; returnsRows: boolean }

/**
 * `connection` tells which one a statement runs on at this moment. `committed`, without which the dialect is for reading alone,
 * is called whenever something may have been committed.
 */
function dialect(connection: () => Connection, committed?: () => void): Dialect {
  return {
    createDriver: () => driver(connection, committed),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    // The writer's single connection is handed out under Kysely's mutex, so a transaction has it to itself. Reads are
    // single synchronous statements and need no turn.
    createAdapter: () => new (committed ? SqliteAdapter : ConcurrentAdapter)(),
  }
}

class ConcurrentAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

/** Prepares statements of a connection and keeps them. */
function preparedOn(database: DatabaseSync): Connection['statements'] {
  const statements = new LRUCache<string, Prepared>({
    max: 500,
    // In characters of SQL, which is what a prepared statement's memory follows; a long one is not kept at all.
    maxSize: 1024 * 1024,
    maxEntrySize: 8 * 1024,
    sizeCalculation: (_, text) => text.length,
  })
  return (text) => {
    let prepared = statements.get(text)
    if (!prepared) {
      const statement = database.prepare(text)
      prepared = { statement, returnsRows: statement.columns().length > 0 }
      statements.set(text, prepared)
    }
    return prepared
  }
}

function driver(current: () => Connection, committed: () => void = () => {}): Driver {
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery) {
      const { database, statements } = current()
      const { statement, returnsRows } = statements(sql)
      const values = parameters as SQLInputValue[]
      try {
        if (returnsRows) return { rows: statement.all(...values) as R[] }
        const { changes } = statement.run(...values)
        return { rows: [], numAffectedRows: BigInt(changes) }
      } finally {
        if (!database.isTransaction) committed()
      }
    },
    // biome-ignore lint/correctness/useYield: rows are never streamed; the interface asks for the method
    async *streamQuery() {
      throw new Error('Streaming is not used with the embedded engine.')
    },
  }
  return {
    async init() {},
    acquireConnection: async () => connection,
    // `immediate` takes the write lock at once: a transaction that begins reading cannot fail to become a writer later.
    beginTransaction: async () => void current().database.exec('begin immediate'),
    async commitTransaction() {
      try {
        current().database.exec('commit')
      } finally {
        committed()
      }
    },
    async rollbackTransaction() {
      // A full disk ends the transaction by itself; what went wrong must not be hidden behind a second complaint.
      const { database } = current()
      if (database.isTransaction) database.exec('rollback')
    },
    async releaseConnection() {},
    // Both connections are closed together, by `close` of the store.
    async destroy() {},
  }
}
