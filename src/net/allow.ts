/** The operator's list of private targets that outgoing requests may reach all the same. */
import { BlockList } from 'node:net'
import type { Family } from './address.ts'
import { canonicalAddress } from './address.ts'

/** One entry: a host name or a range of addresses, on one port or (without `port`) on every port. */
export type AllowEntry = { host?: string; range?: { family: Family; members: BlockList }; port?: number }

export type AllowList = readonly AllowEntry[]

const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
const HOST = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`)
// URL parsing turns such names into IPv4 addresses (127.1, 0x7f000001), so an entry like this would never match.
const NUMERIC_END = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/

/**
 * Reads SELVAGE_OUTBOUND_ALLOW: comma-separated addresses, CIDR ranges and host names, each with an optional `:port`;
 * IPv6 with a port stands in brackets (`[::1]:8080`, `[fd00::/8]:443`). A bare `::1:8080` is an address, not a port.
 * Blank text and blank entries allow nothing. Throws an Error that names the first malformed entry.
 */
export function parseAllowList(text: string): AllowList {
  const entries = text.split(',').map((entry) => entry.trim())
  return entries.filter((entry) => entry !== '').map(parseEntry)
}

/**
 * Whether an entry names the host (in any case, with or without a final dot) or contains the address, on this port.
 * `host` is a name or an address without brackets; `address` is what it resolved to.
 */
export function allows(list: AllowList, target: { host: string; address: string; port: number }): boolean {
  const host = plainHost(target.host)
  const parsed = canonicalAddress(target.address)
  return list.some((entry) => {
    if (entry.port !== undefined && entry.port !== target.port) return false
    if (entry.range) {
      return parsed?.family === entry.range.family && entry.range.members.check(parsed.address, parsed.family)
    }
    return entry.host === host
  })
}

/** A host name as it is compared: in lower case and without the final dot of a fully qualified name. */
export function plainHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '')
}

function parseEntry(entry: string): AllowEntry {
  // First as a whole, because the colons of a bare IPv6 address are no port.
  const bare = parseRange(entry)
  if (bare) return { range: bare }

  const parts = /^(?:\[([^[\]]+)\]|([^[\]:]+))(?::([1-9]\d{0,4}))?$/.exec(entry)
  if (!parts) throw malformed(entry)
  const [, bracketed, plain, portText] = parts
  const port = portText === undefined ? undefined : Number(portText)
  if (port !== undefined && port > 65_535) throw malformed(entry)

  const range = parseRange(bracketed ?? plain!)
  if (range) {
    if (bracketed !== undefined && !bracketed.includes(':')) throw malformed(entry)
    return { range, port }
  }
  const host = plain === undefined ? '' : plainHost(plain)
  if (!HOST.test(host) || NUMERIC_END.test(host)) throw malformed(entry)
  return { host, port }
}

function parseRange(text: string): AllowEntry['range'] {
  const [ip, prefixText, ...rest] = text.split('/')
  const parsed = canonicalAddress(ip!)
  if (!parsed || rest.length > 0) return undefined
  const bits = parsed.family === 'ipv4' ? 32 : 128
  if (prefixText !== undefined) {
    // The prefix of an IPv4-mapped range counts 128 bits while its addresses are compared as IPv4: refused as unclear.
    if (parsed.family === 'ipv4' && ip!.includes(':')) return undefined
    if (!/^(?:0|[1-9]\d{0,2})$/.test(prefixText) || Number(prefixText) > bits) return undefined
  }
  const members = new BlockList()
  members.addSubnet(parsed.address, prefixText === undefined ? bits : Number(prefixText), parsed.family)
  return { family: parsed.family, members }
}

function malformed(entry: string): Error {
  return new Error(`"${entry}" is not an address, a CIDR range or a host name with an optional :port.`)
}
