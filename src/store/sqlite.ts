/** The embedded engine: `node:sqlite` in WAL mode behind Kysely, one connection that writes and one that reads. */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
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

/** How much of the file each connection may keep in memory. */
const cacheKilobytes = 32 * 1024

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
  } catch (error) {
    throw new StartupError(`The embedded database ${path} cannot be opened for writing: ${(error as Error).message}.`)
  }
  const writing = { database: writer, statements: preparedOn(writer) }
  const reading = { database: reader, statements: preparedOn(reader) }
  // A commit makes every other connection forget the pages it has read. So what is read between transactions is read over
  // the connection that writes, which need not forget; while a transaction is open there, it would see too much.
  const idle = () => (writer.isTransaction ? reading : writing)
  const write: Handle = new Kysely({ dialect: dialect(() => writing, false) })
  const read: Handle = new Kysely({ dialect: dialect(idle, true) })
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
    change: <Row>({ sqlite }: KeyedStatement, keys: KeyValue[][], { relaxed }: { relaxed: boolean }) =>
      retryConflicts(() =>
        // The connection is had between two transactions of others, and given back in the same breath.
        write.connection().execute(async () => {
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
            if (relaxed) writer.exec('pragma synchronous = full')
          }
        }),
      ),
    // Statements run to their end here; what bounds them is what they are given.
    bounded: (_, work) => work(store),
    async snapshot(work) {
      const database = new DatabaseSync(path, { timeout: 5000 })
      const connection = { database, statements: preparedOn(database) }
      const handle: Handle = new Kysely({ dialect: dialect(() => connection, true) })
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
      // 64 MiB of pages kept, and as many written before they are folded into the file: rows with random keys touch them anew
      // all the time.
      writer.exec('pragma cache_size = -65536; pragma wal_autocheckpoint = 16384')
    },
    async check() {
      reader.prepare('select 1').get()
    },
    async close() {
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

/** An empty database that nobody else sees, kept on disk when it grows; it is gone when it is closed, or the process ends. */
export function openScratch(): Store {
  const database = new DatabaseSync('')
  database.exec('pragma journal_mode = memory; pragma synchronous = off; pragma cache_size = -65536')
  const connection = { database, statements: preparedOn(database) }
  const write: Handle = new Kysely({ dialect: dialect(() => connection, false) })
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

/** `connection` tells which one a statement runs on at this moment. */
function dialect(connection: () => Connection, concurrent: boolean): Dialect {
  return {
    createDriver: () => driver(connection),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    // The writer's single connection is handed out under Kysely's mutex, so a transaction has it to itself. Reads are
    // single synchronous statements and need no turn.
    createAdapter: () => new (concurrent ? ConcurrentAdapter : SqliteAdapter)(),
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

function driver(current: () => Connection): Driver {
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery) {
      const { statement, returnsRows } = current().statements(sql)
      const values = parameters as SQLInputValue[]
      if (returnsRows) return { rows: statement.all(...values) as R[] }
      const { changes } = statement.run(...values)
      return { rows: [], numAffectedRows: BigInt(changes) }
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
    commitTransaction: async () => void current().database.exec('commit'),
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
