/** Email addresses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseEmail } from '../../src/values/email.ts'

const addresses = fc.emailAddress().filter((address) => address.length <= 254)

test('every dot-atom address is read, lower-cased and without the space around it', () => {
  fc.assert(
    fc.property(addresses, fc.constantFrom('', ' ', '\t', ' \n'), (address, space) => {
      assert.equal(parseEmail(`${space}${address.toUpperCase()}${space}`), address.toLowerCase())
    }),
  )
})

test('reading an address again changes nothing', () => {
  const almost = fc.tuple(fc.string(), fc.string()).map(([mailbox, domain]) => `${mailbox}@${domain}`)
  fc.assert(
    fc.property(fc.oneof(fc.string(), almost, addresses), (text) => {
      const read = parseEmail(text)
      if (read === undefined) return
      assert.equal(parseEmail(read), read)
      assert.equal(read, text.trim().toLowerCase())
      assert.match(read, /^[\x21-\x7e]+@[a-z0-9.-]+\.[a-z0-9-]+$/)
    }),
    { numRuns: 500 },
  )
})

test('the longest parts pass and one character more does not', () => {
  const domain = `${`${'d'.repeat(61)}.`.repeat(2)}example.com`
  assert.ok(parseEmail(`${'a'.repeat(64)}@${domain}`))
  assert.equal(parseEmail(`${'a'.repeat(65)}@${domain}`), undefined)
  assert.ok(parseEmail(`a@${'d'.repeat(63)}.com`))
  assert.equal(parseEmail(`a@${'d'.repeat(64)}.com`), undefined)
  const long = (n: number) => `${'a'.repeat(64)}@${'d'.repeat(63)}.${'e'.repeat(63)}.${'f'.repeat(n)}.com`
  assert.equal(long(57).length, 254)
  assert.ok(parseEmail(long(57)))
  assert.equal(parseEmail(long(58)), undefined)
})

test('what is not an address, or could be mistaken for another one, is not read', () => {
  for (const text of [
    '',
    '@',
    'ada',
    'ada@',
    '@example.com',
    'ada@example',
    'ada@@example.com',
    'ada@example.com@example.org',
    '.ada@example.com',
    'ada.@example.com',
    'a..da@example.com',
    'ada lovelace@example.com',
    '"ada"@example.com',
    'ada@[127.0.0.1]',
    'ada@127.0.0.1',
    'ada@-example.com',
    'ada@example-.com',
    'ada@example..com',
    'ada@example.com.',
    'ada@exämple.com',
    'adа@example.com', // a Cyrillic letter
    'ada@example.com\u200b',
    'ada\0@example.com',
    'ada@example.com\r\nbcc: eve@example.com',
    'Ada <ada@example.com>',
  ]) {
    assert.equal(parseEmail(text), undefined, JSON.stringify(text))
  }
})
