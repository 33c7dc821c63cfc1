/** Merging metadata. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mergeMetadata } from '../../src/domain/metadata.ts'
import { Refusal } from '../../src/errors.ts'
import { type JsonObject, jsonBytes } from '../../src/values/json.ts'

const key = fc.constantFrom('plan', 'seats', 'tags', 'a', 'b', 'ключ', 'toString', '')
const value = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonObject[string]>
const metadata = fc.dictionary(key, value, { maxKeys: 6, noNullPrototype: true }) as fc.Arbitrary<JsonObject>

/** What the merge gives, or the refusal. */
function merged(current: JsonObject, change: JsonObject | undefined): JsonObject | string {
  try {
    return mergeMetadata(current, change)
  } catch (error) {
    assert.ok(error instanceof Refusal)
    return error.error_type
  }
}

test('each top-level key is the new value where one is given and not null, the old one where none is given', () => {
  fc.assert(
    fc.property(metadata, metadata, (before, change) => {
      const current = mergeMetadata({}, before)
      const frozen = structuredClone(current)
      const result = merged(current, change)
      assert.deepEqual(current, frozen)
      if (typeof result === 'string') return
      for (const name of new Set([...Object.keys(current), ...Object.keys(change)])) {
        const expected = Object.hasOwn(change, name) ? change[name] : current[name]
        assert.deepEqual(Object.hasOwn(result, name) ? result[name] : null, expected)
      }
      for (const name of Object.keys(result)) assert.ok(name in current || name in change)
    }),
  )
})

test('merging twice is merging once, and merging nothing changes nothing', () => {
  fc.assert(
    fc.property(metadata, metadata, (before, change) => {
      const once = merged(mergeMetadata({}, before), change)
      if (typeof once === 'string') return
      assert.deepEqual(merged(once, change), once)
      assert.deepEqual(merged(once, {}), once)
      assert.equal(merged(once, undefined), once)
    }),
  )
})

test('the bounds are 20 keys and 4096 bytes of the result, not of the change', () => {
  const keys = (n: number, from = 0) =>
    Object.fromEntries(Array.from({ length: n }, (_, index) => [`k${from + index}`, from + index]))
  assert.deepEqual(merged({}, keys(20)), keys(20))
  assert.equal(merged({}, keys(21)), 'metadata_too_many_keys')
  assert.equal(merged(keys(20), { one: 1 }), 'metadata_too_many_keys')
  assert.deepEqual(merged(keys(20), { k0: null, one: 1 }), { ...keys(19, 1), one: 1 })
  assert.deepEqual(merged(keys(10), Object.fromEntries(Object.keys(keys(40)).map((name) => [name, null]))), {})
  fc.assert(
    fc.property(fc.constantFrom('x', 'é', '€', '🙂', '"'), (letter) => {
      const bytes = jsonBytes(letter) - 2
      const rest = 4096 - jsonBytes({ text: '' })
      const text = letter.repeat(Math.floor(rest / bytes)) + 'x'.repeat(rest % bytes)
      assert.equal(jsonBytes({ text }), 4096)
      assert.deepEqual(merged({}, { text }), { text })
      assert.equal(merged({}, { text: `${text}x` }), 'metadata_too_large')
    }),
  )
})
