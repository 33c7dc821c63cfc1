/** Removing much in batches that nobody waits for. */
import { setTimeout } from 'node:timers/promises'
import { MINUTE } from '../../values/time.ts'
import type { App } from '../app.ts'

/** Rows of a batch, and for how many times its own duration others have the database to themselves after it. */
type Pace = { least: number; most: number; rest: number }

/**
 * The embedded engine works in the process that answers requests: of a large table, where every row is on pages of its own, a
 * row takes it a third of a millisecond. What PostgreSQL removes, nobody else waits for; it only has to leave the disk to others.
 */
const paces: Record<App['store']['engine'], Pace> = {
  sqlite: { least: 5, most: 500, rest: 4 },
  postgres: { least: 500, most: 500, rest: 1 },
}
/** Milliseconds that a batch may take before the next ones are made smaller. */
const longest = 4
/** So long one purge may go on, before the others have their turn. What is left is for the next round. */
const aTurn = MINUTE

/**
 * Calls `purge` with the rows that it may remove until it removes fewer, or its turn is over, or `stopped`, and returns how many
 * were removed in all.
 */
export async function inBatches(
  { store: { engine } }: Pick<App, 'store'>,
  purge: (limit: number) => Promise<number>,
  stopped: () => boolean,
): Promise<number> {
  const { least, most, rest } = paces[engine]
  let purged = 0
  let limit = least
  const end = performance.now() + aTurn
  while (!stopped() && performance.now() < end) {
    const began = performance.now()
    const removed = await purge(limit)
    const took = performance.now() - began
    purged += removed
    if (removed < limit) break
    if (took > longest) limit = Math.max(least, Math.floor(limit / 2))
    else if (took < longest / 2) limit = Math.min(most, limit * 2)
    await setTimeout(took * rest)
  }
  return purged
}
