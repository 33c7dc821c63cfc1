/** Which IP addresses are public, and the one canonical spelling of an address. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

export type Family = 'ipv4' | 'ipv6'

// IANA IPv4 special-purpose address registry, with multicast and the reserved block.
const REFUSED_IPV4 = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, where clouds keep their metadata services
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // former 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarking
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
]

// Only 2000::/3 is global unicast, so the first three blocks refuse all that lies outside it: ::, ::1, IPv4-compatible
// ::/96, local NAT64 64:ff9b:1::/48, discard 100::/64, segment routing 5f00::/16, unique local fc00::/7, link-local
// fe80::/10, site-local fec0::/10, multicast ff00::/8, and whatever has not been assigned yet.
const REFUSED_IPV6 = [
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001::/23', // protocol assignments: Teredo, ORCHID, benchmarking
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4, which can carry any IPv4 address
  '3fff::/20', // documentation
]

// Node compares IPv4 addresses with IPv6 rules through the mapped form; a list for each family keeps them apart.
const refused = { ipv4: blockList(REFUSED_IPV4, 'ipv4'), ipv6: blockList(REFUSED_IPV6, 'ipv6') }

const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/
// A translated 0.0.x.y is spelled with fewer groups and does not match; ::/3 refuses it, as 0.0.0.0/8 would.
const NAT64 = /^64:ff9b::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/

/**
 * Whether an address is on the public internet. False for all special-purpose ranges, for scoped addresses
 * (`fe80::1%eth0`) and for text that is not an address. An IPv4-mapped or NAT64 address is judged by the IPv4 address
 * inside it. Source: the IANA IPv4 and IPv6 special-purpose address registries (RFC 6890).
 */
export function isPublicAddress(ip: string): boolean {
  const parsed = canonicalAddress(ip)
  if (!parsed) return false
  const { address, family } = parsed
  const translated = embeddedIPv4(NAT64, address)
  if (translated) return !refused.ipv4.check(translated, 'ipv4')
  return !refused[family].check(address, family)
}

/**
 * The one spelling of an address: IPv6 in lower case and compressed, an IPv4-mapped address as plain IPv4. Undefined
 * for scoped addresses and for text that is not an address. Source: RFC 5952, as the WHATWG URL parser writes it.
 */
export function canonicalAddress(ip: string): { address: string; family: Family } | undefined {
  if (isIPv4(ip)) return { address: ip, family: 'ipv4' }
  if (!isIPv6(ip)) return undefined
  // The URL parser knows no zones, so a scoped address ends here.
  const url = URL.parse(`http://[${ip}]/`)
  if (!url) return undefined
  const address = url.hostname.slice(1, -1)
  const mapped = embeddedIPv4(MAPPED, address)
  return mapped ? { address: mapped, family: 'ipv4' } : { address, family: 'ipv6' }
}

function embeddedIPv4(pattern: RegExp, address: string): string | undefined {
  const match = pattern.exec(address)
  if (!match) return undefined
  const [high, low] = [Number.parseInt(match[1]!, 16), Number.parseInt(match[2]!, 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function blockList(ranges: string[], family: Family): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network, prefix] = range.split('/')
    list.addSubnet(network!, Number(prefix), family)
  }
  return list
}
