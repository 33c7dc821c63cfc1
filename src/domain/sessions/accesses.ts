/** When sessions were last used: written once a second and session, together with all that are used at the same moment. */
import { batch } from '../../store/batch.ts'
import type { Store } from '../../store/store.ts'
import { SECOND } from '../../values/time.ts'
import type { App } from '../app.ts'
import { type Touch, touchSessions } from './table.ts'

/**
 * Returns what notes accesses and extensions of sessions. An access that this process has written in the same second is no news,
 * whoever looked the session up before.
 */
export function sessionAccesses(store: Store): App['touches'] {
  // One commit at a time, unless it takes long: while it is on its way to the disk, the next one gathers.
  const write = batch((touches: Touch[]) => touchSessions(store, touches), {
    width: 2,
    most: 1000,
    crowd: Number.POSITIVE_INFINITY,
  })
  let second: number | undefined
  let noted = new Set<string>()

  async function note(touch: Touch): Promise<boolean> {
    const isAlive = await write(touch)
    const now = Math.floor(touch.at / SECOND)
    if (now !== second) {
      second = now
      noted = new Set()
    }
    if (isAlive) noted.add(touch.session_id)
    return isAlive
  }

  return (touch) => {
    const isNoted =
      touch.expires_at === undefined && Math.floor(touch.at / SECOND) === second && noted.has(touch.session_id)
    return isNoted || note(touch)
  }
}
