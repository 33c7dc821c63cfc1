/** Whether the processes of this node may have as many database connections as they would open. */
import { type Config, ConfigError } from '../config.ts'
import { connectionLimit } from '../store/connections.ts'
import type { Store } from '../store/store.ts'

/**
 * Throws `ConfigError` with one plain sentence when workers times pool is more than the server allows: the last of them
 * would be refused under load, and not before. Behind a pooler it is the pooler that counts.
 */
export async function checkConnections(store: Store, { database, workers }: Config): Promise<void> {
  if (database.engine === 'sqlite' || database.pooler !== 'none') return
  const allowed = await connectionLimit(store)
  const wanted = workers * database.pool
  if (allowed === undefined || wanted <= allowed) return
  const processes = workers === 1 ? 'one process' : `${workers} processes`
  throw new ConfigError(
    `SELVAGE_DATABASE_POOL: ${processes} with ${database.pool} connections each may open ${wanted}, but PostgreSQL ` +
      `allows ${allowed}: ${remedy(allowed, workers)}, or raise max_connections or the limit of the role or database.`,
  )
}

function remedy(allowed: number, workers: number): string {
  const pool = Math.floor(allowed / workers)
  return pool > 0 ? `set it to ${pool} or less` : 'use fewer workers'
}
