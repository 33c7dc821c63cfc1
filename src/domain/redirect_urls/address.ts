/** How redirect URLs are read and compared: strictly, because whoever controls the target receives the token. */

/** A URL taken apart, with nothing decoded. Host and port are normalised; everything else is as it was written. */
export type Address = {
  /** In lower case, without the colon. */
  scheme: string
  /** The labels of a web address in lower case; of any other scheme, the authority as one text. Empty without authority. */
  host: string[]
  /** Empty when it is the default port of the scheme. */
  port: string
  path: string
  /** Name and value of each parameter; a value is undefined where there is no `=`. Undefined without a query. */
  query: [name: string, value: string | undefined][] | undefined
  fragment: string | undefined
}

const longest = 2048
/** What RFC 3986 allows in a URL, and braces. No control characters, spaces, quotes or backslashes. */
const alphabet = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;={}]|%[0-9A-Fa-f]{2})+$/
/** RFC 3986, appendix B. */
const parts = /^([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([^#]*))?$/
const label = /^(?:\*|[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)$/
const defaultPorts: Record<string, string> = { http: '80', https: '443' }

/**
 * Reads an absolute URL; undefined when it is malformed. Stricter than browsers, which repair much (`https:/host`,
 * `https://host\path`): what could be read in two ways is refused, above all user information (`https://good@evil`),
 * characters outside RFC 3986, dot segments in any spelling, and hosts that browsers would rewrite. Host labels may be
 * `*`, and query values may have braces; what these mean is for the caller to say.
 */
export function readAddress(text: string): Address | undefined {
  if (text.length > longest || !alphabet.test(text)) return undefined
  const [, scheme = '', authority, path = '', query, fragment] = parts.exec(text) ?? []
  const address = { scheme: scheme.toLowerCase(), path, query: query?.split('&').map(pairOf), fragment }
  if (scheme === '' || authority?.includes('@') || /[{}]/.test(`${authority}${path}${fragment}`)) return undefined
  if (path.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))) return undefined
  if (!isWeb(address)) {
    const empty = (authority ?? '') === '' && path === '' && query === undefined
    return empty && authority === undefined ? undefined : { ...address, host: authority ? [authority] : [], port: '' }
  }
  const place = placeOf(address.scheme, authority ?? '')
  return place && { ...address, ...place, path: path === '' ? '/' : path }
}

/** Whether the address is one of the web, which has hosts as the DNS knows them. */
export function isWeb({ scheme }: Pick<Address, 'scheme'>): boolean {
  return Object.hasOwn(defaultPorts, scheme)
}

function pairOf(text: string): [string, string | undefined] {
  const at = text.indexOf('=')
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

/** Host and port of a web address; undefined unless browsers read the very same host. */
function placeOf(scheme: string, authority: string): Pick<Address, 'host' | 'port'> | undefined {
  const [, name = '', port = ''] = /^(\[[0-9A-Fa-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(authority) ?? []
  const hostname = name.toLowerCase()
  // A name keeps its dots apart, so that a wildcard stands for one label only; an address is one piece.
  const host = hostname.startsWith('[') ? [hostname] : hostname.split('.')
  if (!hostname.startsWith('[') && !host.every((part) => label.test(part))) return undefined
  const plain = hostname.replaceAll('*', 'x')
  if (URL.parse(`${scheme}://${plain}:${port === '' ? '1' : port}/`)?.hostname !== plain) return undefined
  return { host, port: port === '' || Number(port) === Number(defaultPorts[scheme]) ? '' : String(Number(port)) }
}

/** Whether a query value of a registered URL is `{}`, which stands for any one value. */
export function isPlaceholder(value: string | undefined): boolean {
  return value === '{}'
}

/**
 * Whether a given URL is the registered one: exact in scheme, host, port, path, fragment and the set of parameters, whose
 * order does not matter. A registered value `{}` fits any one value, a label `*` any one label, and `www.` may be there or not.
 */
export function matches(registered: Address, given: Address): boolean {
  return (
    registered.scheme === given.scheme &&
    registered.port === given.port &&
    sameHost(registered, given) &&
    registered.path === given.path &&
    registered.fragment === given.fragment &&
    sameQuery(registered.query, given.query)
  )
}

function sameHost(registered: Address, given: Address): boolean {
  if (given.host.includes('*')) return false
  if (registered.host.includes('*') && isWeb(registered)) {
    const fits = (part: string, i: number) => part === '*' || part === given.host[i]
    return registered.host.length === given.host.length && registered.host.every(fits)
  }
  return bare(registered).join('.') === bare(given).join('.')
}

/** The host without `www.`, where that leaves a name of two labels or more. */
function bare(address: Address): string[] {
  const { host } = address
  return isWeb(address) && host[0] === 'www' && host.length > 2 ? host.slice(1) : host
}

/** Compares name by name; values of the same name keep their order. A stable sort does both. */
function sameQuery(registered: Address['query'], given: Address['query']): boolean {
  if (registered === undefined || given === undefined) return registered === given
  if (registered.length !== given.length) return false
  const wanted = byName(registered)
  return byName(given).every(([name, value], i) => wanted[i]?.[0] === name && fits(wanted[i][1], value))
}

function byName(query: NonNullable<Address['query']>): NonNullable<Address['query']> {
  return query.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** A value for a placeholder must be one value to every reader: some split at `;` too. */
function fits(registered: string | undefined, given: string | undefined): boolean {
  if (isPlaceholder(registered)) return given !== undefined && !given.includes(';')
  return registered === given
}
