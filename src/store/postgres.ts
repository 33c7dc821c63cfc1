/** PostgreSQL, and what speaks its protocol, behind Kysely. */
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { type Handle, insideTransaction, retryConflicts, StartupError, type Store } from './store.ts'

/** Connects and asks one question. Throws `StartupError` with a plain sentence that never repeats the password. */
export async function openPostgres(url: string, poolSize: number, onIdleError: (error: Error) => void): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 60_000,
    statement_timeout: 30_000,
    application_name: 'selvage',
    types: { getTypeParser: typeParser },
  })
  // Without a listener the loss of an idle connection would end the process; the pool replaces it by itself.
  pool.on('error', onIdleError)
  const write: Handle = new Kysely({ dialect: new PostgresDialect({ pool }) })
  const check = async () => void (await pool.query('select 1'))
  try {
    await check()
  } catch (error) {
    await pool.end()
    const { hostname, port, pathname, searchParams } = new URL(url)
    const target = `${hostname || searchParams.get('host') || 'localhost'}:${port || 5432}${pathname}`
    throw new StartupError(`PostgreSQL at ${target} does not accept us (DATABASE_URL): ${reason(error)}.`)
  }
  return {
    engine: 'postgres',
    read: write,
    write,
    transaction: (work) =>
      retryConflicts(() =>
        write.transaction().execute((transaction) => work(insideTransaction('postgres', transaction))),
      ),
    check,
    close: () => pool.end(),
  }
}

const int8 = 20

/** 64-bit integers as numbers: ours are milliseconds, counts and versions, far below 2^53. */
function typeParser(oid: number, format?: 'text' | 'binary') {
  return oid === int8 ? Number : pg.types.getTypeParser(oid, format as 'text')
}

function reason(error: unknown): string {
  const { code, message, errors } = error as { code?: string; message?: string; errors?: Error[] }
  return message || errors?.[0]?.message || code || String(error)
}
