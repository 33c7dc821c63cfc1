/** Batched work: order, freshness, width, and failures that stay where they are. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { batch } from '../../src/store/batch.ts'

/** Work that answers each item with its tenfold when told to, and keeps what it was given. */
function controlled() {
  const calls: { items: number[]; finish: () => void; fail: (error: Error) => void }[] = []
  const work = (items: number[]) =>
    new Promise<number[]>((resolve, reject) => {
      calls.push({ items, finish: () => resolve(items.map((item) => item * 10)), fail: reject })
    })
  return { calls, work, given: () => calls.map(({ items }) => items) }
}

test('what is asked in one turn is done by one call, and each gets its own answer', async () => {
  const { calls, work, given } = controlled()
  const ask = batch(work, { width: 1, most: 100 })
  const answers = Promise.all([3, 1, 2, 1].map(ask))
  assert.deepEqual(given(), [], 'nothing begins before the turn is over')
  await turn()
  assert.deepEqual(given(), [[3, 1, 2, 1]])
  calls[0]?.finish()
  assert.deepEqual(await answers, [30, 10, 20, 10])
})

test('an item never joins work that began before it: a look-up sees what was written before it was asked', async () => {
  let value = 'old'
  const ask = batch(
    async (items: number[]) => {
      const read = value
      await turn()
      await turn()
      return items.map(() => read)
    },
    { width: 1, most: 100 },
  )
  const early = ask(1)
  await turn()
  value = 'new'
  const late = ask(2)
  assert.deepEqual(await Promise.all([early, late]), ['old', 'new'])
})

test('whoever would wait for a crowd does not wait behind work that hangs', async () => {
  const { calls, work, given } = controlled()
  const ask = batch(work, { width: 2, most: 100, crowd: Number.POSITIVE_INFINITY })
  const hanging = ask(1)
  await turn()
  const later = ask(2)
  while (calls.length < 2) await turn()
  assert.deepEqual(given(), [[1], [2]])
  calls[1]?.finish()
  assert.equal(await later, 20)
  calls[0]?.finish()
  assert.equal(await hanging, 10)
})

test('a second call of the work begins for a crowd alone, and nobody waits when none is under way', async () => {
  const { calls, work, given } = controlled()
  const ask = batch(work, { width: 2, most: 100, crowd: 3 })
  const answers = [ask(1)]
  await turn()
  answers.push(ask(2), ask(3))
  await turn()
  assert.deepEqual(given(), [[1]])
  answers.push(ask(4))
  await turn()
  assert.deepEqual(given(), [[1], [2, 3, 4]])
  answers.push(ask(5))
  for (const call of calls) call.finish()
  await turn()
  await turn()
  assert.deepEqual(given(), [[1], [2, 3, 4], [5]])
  calls[2]?.finish()
  assert.deepEqual(await Promise.all(answers), [10, 20, 30, 40, 50])
})

test('while work is under way, what arrives waits and goes out together', async () => {
  const { calls, work, given } = controlled()
  const ask = batch(work, { width: 1, most: 100 })
  const answers = [ask(1)]
  await turn()
  for (const item of [2, 3, 4]) {
    answers.push(ask(item))
    await turn()
  }
  assert.deepEqual(given(), [[1]])
  calls[0]?.finish()
  await turn()
  await turn()
  assert.deepEqual(given(), [[1], [2, 3, 4]])
  calls[1]?.finish()
  assert.deepEqual(await Promise.all(answers), [10, 20, 30, 40])
})

test('no more calls run at a time than the width', async () => {
  const { calls, work, given } = controlled()
  const ask = batch(work, { width: 2, most: 100 })
  const answers: Promise<number>[] = []
  for (const item of [1, 2, 3]) {
    answers.push(ask(item))
    await turn()
  }
  assert.deepEqual(given(), [[1], [2]])
  calls[1]?.finish()
  await turn()
  await turn()
  assert.deepEqual(given(), [[1], [2], [3]])
  for (const { finish } of calls) finish()
  assert.deepEqual(await Promise.all(answers), [10, 20, 30])
})

test('no call gets more items than it may, and none is left behind', async () => {
  const { calls, work } = controlled()
  const ask = batch(work, { width: 1, most: 3 })
  const answers = Promise.all([1, 2, 3, 4, 5, 6, 7].map(ask))
  for (const expected of [[1, 2, 3], [4, 5, 6], [7]]) {
    await turn()
    await turn()
    assert.deepEqual(calls.at(-1)?.items, expected)
    calls.at(-1)?.finish()
  }
  assert.deepEqual(await answers, [10, 20, 30, 40, 50, 60, 70])
})

test('a failure is told to all of its batch and to nobody else, and the next batch goes on', async () => {
  const { calls, work } = controlled()
  const ask = batch(work, { width: 1, most: 2 })
  const settled = Promise.allSettled([1, 2, 3, 4].map(ask))
  await turn()
  calls[0]?.fail(new Error('lost'))
  await turn()
  await turn()
  calls[1]?.finish()
  assert.deepEqual(
    (await settled).map((result) => (result.status === 'fulfilled' ? result.value : result.reason.message)),
    ['lost', 'lost', 30, 40],
  )
  const later = ask(5)
  await turn()
  calls[2]?.finish()
  assert.equal(await later, 50)
})

test('work that throws at once fails its batch and blocks nothing', async () => {
  let broken = true
  const ask = batch(
    (items: number[]) => {
      if (broken) throw new Error('broken')
      return Promise.resolve(items)
    },
    { width: 1, most: 10 },
  )
  await assert.rejects(ask(1), /broken/)
  broken = false
  assert.equal(await ask(2), 2)
})

test('under any arrival, everybody gets the own answer', async () => {
  const bursts = fc.array(fc.array(fc.nat(50), { maxLength: 8 }), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(
      bursts,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 5 }),
      async (given, width, most) => {
        let running = 0
        const ask = batch(
          async (items: number[]) => {
            assert.ok(++running <= width && items.length <= most && items.length > 0)
            await turn()
            running--
            return items.map((item) => item * 10)
          },
          { width, most },
        )
        const answers: Promise<number>[] = []
        for (const burst of given) {
          answers.push(...burst.map(ask))
          await turn()
        }
        assert.deepEqual(
          await Promise.all(answers),
          given.flat().map((item) => item * 10),
        )
      },
    ),
    { numRuns: 100 },
  )
})
