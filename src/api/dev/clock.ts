/** POST /dev/clock: moves the clock of a development server; the route exists only with `SELVAGE_DEV_CLOCK=1`. */
import { z } from 'zod'
import type { MovableClock } from '../../clock.ts'
import { fail } from '../../errors.ts'
import { rfc3339, SECOND } from '../../values/time.ts'
import { maybe } from '../../wire/shape.ts'
import { type Operation, operation } from '../operation.ts'

const furthest = 50 * 366 * 24 * 3600

/** The operation for that clock. */
export function clockOperation(clock: MovableClock): Operation {
  return operation({
    route: 'POST /dev/clock',
    name: 'selvage_dev_v1_Clock',
    sdk: '',
    summary: 'Moves the clock of this development server, or returns it to the real time.',
    caller: 'workspace',
    body: { advance_seconds: maybe(z.int()), reset: maybe(z.boolean()) },
    reply: { now: z.string() },
    async run(_app, { body: { advance_seconds, reset } }) {
      if (advance_seconds === undefined && !reset) fail('bad_request', 'Give advance_seconds, or reset: true.')
      const target = (reset ? Date.now() : clock.now()) + (advance_seconds ?? 0) * SECOND
      if (Math.abs(target - Date.now()) > furthest * SECOND) {
        fail('bad_request', `The clock can be moved by at most ${furthest} seconds.`)
      }
      if (reset) clock.reset()
      if (advance_seconds !== undefined) clock.advance(advance_seconds * SECOND)
      return { now: rfc3339(clock.now()) }
    },
  })
}
