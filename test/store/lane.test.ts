/** Lanes: heavy work takes turns, fairly, and is refused rather than kept waiting too long. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Refusal } from '../../src/errors.ts'
import { type LaneOptions, lane } from '../../src/store/lane.ts'
import { SECOND } from '../../src/values/time.ts'

/** A lane whose work ends when the test says so, each piece after `milliseconds` of its clock; `done` names what has run, in order. */
function scene(options: Partial<LaneOptions>) {
  let time = 0
  const ends: (() => void)[] = []
  const done: string[] = []
  const made = lane({
    width: 1,
    longest_queue: 100,
    longest_wait: Number.POSITIVE_INFINITY,
    now: () => time,
    ...options,
  })
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  return {
    load: made.load,
    done,
    /** Brings work; tells how it was refused, or nothing when it has its turn one day. */
    async bring(whose: string, name = whose) {
      let refusal: Refusal | undefined
      made
        .run(whose, async () => {
          await new Promise<void>((resolve) => ends.push(resolve))
          done.push(name)
        })
        .catch((error) => {
          refusal = error
        })
      await settled()
      return refusal && [refusal.error_type, refusal.retry_after]
    },
    async end(milliseconds = 1) {
      time += milliseconds
      ends.shift()?.()
      await settled()
    },
  }
}

test('who floods a lane waits for their own flood: others have every second turn', async () => {
  const { bring, end, done } = scene({})
  for (const name of ['a1', 'a2', 'a3', 'a4']) await bring('a', name)
  for (const name of ['b1', 'b2']) await bring('b', name)
  await bring('c', 'c1')
  for (let turn = 0; turn < 7; turn++) await end()
  assert.deepEqual(done, ['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4'])
})

test('who has a share of the queue is refused, and others still find a place until it is full', async () => {
  const { bring, end, load } = scene({ longest_queue: 3 })
  await bring('a')
  assert.equal(await bring('a'), undefined)
  assert.equal(await bring('a'), undefined)
  assert.deepEqual(await bring('a'), ['too_many_requests', 1])
  assert.equal(await bring('b'), undefined)
  assert.deepEqual(await bring('c'), ['server_unavailable', 1])
  assert.deepEqual(load, { running: 1, waiting: 3, refused: 2 })
  await end()
  assert.equal(await bring('c'), undefined)
  for (let turn = 0; turn < 4; turn++) await end()
  assert.deepEqual(load, { running: 0, waiting: 0, refused: 2 })
})

test('work whose turn would come too late is refused at once, with the time until then; others whose turn is near are not', async () => {
  const { bring, end } = scene({ longest_wait: 5 * SECOND })
  await bring('a')
  await end(2 * SECOND)
  await bring('a')
  assert.equal(await bring('a'), undefined)
  assert.equal(await bring('a'), undefined)
  assert.deepEqual(await bring('a'), ['server_unavailable', 6])
  assert.equal(await bring('b'), undefined)
  assert.deepEqual(await bring('c'), ['server_unavailable', 6])
  await end(2 * SECOND)
  await end(2 * SECOND)
  assert.equal(await bring('c'), undefined)
})

test('a lane that has become fast lets more wait again', async () => {
  const { bring, end } = scene({ longest_wait: 5 * SECOND })
  await bring('a')
  await end(10 * SECOND)
  await bring('a')
  assert.deepEqual(await bring('a'), ['server_unavailable', 10])
  await end(0)
  for (let round = 0; round < 8; round++) {
    await bring('a')
    await end(0)
  }
  await bring('a')
  assert.equal(await bring('a'), undefined)
})
