/** Ids and external ids. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isExternalId, looksLikeId, newId, parseId, startsLikeId } from '../../src/values/id.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-|'
const prefix = fc.constantFrom('user', 'email', 'phone-number', 'organization', 'crypto-wallet')
const type = fc.constantFrom('TEST' as const, 'LIVE' as const)

test('a new id tells its prefix and environment type', () => {
  fc.assert(
    fc.property(prefix, type, (prefix, type) => {
      const id = newId(prefix, type)
      assert.deepEqual(parseId(id), { prefix, type })
      assert.ok(startsLikeId(id, prefix))
      assert.ok(looksLikeId(id))
    }),
  )
})

test('an external id is 1 to 128 characters of its alphabet', () => {
  const legal = fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength: 128 })
  fc.assert(fc.property(legal, isExternalId))
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 140 }), (text) => {
      const expected = text.length >= 1 && text.length <= 128 && [...text].every((letter) => alphabet.includes(letter))
      assert.equal(isExternalId(text), expected)
    }),
  )
  assert.ok(isExternalId('x'.repeat(128)))
  for (const text of ['', 'x'.repeat(129), 'a b', 'a/b', 'a@b', 'a+b', 'ä', 'a\n', 'a%00', '１']) {
    assert.ok(!isExternalId(text), text)
  }
})

test('an external id looks like one of our ids only when it has the prefix and the environment of one', () => {
  for (const text of ['user-test-', 'user-live-7', 'member-test-x', 'organization-live-acme', 'phone-number-test-1']) {
    assert.ok(looksLikeId(text), text)
  }
  for (const text of ['user-jim', 'acme-live-7', 'user-testing-1', 'user', 'user-', 'users-test-1', 'User-test-1']) {
    assert.ok(!looksLikeId(text), text)
  }
})

test('an id is in full or not at all', () => {
  const uuid = '16d9ba61-97a1-4ba4-9720-b03761dc50c6'
  for (const text of [
    'user-test-',
    `user-prod-${uuid}`,
    `user-test-${uuid.toUpperCase()}`,
    `user-test-${uuid}0`,
    `user-test-${uuid.slice(1)}`,
    ` user-test-${uuid}`,
    `user-test-${uuid}\n`,
    `-test-${uuid}`,
    uuid,
  ]) {
    assert.equal(parseId(text), undefined, text)
  }
})
