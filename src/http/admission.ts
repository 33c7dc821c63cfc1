/** Which requests are let in when there are more than the process can answer soon, so that the others are answered as always. */
import { setTimeout } from 'node:timers/promises'
import type { App } from '../domain/app.ts'
import { Overload } from '../errors.ts'
import { mayTake } from '../values/share.ts'
import { SECOND } from '../values/time.ts'
import { type Credentials, keepCredentials } from './caller.ts'

/** Somebody whose requests are counted together, and how many of them are in flight. */
export type Guest = { in_flight: number }

export type Admission = {
  /**
   * Lets a request in that has these credentials, or needs none; `leave` has to be called for the guest that it
   * returns. Refuses with `too_many_requests` when the guest has a share of the places already (see `mayTake`), and with
   * `server_unavailable` when there is no place at all.
   */
  enter(credentials: Credentials | undefined): Guest
  leave(guest: Guest): void
  /** Says that these have been confirmed. */
  know(credentials: Credentials): void
  /** Says that these belong to nobody, or not any more. */
  forget(credentials: Credentials): void
  /**
   * Passes before a refusal for overload is sent. Many clients try again at once, whatever they are told. While a client waits for its
   * refusal it costs nothing; one that had it at once would have the event loop read the next request before it goes on with
   * those that are let in.
   */
  beforeRefusal(): Promise<void>
  readonly load: Readonly<{ in_flight: number; refused: Record<'share' | 'full', number> }>
}

/** After how many seconds a refused request may be tried again: places become free within moments. */
const retry_after = 1
/** Milliseconds until a refusal is sent. */
const pause = 200

/**
 * Makes it, with so many places. A project is who its confirmed requests are: credentials that have been confirmed before count
 * for their project. Whatever has not is counted together, as one stranger's, whoever it says to be: so nobody can take up the share of a project
 * without having its secret. Requests that need no credentials are counted together, too.
 */
export function createAdmission({ log, now }: Pick<App, 'log' | 'now'>, places: number): Admission {
  const load = { in_flight: 0, refused: { share: 0, full: 0 } }
  const anybody: Guest = { in_flight: 0 }
  const stranger: Guest = { in_flight: 0 }
  /** What is remembered of headers (`readCredentials`) is the same object each time. */
  const known = new WeakMap<Credentials, Guest>()
  /** By project or workspace key: never more than have been confirmed. */
  const guests = new Map<string, Guest>()
  let told_at = Number.NEGATIVE_INFINITY

  function refuse(reason: 'share' | 'full'): never {
    load.refused[reason]++
    throw new Overload(reason === 'full' ? 'server_unavailable' : 'too_many_requests', retry_after)
  }

  return {
    load,
    enter(credentials) {
      const guest = credentials === undefined ? anybody : (known.get(credentials) ?? stranger)
      if (load.in_flight >= places) refuse('full')
      if (!mayTake(guest.in_flight, load.in_flight, places)) refuse('share')
      guest.in_flight++
      load.in_flight++
      return guest
    },
    leave(guest) {
      guest.in_flight--
      load.in_flight--
    },
    know(credentials) {
      if (known.has(credentials)) return
      keepCredentials(credentials)
      const guest = guests.get(credentials.id) ?? { in_flight: 0 }
      guests.set(credentials.id, guest)
      known.set(credentials, guest)
    },
    beforeRefusal() {
      // One line a second, for a line for each of them would be work that the server has no time for.
      if (Math.abs(now() - told_at) >= SECOND) {
        told_at = now()
        log.warn(load, 'There is more to do than can be done soon; some requests are refused.')
      }
      return setTimeout(pause)
    },
    forget: (credentials) => void known.delete(credentials),
  }
}
