/** Purging in batches: all of it, in small pieces, and never against a wish to stop. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inBatches } from '../../../src/domain/maintenance/batches.ts'
import { onBothEngines, world } from '../../support/world.ts'

onBothEngines('purging in batches', (engine) => {
  test('goes on until there is nothing left, and tells how much there was', async () => {
    const { app } = await world(engine)
    let left = 1234
    const limits: number[] = []
    const purge = async (limit: number) => {
      limits.push(limit)
      const removed = Math.min(left, limit)
      left -= removed
      return removed
    }
    assert.equal(await inBatches(app, purge, () => false), 1234)
    assert.equal(left, 0)
    assert.ok(limits.every((limit) => limit >= 1 && limit <= 500))
  })

  test('leaves the event loop to others after each batch', async () => {
    const { app } = await world(engine)
    let batches = 0
    let turns = 0
    const turn = setInterval(() => turns++, 0)
    await inBatches(
      app,
      async (limit) => {
        const busy = performance.now() + 3
        while (performance.now() < busy);
        return ++batches < 10 ? limit : 0
      },
      () => false,
    )
    clearInterval(turn)
    assert.ok(turns >= 9, `${turns} turns`)
  })

  test('ends between two batches when it is to stop', async () => {
    const { app } = await world(engine)
    let batches = 0
    const purge = async (limit: number) => {
      batches++
      return limit
    }
    await inBatches(app, purge, () => batches === 3)
    assert.equal(batches, 3)
  })
})

test('what takes the embedded engine long is removed in smaller batches', async () => {
  const { app } = await world('sqlite')
  const limits: number[] = []
  const purge = async (limit: number) => {
    limits.push(limit)
    // A row takes a tenth of a millisecond.
    const busy = performance.now() + limit / 10
    while (performance.now() < busy);
    return limits.length < 30 ? limit : 0
  }
  await inBatches(app, purge, () => false)
  assert.ok(Math.max(...limits) <= 80, limits.join(' '))
})
