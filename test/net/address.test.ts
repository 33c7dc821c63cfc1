// Which addresses count as public: every special-purpose range, its edges, and the spellings that hide IPv4.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalAddress, isPublicAddress } from '../../src/net/address.ts'

// First and last address of each range.
const REFUSED: [string, string, string][] = [
  ['this network', '0.0.0.0', '0.255.255.255'],
  ['private 10/8', '10.0.0.0', '10.255.255.255'],
  ['carrier-grade NAT', '100.64.0.0', '100.127.255.255'],
  ['loopback', '127.0.0.0', '127.255.255.255'],
  ['link-local', '169.254.0.0', '169.254.255.255'],
  ['private 172.16/12', '172.16.0.0', '172.31.255.255'],
  ['protocol assignments', '192.0.0.0', '192.0.0.255'],
  ['TEST-NET-1', '192.0.2.0', '192.0.2.255'],
  ['6to4 relays', '192.88.99.0', '192.88.99.255'],
  ['private 192.168/16', '192.168.0.0', '192.168.255.255'],
  ['benchmarking', '198.18.0.0', '198.19.255.255'],
  ['TEST-NET-2', '198.51.100.0', '198.51.100.255'],
  ['TEST-NET-3', '203.0.113.0', '203.0.113.255'],
  ['multicast', '224.0.0.0', '239.255.255.255'],
  ['reserved and broadcast', '240.0.0.0', '255.255.255.255'],
  ['unspecified and loopback', '::', '::1'],
  ['IPv4-compatible', '::8.8.8.8', '::ffff:ffff'],
  ['mapped private', '::ffff:10.0.0.0', '::ffff:10.255.255.255'],
  ['NAT64 of private', '64:ff9b::10.0.0.0', '64:ff9b::c0a8:1'],
  ['NAT64 of this network', '64:ff9b::', '64:ff9b::ffff'],
  ['local NAT64', '64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:808:808'],
  ['discard', '100::', '100::ffff:ffff:ffff:ffff'],
  ['dummy prefix', '100:0:0:1::', '100:0:0:1:ffff:ffff:ffff:ffff'],
  ['protocol assignments, Teredo', '2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['documentation', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['6to4', '2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['6to4 of a public address', '2002:808:808::1', '2002:101:101::1'],
  ['new documentation', '3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['unassigned', '4000::', '5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['segment routing', '5f00::', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['unique local', 'fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['link-local IPv6', 'fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['site-local', 'fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['multicast IPv6', 'ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
]

for (const [name, first, last] of REFUSED) {
  test(`refuses ${name}: ${first} to ${last}`, () => {
    assert.equal(isPublicAddress(first), false)
    assert.equal(isPublicAddress(last), false)
  })
}

test('accepts public addresses, and the neighbours of refused ranges', () => {
  const neighbours =
    '1.0.0.0 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255 169.255.0.0 ' +
    '172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.1.255 192.0.3.0 192.88.98.255 192.88.100.0 ' +
    '192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0 ' +
    '223.255.255.255 8.8.8.8 2000:: 2001:200:: 2001:db7:ffff:: 2001:db9:: 2001:ffff:: 2003:: 2606:4700:4700::1111 ' +
    '3ffe:ffff:: 3fff:1000:: ::ffff:8.8.8.8 ::FFFF:808:808 64:ff9b::8.8.8.8 0:0:0:0:0:ffff:0808:0808'
  for (const address of neighbours.split(' ')) assert.equal(isPublicAddress(address), true, address)
})

test('refuses scoped addresses and text that is not an address', () => {
  for (const text of [
    'fe80::1%eth0',
    '2606:4700::1%1',
    '::ffff:8.8.8.8%lo',
    '',
    ' ',
    '8.8.8',
    '8.8.8.8 ',
    '08.8.8.8',
  ]) {
    assert.equal(isPublicAddress(text), false, text)
  }
  for (const text of ['134744072', '0x8.8.8.8', '8.8.8.8/32', '[2606::1]', '2606:::1', 'example.com', '8.8.8.8.']) {
    assert.equal(isPublicAddress(text), false, text)
  }
})

// Octets mixed with the heads of special ranges, which uniform ones would seldom meet.
const octet = fc.oneof(fc.nat(255), fc.constantFrom(0, 10, 100, 127, 169, 172, 192, 198, 203, 224))
const octets = fc.tuple(octet, octet, octet, octet)

test('an IPv4 address hidden in a mapped or NAT64 address is judged as the IPv4 address', () => {
  fc.assert(
    fc.property(octets, ([a, b, c, d]) => {
      const dotted = [a, b, c, d].join('.')
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
      const verdict = isPublicAddress(dotted)
      for (const spelling of [`::ffff:${dotted}`, `::FFFF:${hex}`, `0:0:0:0:0:ffff:${hex}`, `64:ff9b::${hex}`]) {
        assert.equal(isPublicAddress(spelling), verdict, spelling)
      }
      assert.deepEqual(canonicalAddress(`::ffff:${hex}`), { address: dotted, family: 'ipv4' })
    }),
  )
})

test('an IPv6 address is judged alike in its short and its long spelling', () => {
  const group = fc.oneof(fc.nat(0xffff), fc.constantFrom(0, 0, 0xffff, 0x2001, 0xdb8, 0x64, 0xff9b))
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const long = groups.map((value) => value.toString(16).padStart(4, '0').toUpperCase()).join(':')
      const { address } = canonicalAddress(long)!
      assert.equal(isPublicAddress(address), isPublicAddress(long), long)
      assert.deepEqual(canonicalAddress(address), canonicalAddress(long))
    }),
  )
})

test('never throws, whatever the text', () => {
  fc.assert(fc.property(fc.string(), (text) => typeof isPublicAddress(text) === 'boolean'))
})
