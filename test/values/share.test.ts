/** How whatever is scarce is shared. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mayTake } from '../../src/values/share.ts'

/** What so many greedy ones hold when they take in this order whatever they get. */
function taken(places: number, order: number[]): Map<number, number> {
  const held = new Map<number, number>()
  let total = 0
  for (const one of order) {
    if (!mayTake(held.get(one) ?? 0, total, places)) continue
    held.set(one, (held.get(one) ?? 0) + 1)
    total++
  }
  return held
}

test('one alone gets half, and each of n a part of n + 1', () => {
  for (const n of [1, 2, 3, 9]) {
    const order = Array.from({ length: 1000 * n }, (_, index) => index % n)
    const held = taken(1000, order)
    for (const count of held.values()) assert.ok(Math.abs(count - 1000 / (n + 1)) <= 1, `${n}: ${count}`)
  }
})

test('whoever holds nothing finds a place, however greedy the others are and in whatever order they come', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(7), { maxLength: 500 }), fc.integer({ min: 16, max: 100 }), (order, places) => {
      const total = [...taken(places, order).values()].reduce((sum, count) => sum + count, 0)
      assert.ok(mayTake(0, total, places))
    }),
  )
})

test('nobody gets what is not there', () => {
  assert.equal(mayTake(0, 10, 10), false)
  assert.equal(mayTake(0, 0, 0), false)
})
