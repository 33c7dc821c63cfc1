/** Sealed values and master keys. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createKeyring, newMasterKey, parseMasterKeys, SealError } from '../../src/crypto/keyring.ts'

const [oldKey, newKey] = [newMasterKey(), newMasterKey()]
const keyring = createKeyring(parseMasterKeys(oldKey))

test('what was sealed opens for the same purpose and place', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string({ unit: 'binary' }), (purpose, place, value) => {
      assert.equal(keyring.open(purpose, place, keyring.seal(purpose, place, value)), value)
    }),
  )
})

test('a sealed value shows nothing of its content, and never looks the same twice', () => {
  const [one, two] = [keyring.seal('p', 'a', 'content'), keyring.seal('p', 'a', 'content')]
  assert.notEqual(one, two)
  assert.match(one, /^v1\.[0-9a-f]{8}\.[A-Za-z0-9_-]+$/)
  assert.ok(!Buffer.from(one.split('.')[2] ?? '', 'base64url').includes('content'))
})

test('it opens for no other purpose and at no other place', () => {
  const sealed = keyring.seal('session token', 'project-1 session-1', 'content')
  assert.throws(() => keyring.open('signing key', 'project-1 session-1', sealed), SealError)
  assert.throws(() => keyring.open('session token', 'project-1 session-2', sealed), SealError)
  assert.throws(() => keyring.open('session token', '', sealed), SealError)
})

test('a single changed bit anywhere keeps it shut', () => {
  const sealed = keyring.seal('p', 'a', 'content')
  const [version = '', id = '', body = ''] = sealed.split('.')
  const bytes = Buffer.from(body, 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
    const text = [version, id, changed.toString('base64url')].join('.')
    assert.throws(() => keyring.open('p', 'a', text), SealError)
  }
})

test('what is no sealed value is refused as such', () => {
  const sealed = keyring.seal('p', 'a', 'content')
  const [, id = '', body = ''] = sealed.split('.')
  const wrong = ['', 'v1', 'v1..', `v1.${id}`, `v1.${id}.`, `v2.${id}.${body}`, `v1.${id}.${body.slice(0, 20)}`, body]
  for (const text of [...wrong, sealed.slice(0, -1), `v1.00000000.${body}`, `v1.__proto__.${body}`]) {
    assert.throws(() => keyring.open('p', 'a', text), SealError, text)
  }
})

test('rotation: a new key seals, the old one still opens until it is taken away', () => {
  const before = keyring.seal('p', 'a', 'content')
  const both = createKeyring(parseMasterKeys(`${newKey},${oldKey}`))
  assert.equal(both.open('p', 'a', before), 'content')
  const after = both.seal('p', 'a', 'content')
  assert.throws(() => keyring.open('p', 'a', after), SealError)
  const rotated = createKeyring(parseMasterKeys(newKey))
  assert.equal(rotated.open('p', 'a', after), 'content')
  assert.throws(() => rotated.open('p', 'a', before), SealError)
})

test('a sealed value that names another key at hand does not open', () => {
  const both = createKeyring(parseMasterKeys(`${newKey},${oldKey}`))
  const [, oldId] = keyring.seal('p', 'a', 'content').split('.')
  const [version, , body] = both.seal('p', 'a', 'content').split('.')
  assert.throws(() => both.open('p', 'a', `${version}.${oldId}.${body}`), SealError)
})

test('the same keys give the same authentication codes after a restart; purposes and keys give others', () => {
  const again = createKeyring(parseMasterKeys(oldKey))
  assert.equal(again.mac('cursor', 'm'), keyring.mac('cursor', 'm'))
  const codes = [
    keyring.mac('cursor', 'm'),
    keyring.mac('cursor', 'n'),
    keyring.mac('other', 'm'),
    createKeyring(parseMasterKeys(newKey)).mac('cursor', 'm'),
    // Sealing and authenticating never share a key, whatever the purpose is called.
    keyring.mac('seal cursor', 'm'),
  ]
  assert.equal(new Set(codes).size, codes.length)
})

test('master keys are read in base64, base64url and hex, several at a time', () => {
  const bytes = Buffer.alloc(32, 0xfb)
  const forms = [
    bytes.toString('base64'),
    bytes.toString('base64').replace('=', ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    `  ${bytes.toString('hex')}\n`,
  ]
  for (const form of forms) assert.deepEqual(parseMasterKeys(form), [bytes])
  assert.deepEqual(parseMasterKeys(forms.join(' , ')), Array(6).fill(bytes))
  assert.equal(parseMasterKeys(newMasterKey())[0]?.length, 32)
})

test('what is no master key is refused without being repeated', () => {
  const good = newMasterKey()
  const bad = [
    '',
    'short-secret',
    'hunter2hunter2hunter2hunter2hunter2!hunter2',
    Buffer.alloc(31, 7).toString('base64'),
    Buffer.alloc(33, 7).toString('base64'),
    Buffer.alloc(31, 7).toString('hex'),
    Buffer.alloc(33, 7).toString('hex'),
  ]
  for (const text of bad) {
    for (const [given, which] of [
      [text, 'key 1'],
      [`${good},${text}`, 'key 2'],
    ] as const) {
      assert.throws(
        () => parseMasterKeys(given),
        ({ message }: Error) => message.startsWith(which) && (text === '' || !message.includes(text)),
      )
    }
  }
})
