/** PostgreSQL, and what speaks its protocol, behind Kysely. */
import type { Socket } from 'node:net'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { byKey, columnsOf, type KeyValue, unnested } from './keyed.ts'
import { type Handle, insideTransaction, retryConflicts, StartupError, StatementTimeout, type Store } from './store.ts'

/**
 * `pool`: connections at most. `wait_seconds`: how long a transaction waits for one of them before it fails. `pooler`: what
 * stands before the server; one in transaction mode gives each transaction another connection. `statement_milliseconds`:
 * how long a statement may take, 30 seconds by default.
 */
export type PostgresOptions = {
  pool: number
  wait_seconds: number
  pooler: 'none' | 'transaction'
  statement_milliseconds?: number
}

/** Connects and asks one question. Throws `StartupError` with a plain sentence that never repeats the password. */
export async function openPostgres(
  url: string,
  { pool: max, wait_seconds, pooler, statement_milliseconds = 30_000 }: PostgresOptions,
  onIdleError: (error: Error) => void,
): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: wait_seconds * 1000,
    idleTimeoutMillis: 60_000,
    // What belongs to a connection means nothing behind a pooler: there it is the database's role that limits statements.
    ...(pooler === 'none' ? { statement_timeout: statement_milliseconds, application_name: 'selvage' } : {}),
    types: { getTypeParser: typeParser },
  })
  // Without a listener the loss of an idle connection would end the process; the pool replaces it by itself.
  pool.on('error', onIdleError)
  // Nor does the pool listen to one that is lost between two statements of a transaction: the next statement fails.
  pool.on('connect', (client) => {
    client.on('error', () => {})
    // A server whose machine is gone says nothing at all, and the system would try to reach it for a quarter of an hour.
    const wire = client as unknown as Wire
    wire.connection.stream.setTimeout(1.2 * statement_milliseconds, () => {
      if (!wire.readyForQuery) wire.connection.stream.destroy()
    })
  })
  const write: Handle = new Kysely({ dialect: new PostgresDialect({ pool }) })
  async function keyed<Row>(name: string, text: string, keys: KeyValue[][]): Promise<(Row | undefined)[]> {
    if (keys.length === 0) return []
    // Statements are prepared on the connection, by their name.
    const kept = pooler === 'none' ? { name } : {}
    const { rows } = await pool.query<Row & { key_number: number }>({ ...kept, text, values: columnsOf(keys) })
    return byKey(keys.length, rows)
  }
  const check = async () => void (await pool.query('select 1'))
  let encoding: string
  try {
    const { rows } = await pool.query<{ server_encoding: string }>('show server_encoding')
    encoding = rows[0]?.server_encoding ?? ''
  } catch (error) {
    await pool.end()
    const { hostname, port, pathname, searchParams } = new URL(url)
    const target = `${hostname || searchParams.get('host') || 'localhost'}:${port || 5432}${pathname}`
    throw new StartupError(`PostgreSQL at ${target} does not accept us (DATABASE_URL): ${reason(error)}.`)
  }
  if (encoding !== 'UTF8') {
    await pool.end()
    // Text that it cannot hold would fail statements, and with them whoever shares a batched one.
    throw new StartupError(
      `The database of DATABASE_URL has the encoding ${encoding}: use one that is created with UTF8.`,
    )
  }
  return {
    engine: 'postgres',
    read: write,
    write,
    transaction: (work) =>
      retryConflicts(() =>
        write.transaction().execute((transaction) => work(insideTransaction('postgres', transaction))),
      ),
    find: ({ name, columns, postgres }, keys) => keyed(name, postgres(unnested(columns)), keys),
    change({ name, columns, postgres }, keys, { relaxed }) {
      const source = unnested(columns)
      const text = relaxed ? `${relaxing} ${postgres(`relaxed, ${source}`)}` : postgres(source)
      return retryConflicts(() => keyed(relaxed ? `${name}, relaxed` : name, text, keys))
    },
    moment: () => undefined,
    async bounded(milliseconds, work) {
      try {
        return await write.transaction().execute(async (transaction) => {
          await sql`set local statement_timeout = ${sql.lit(milliseconds)}`.execute(transaction)
          return work(insideTransaction('postgres', transaction))
        })
      } catch (error) {
        if ((error as { code?: unknown }).code === queryCanceled) throw new StatementTimeout()
        throw error
      }
    },
    snapshot: (work) =>
      write
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute((transaction) => work(insideTransaction('postgres', transaction))),
    expectMuch: () => {},
    check,
    close: () => pool.end(),
  }
}

/** Before a statement that reads from `relaxed`: its commit is not waited for until it is on the disk. Ends with the statement. */
const relaxing = `with relaxed as materialized (select set_config('synchronous_commit', 'off', true))`

/** What the client knows of its connection, which its types do not tell. */
type Wire = { connection: { stream: Socket }; readyForQuery: boolean }

const int8 = 20
const queryCanceled = '57014'

/** 64-bit integers as numbers: ours are milliseconds, counts and versions, far below 2^53. */
function typeParser(oid: number, format?: 'text' | 'binary') {
  return oid === int8 ? Number : pg.types.getTypeParser(oid, format as 'text')
}

function reason(error: unknown): string {
  const { code, message, errors } = error as { code?: string; message?: string; errors?: Error[] }
  return message || errors?.[0]?.message || code || String(error)
}
