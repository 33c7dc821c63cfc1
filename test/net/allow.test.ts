// The allow list: what an entry may look like and which targets it lets through.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { allows, parseAllowList } from '../../src/net/allow.ts'

function allowed(text: string, host: string, address: string, port = 443): boolean {
  return allows(parseAllowList(text), { host, address, port })
}

test('blank text and blank entries allow nothing', () => {
  assert.deepEqual(parseAllowList(''), [])
  assert.deepEqual(parseAllowList(' , ,'), [])
  assert.equal(allowed('', 'localhost', '127.0.0.1'), false)
})

test('a host name matches exactly, in any case and with a final dot, and nothing beside it', () => {
  const list = 'IdP.Internal, my_service'
  assert.equal(allowed(list, 'idp.internal', '10.0.0.1'), true)
  assert.equal(allowed(list, 'IDP.internal.', '10.0.0.1'), true)
  assert.equal(allowed(list, 'my_service', '10.0.0.1'), true)
  assert.equal(allowed(list, 'evil.idp.internal', '10.0.0.1'), false)
  assert.equal(allowed(list, 'idp.internal.evil', '10.0.0.1'), false)
  assert.equal(allowed(list, 'idpxinternal', '10.0.0.1'), false)
})

test('an address matches whatever name led to it, in any of its spellings', () => {
  assert.equal(allowed('127.0.0.1', 'localhost', '127.0.0.1'), true)
  assert.equal(allowed('127.0.0.1', 'localhost', '127.0.0.2'), false)
  assert.equal(allowed('127.0.0.1', 'x', '::ffff:7f00:1'), true)
  assert.equal(allowed('::ffff:127.0.0.1', 'x', '127.0.0.1'), true)
  assert.equal(allowed('::1', 'x', '0:0:0:0:0:0:0:1'), true)
  assert.equal(allowed('[::1]', 'x', '::1'), true)
})

test('a range contains its addresses and no others', () => {
  assert.equal(allowed('10.1.0.0/16', 'x', '10.1.255.255'), true)
  assert.equal(allowed('10.1.0.0/16', 'x', '10.2.0.0'), false)
  assert.equal(allowed('10.1.2.3/16', 'x', '10.1.255.255'), true)
  assert.equal(allowed('fd00::/8', 'x', 'fdff::1'), true)
  assert.equal(allowed('fd00::/8', 'x', 'fc00::1'), false)
})

test('a range of one family never contains an address of the other', () => {
  assert.equal(allowed('::/0', 'x', '10.0.0.1'), false)
  assert.equal(allowed('::/0', 'x', '::ffff:10.0.0.1'), false)
  assert.equal(allowed('0.0.0.0/0', 'x', '::1'), false)
  assert.equal(allowed('0.0.0.0/0', 'x', '64:ff9b::a00:1'), false)
})

test('an entry with a port lets only that port through; one without, every port', () => {
  assert.equal(allowed('idp.internal:8080', 'idp.internal', '10.0.0.1', 8080), true)
  assert.equal(allowed('idp.internal:8080', 'idp.internal', '10.0.0.1', 80), false)
  assert.equal(allowed('idp.internal', 'idp.internal', '10.0.0.1', 80), true)
  assert.equal(allowed('10.0.0.0/8:443', 'x', '10.0.0.1', 443), true)
  assert.equal(allowed('10.0.0.0/8:443', 'x', '10.0.0.1', 444), false)
  assert.equal(allowed('[::1]:8080', 'x', '::1', 8080), true)
  assert.equal(allowed('[::1]:8080', 'x', '::1', 8081), false)
  assert.equal(allowed('[fd00::/8]:443', 'x', 'fd00::1', 443), true)
  assert.equal(allowed('[fd00::/8]:443', 'x', 'fd00::1', 80), false)
})

test('an unscoped range does not let a scoped address through', () => {
  assert.equal(allowed('fe80::/10', 'x', 'fe80::1%eth0'), false)
})

for (const entry of [
  '*.example.com',
  'https://example.com',
  'example.com/path',
  'user@example.com',
  'example.com:',
  'example.com:0',
  'example.com:65536',
  'example.com:http',
  'exa mple',
  'a..b',
  '.example',
  '-a.example',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0.0/08',
  'fd00::/129',
  '::ffff:10.0.0.0/104',
  '[::1',
  '::1]:80',
  '[10.0.0.1]:80',
  '[localhost]:80',
  '[fd00::]/8:443',
  'fe80::1%eth0',
  '127.1',
  '2130706433',
  '0x7f.0x1',
  '010.0.0.1',
]) {
  test(`the malformed entry ${entry} is refused by name`, () => {
    assert.throws(
      () => parseAllowList(`localhost, ${entry} ,10.0.0.1`),
      (error: Error) => error.message.includes(`"${entry}"`),
    )
  })
}

test('any text either parses or throws an Error that says what an entry can be', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseAllowList(text)
      } catch (error) {
        assert.match(
          (error as Error).message,
          / is not an address, a CIDR range or a host name with an optional :port\.$/,
        )
      }
    }),
  )
})
