/** Merging custom claims, as a property against a naive model. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mergeClaims } from '../../../src/domain/sessions/claims.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../src/values/json.ts'

const { value: anyJson } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<Json>(null, true, 0, 'x'),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}))
const claims = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), anyJson, {
  maxKeys: 4,
  noNullPrototype: true,
}) as fc.Arbitrary<JsonObject>

/** Every path to a leaf, with what is there. */
function leaves(value: Json, path = ''): [string, Json][] {
  if (!isJsonObject(value)) return [[path, value]]
  const inside = Object.entries(value).flatMap(([name, child]) => leaves(child, `${path}/${name}`))
  return inside.length > 0 ? inside : [[path, {}]]
}

test('after a merge every given value is there, every given null is gone, and what was not named stays', () => {
  fc.assert(
    fc.property(claims, claims, (before, change) => {
      const current = mergeClaims({}, before)
      const merged = mergeClaims(current, change)
      const after = new Map(leaves(merged))
      for (const [path, value] of leaves(change)) {
        if (value === null) assert.ok(![...after.keys()].some((key) => key === path || key.startsWith(`${path}/`)))
        else if (!isJsonObject(value)) assert.deepEqual(after.get(path), value)
      }
      for (const [name, value] of Object.entries(current)) if (!(name in change)) assert.deepEqual(merged[name], value)
    }),
    { seed: 7, numRuns: 500 },
  )
})

test('merging is done on a copy: the claims of the session that was read stay as they were', () => {
  fc.assert(
    fc.property(claims, claims, (before, change) => {
      const current = mergeClaims({}, before)
      const snapshot = structuredClone(current)
      mergeClaims(current, change)
      assert.deepEqual(current, snapshot)
    }),
    { seed: 7 },
  )
})

test('merging the same change twice changes nothing more', () => {
  fc.assert(
    fc.property(claims, claims, (before, change) => {
      const once = mergeClaims(mergeClaims({}, before), change)
      assert.deepEqual(mergeClaims(once, change), once)
    }),
    { seed: 7 },
  )
})
