/** The clock of the running server; in development it can be moved. */

export type Clock = { now(): number }

/** A clock that runs with the machine's and can be moved against it. */
export type MovableClock = Clock & {
  advance(milliseconds: number): void
  reset(): void
}

export const systemClock: Clock = { now: () => Date.now() }

/** A movable clock; `moved` is told after each move. */
export function movableClock(moved: () => void = () => {}): MovableClock {
  let offset = 0
  return {
    now: () => Date.now() + offset,
    advance(milliseconds) {
      offset += milliseconds
      moved()
    },
    reset() {
      offset = 0
      moved()
    },
  }
}
