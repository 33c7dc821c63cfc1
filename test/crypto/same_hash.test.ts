/** Comparing hashes that somebody sent. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sameHash } from '../../src/crypto/tokens.ts'

test('texts of any form are compared without an error, letters of several bytes too', () => {
  assert.equal(sameHash('a'.repeat(43), `${'a'.repeat(42)}é`), false)
  const text = fc.string({ unit: 'binary' })
  fc.assert(fc.property(text, text, (a, b) => sameHash(a, b) === Buffer.from(a).equals(Buffer.from(b))))
  fc.assert(fc.property(text, (a) => sameHash(a, a)))
})
