/** One-time passwords of authenticator apps, against the vectors of the RFCs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  decodeBase32,
  encodeBase32,
  isTotpShaped,
  matchTotp,
  newTotpSecret,
  otpauthUri,
  totpCode,
  totpStep,
} from '../../src/crypto/totp.ts'

const secret = encodeBase32(Buffer.from('12345678901234567890'))

test('the counters of RFC 4226, appendix D', () => {
  const codes = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ')
  assert.deepEqual(
    codes.map((_, counter) => totpCode(secret, counter)),
    codes,
  )
})

test('the times of RFC 6238, appendix B', () => {
  // The RFC prints eight digits; six are the last of them.
  const vectors: [seconds: number, code: string][] = [
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ]
  for (const [seconds, code] of vectors) {
    assert.equal(totpCode(secret, totpStep(seconds * 1000)), code.slice(2))
    assert.equal(matchTotp(secret, code.slice(2), seconds * 1000), Math.floor(seconds / 30))
  }
})

test('a code counts in its own 30 seconds, the ones before and the ones after, and tells which step it is of', () => {
  const step = 57_000_000
  const code = totpCode(secret, step)
  const at = (seconds: number) => matchTotp(secret, code, step * 30_000 + seconds * 1000)
  assert.deepEqual([-30, -1, 0, 29, 30, 59].map(at), Array(6).fill(step))
  assert.deepEqual([-30.001, 60].map(at), [undefined, undefined])
})

test('a code that two neighbouring steps share counts as the later one', () => {
  const step = 910_737
  assert.equal(totpCode(secret, step), totpCode(secret, step + 1))
  assert.equal(matchTotp(secret, totpCode(secret, step), step * 30_000), step + 1)
})

test('what is no code matches nothing', () => {
  for (const text of ['', '12345', '1234567', '12345a', '１２３４５６', ' 123456', '123456\n', '-12345']) {
    assert.ok(!isTotpShaped(text), JSON.stringify(text))
    assert.equal(matchTotp(secret, text, 1_700_000_000_000), undefined)
  }
  assert.ok(isTotpShaped('000000'))
})

test('base32 as in RFC 4648, section 10, without padding', () => {
  const vectors = {
    '': '',
    f: 'MY',
    fo: 'MZXQ',
    foo: 'MZXW6',
    foob: 'MZXW6YQ',
    fooba: 'MZXW6YTB',
    foobar: 'MZXW6YTBOI',
  }
  for (const [text, encoded] of Object.entries(vectors)) {
    assert.equal(encodeBase32(Buffer.from(text)), encoded)
    assert.equal(decodeBase32(encoded).toString(), text)
  }
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(decodeBase32(encodeBase32(Buffer.from(bytes))), Buffer.from(bytes))
    }),
  )
  for (const text of ['my', 'MZ=', 'M1', 'M Z']) assert.throws(() => decodeBase32(text), RangeError)
})

test('a secret is 32 characters of base32, and none comes twice', () => {
  const secrets = Array.from({ length: 200 }, newTotpSecret)
  for (const one of secrets) assert.match(one, /^[A-Z2-7]{32}$/)
  assert.equal(new Set(secrets).size, secrets.length)
})

test('the URI of an app can be taken apart again, whatever is in the names', () => {
  const uri = otpauthUri(secret, 'Acme & Söhne/1', 'ada+x@example.com')
  const url = new URL(uri)
  assert.equal(uri.slice(0, 15), 'otpauth://totp/')
  assert.equal(decodeURIComponent(url.pathname.slice(1)), 'Acme & Söhne/1:ada+x@example.com')
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    secret,
    issuer: 'Acme & Söhne/1',
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  })
  const odd = otpauthUri(secret, `a:b\ud800${'😀'.repeat(100)}`, ':+14155550123')
  const [issuer, account] = decodeURIComponent(new URL(odd).pathname.slice(1)).split(':')
  assert.equal(issuer, `a b\ufffd${'😀'.repeat(60)}`)
  assert.equal(account, '+14155550123')
})
