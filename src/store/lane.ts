/** Work that may be heavy takes turns in a lane of its own, so that it cannot crowd out everything else. */

export type Lane = <T>(work: () => Promise<T>) => Promise<T>

/** A lane in which at most `width` pieces of work run at once; further ones wait for their turn, first come first served. */
export function lane(width: number): Lane {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= width) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
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
