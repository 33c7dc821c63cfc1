/** How many connections the database server lets this installation have. */
import { sql } from 'kysely'
import type { Store } from './store.ts'

/**
 * The smallest limit that concerns us: of the server, less what it reserves for superusers, of the database, or of our
 * role. Undefined where there is none: the embedded engine, and servers that speak the protocol but do not say.
 */
export async function connectionLimit({ engine, read }: Store): Promise<number | undefined> {
  if (engine === 'sqlite') return undefined
  const { rows } = await sql<Record<'server' | 'reserved' | 'database' | 'role', string | number | null>>`
    select current_setting('max_connections', true) as server,
      current_setting('superuser_reserved_connections', true) as reserved,
      (select datconnlimit from pg_database where datname = current_database()) as database,
      (select rolconnlimit from pg_roles where rolname = current_user) as role`.execute(read)
  const [{ server, reserved, database, role } = {} as (typeof rows)[number]] = rows
  const limits = [
    server === null ? Number.NaN : Number(server) - Number(reserved ?? 0),
    // Minus one means that there is no limit.
    ...[database, role].map((limit) => (limit === null || Number(limit) < 0 ? Number.NaN : Number(limit))),
  ].filter((limit) => Number.isFinite(limit) && limit > 0)
  return limits.length > 0 ? Math.min(...limits) : undefined
}
