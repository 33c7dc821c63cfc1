/** RFC 3339 in and out. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseRfc3339, rfc3339, wholeSecond } from '../../src/values/time.ts'

const milliseconds = fc.integer({ min: Date.parse('0001-01-01T00:00:00Z'), max: Date.parse('9999-12-30T00:00:00Z') })

test('what is printed is read back to the second', () => {
  fc.assert(fc.property(milliseconds, (time) => parseRfc3339(rfc3339(time)) === wholeSecond(time)))
})

test('the same instant is read whatever offset it is written with', () => {
  const later = fc.integer({ min: Date.parse('1970-01-01T00:00:00Z'), max: Date.parse('9000-01-01T00:00:00Z') })
  fc.assert(
    fc.property(later, fc.integer({ min: -(24 * 60 - 1), max: 24 * 60 - 1 }), (time, minutes) => {
      const there = new Date(time + minutes * 60_000).toISOString().slice(0, -1)
      const two = (n: number) => String(n).padStart(2, '0')
      const ahead = Math.abs(minutes)
      const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`
      assert.equal(parseRfc3339(`${there}${offset}`), time)
    }),
  )
})

test('lower-case letters and fractions of any length are read', () => {
  assert.equal(parseRfc3339('2025-04-22t07:00:00.123456789z'), Date.parse('2025-04-22T07:00:00.123Z'))
  assert.equal(parseRfc3339('2024-02-29T00:00:00-00:00'), Date.parse('2024-02-29T00:00:00Z'))
})

test('days and hours that do not exist, and texts that only resemble a timestamp, are not read', () => {
  for (const text of [
    '',
    '2025-02-29T00:00:00Z',
    '2025-02-30T00:00:00Z',
    '2025-04-31T00:00:00+02:00',
    '2025-13-01T00:00:00Z',
    '2025-00-10T00:00:00Z',
    '2025-01-00T00:00:00Z',
    '2025-01-01T24:00:00Z',
    '2025-01-01T00:60:00Z',
    '2025-01-01T00:00:00',
    '2025-01-01T00:00Z',
    '2025-01-01',
    '2025-01-01 00:00:00Z',
    '2025-01-01T00:00:00+0200',
    '2025-01-01T00:00:00+99:99',
    '2025-01-01T00:00:00.Z',
    ' 2025-01-01T00:00:00Z',
    '2025-01-01T00:00:00Z\n',
    '1735689600',
  ]) {
    assert.equal(parseRfc3339(text), undefined, JSON.stringify(text))
  }
})
