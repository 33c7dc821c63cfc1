/** Phone numbers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parsePhoneNumber } from '../../src/values/phone.ts'

const american = fc
  .tuple(fc.constantFrom('201', '212', '415', '646', '917'), fc.integer({ min: 200, max: 999 }), fc.nat(9999))
  .filter(([, exchange]) => exchange % 100 !== 11)
  .map(([area, exchange, line]) => `+1${area}${exchange}${String(line).padStart(4, '0')}`)

test('numbers in E.164 are read as they are', () => {
  fc.assert(fc.property(american, (number) => parsePhoneNumber(number) === number))
  for (const number of ['+14155550123', '+442071838750', '+4930123456', '+81312345678', '+5511987654321']) {
    assert.equal(parsePhoneNumber(number), number)
  }
})

test('any other spelling of the same number is not read, so that one number is never two', () => {
  const spoil = fc.constantFrom<(number: string) => string>(
    (number) => number.slice(1),
    (number) => number.slice(2),
    (number) => ` ${number}`,
    (number) => `${number} `,
    (number) => `${number}\n`,
    (number) => `+1 ${number.slice(2)}`,
    (number) => `+1-${number.slice(2)}`,
    (number) => `+1(${number.slice(2, 5)})${number.slice(5)}`,
    (number) => `00${number.slice(1)}`,
    (number) => `${number}0`,
    (number) => `${number};ext=1`,
    (number) => `tel:${number}`,
  )
  fc.assert(fc.property(american, spoil, (number, change) => parsePhoneNumber(change(number)) === undefined))
})

test('numbers that no country has assigned are not read', () => {
  for (const number of ['', '+', '+1', '+10000000000', '+11234567890', '+9991234567890', '+0014155550123', '+٤١٥']) {
    assert.equal(parsePhoneNumber(number), undefined, number)
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      const read = parsePhoneNumber(text)
      return read === undefined || read === text
    }),
  )
})
