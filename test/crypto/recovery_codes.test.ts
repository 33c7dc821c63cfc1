/** Recovery codes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newRecoveryCode, parseRecoveryCode } from '../../src/crypto/recovery_codes.ts'

test('codes have the documented form, come once only and use every character about equally often', () => {
  const codes = Array.from({ length: 3000 }, newRecoveryCode)
  for (const code of codes) assert.match(code, /^[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}$/)
  assert.equal(new Set(codes).size, codes.length)
  const counts = new Map<string, number>()
  for (const letter of codes.join('').replaceAll('-', '')) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  assert.equal(counts.size, 36)
  // 1000 of each are expected; the bounds are more than nine standard deviations away.
  for (const [letter, count] of counts) assert.ok(count > 700 && count < 1300, `${letter}: ${count}`)
})

test('a code is read as people type it, and nothing else is one', () => {
  for (const text of ['a1b2-c3d4-e5f6', ' A1B2-C3D4-E5F6\n', 'a1b2c3d4e5f6', 'a1b2-c3d4e5f6']) {
    assert.equal(parseRecoveryCode(text), 'a1b2-c3d4-e5f6', JSON.stringify(text))
  }
  for (const text of ['', '123456', 'a1b2-c3d4-e5f', 'a1b2-c3d4-e5f6-a1b2', 'a1b2_c3d4_e5f6', 'ä1b2-c3d4-e5f6']) {
    assert.equal(parseRecoveryCode(text), undefined, JSON.stringify(text))
  }
})
