/** Work that may be heavy takes turns in a lane of its own, so that it cannot crowd out everything else. */
import { fail } from '../errors.ts'

export type Lane = <T>(work: () => Promise<T>) => Promise<T>

/**
 * A lane in which at most `width` pieces of work run at once; further ones wait for their turn, first come first served.
 * When `longest_queue` of them wait already, more are refused with `server_unavailable` instead of waiting too long.
 */
export function lane(width: number, longest_queue = Number.POSITIVE_INFINITY): Lane {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running < width) running++
    else {
      if (waiting.length >= longest_queue) fail('server_unavailable', undefined, 1)
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    try {
      return await work()
    } finally {
      // The turn goes to the next in line without becoming free in between.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
