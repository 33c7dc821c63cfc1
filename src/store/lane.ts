/** Work that may be heavy takes turns in a lane of its own, so that it cannot crowd out everything else. */
import { Overload } from '../errors.ts'
import { mayTake } from '../values/share.ts'
import { SECOND } from '../values/time.ts'

/** What a lane is doing, and how often it has refused since the process began. */
export type Load = { running: number; waiting: number; refused: number }

export type Lane = {
  /** Does work of somebody when it is their turn. Refuses with `server_unavailable` and `too_many_requests`. */
  run<T>(whose: string, work: () => Promise<T>): Promise<T>
  /** Refuses as `run` would at this moment, before anything is done for work that has no turn. */
  check(whose: string): void
  readonly load: Readonly<Load>
}

/** `longest_queue`: how many may wait. `longest_wait`: how long, in milliseconds. `now`: milliseconds of any clock that runs evenly. */
export type LaneOptions = {
  width: number
  longest_queue: number
  longest_wait: number
  now?: () => number
}

/** How much the newest piece of work counts in the time that one is expected to take. */
const weight = 1 / 8

/**
 * A lane in which at most `width` pieces of work run at once. Further ones wait for their turn: whoever waits has turns in
 * rotation, whatever others have brought, and their own work is done in the order in which it came. Instead of waiting too long it is refused at
 * once, with the time after which trying again makes sense: with `too_many_requests` when whose it is has a share of the queue
 * already (see `mayTake`), with `server_unavailable` when the queue is full, or its turn would come too late.
 */
export function lane({ width, longest_queue, longest_wait, now = () => performance.now() }: LaneOptions): Lane {
  const load = { running: 0, waiting: 0, refused: 0 }
  /** The line of each who waits; whose turn is next comes first. */
  const lines = new Map<string, (() => void)[]>()
  /** Milliseconds that a piece of work takes, of late. */
  let usual = 0

  /** Milliseconds until the turn of new work: its owner's line goes before it, and beside each of it one of everybody else's. */
  function expectedWait(whose: string): number {
    const own = lines.get(whose)?.length ?? 0
    let before = own + 1
    for (const [other, line] of lines) if (other !== whose) before += Math.min(line.length, own + 1)
    return (before * usual) / width
  }

  function refuse(error_type: 'server_unavailable' | 'too_many_requests', wait: number): never {
    load.refused++
    throw new Overload(error_type, Math.max(1, Math.ceil(wait / SECOND)))
  }

  function check(whose: string) {
    if (load.running < width) return
    const wait = expectedWait(whose)
    if (load.waiting >= longest_queue || wait > longest_wait) refuse('server_unavailable', wait)
    if (!mayTake(lines.get(whose)?.length ?? 0, load.waiting, longest_queue)) refuse('too_many_requests', wait)
  }

  function inLine(whose: string): Promise<void> {
    check(whose)
    const line = lines.get(whose) ?? []
    load.waiting++
    lines.set(whose, line)
    return new Promise((resolve) => line.push(resolve))
  }

  /** The turn goes to the next in line without becoming free in between. */
  function next() {
    const [first] = lines
    if (!first) {
      load.running--
      return
    }
    const [whose, line] = first
    lines.delete(whose)
    load.waiting--
    line.shift()?.()
    if (line.length > 0) lines.set(whose, line)
  }

  return {
    load,
    check,
    async run(whose, work) {
      if (load.running < width) load.running++
      else await inLine(whose)
      const began = now()
      try {
        return await work()
      } finally {
        const took = now() - began
        usual = usual === 0 ? took : usual + (took - usual) * weight
        next()
      }
    },
  }
}
