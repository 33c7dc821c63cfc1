/** The one guarded door for outgoing HTTP: it decides which targets may be reached, how long, and for how many bytes. */
import { lookup as dnsLookup } from 'node:dns/promises'
import { once } from 'node:events'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import { isPublicAddress } from './address.ts'
import type { AllowList } from './allow.ts'
import { allows, plainHost } from './allow.ts'

/** `timeout_ms`: until the response headers (5000); `total_ms`: until the end (10000); `max_bytes`: of body (65536). */
export type OutboundOptions = {
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string | Buffer
  timeout_ms?: number
  total_ms?: number
  max_bytes?: number
}

/** Header names are in lower case; a repeated header is joined with commas. */
export type OutboundResponse = { status: number; headers: Record<string, string>; body: Buffer }

export type Outbound = { request(url: string, options?: OutboundOptions): Promise<OutboundResponse> }

export type OutboundReason = 'invalid_url' | 'refused_target' | 'timeout' | 'too_large' | 'redirect' | 'network'

export type Lookup = (host: string) => Promise<{ address: string; family: number }[]>

/** Why a request was not made or not finished. The message names at most the host, never a path, query or header. */
export class OutboundError extends Error {
  readonly reason: OutboundReason
  constructor(reason: OutboundReason, message: string) {
    super(message)
    this.name = 'OutboundError'
    this.reason = reason
  }
}

type Request = (settings: RequestOptions & { rejectUnauthorized?: boolean }) => ClientRequest
type Target = { url: URL; secure: boolean; host: string; port: number }

// What the door itself decides; a caller's value could contradict the target or the framing of the body.
const OWN_HEADERS = [
  'host',
  'accept-encoding',
  'connection',
  'content-length',
  'transfer-encoding',
  'expect',
  'upgrade',
]

/**
 * Makes the door. Public targets are reached over https; http and private targets only when `allow` names them. The
 * host is resolved once and the connection goes to the addresses that were checked. No redirect is followed, no proxy
 * variable is read, and every call has a connection of its own. `lookup` replaces the system resolver.
 * `request` throws OutboundError and nothing else; a response with any status but 3xx is returned.
 */
export function createOutbound(config: { allow: AllowList; lookup?: Lookup }): Outbound {
  const { allow, lookup = (host) => dnsLookup(host, { all: true }) } = config

  async function request(text: string, options: OutboundOptions = {}): Promise<OutboundResponse> {
    const { timeout_ms = 5000, total_ms = 10_000, max_bytes = 65_536 } = options
    const target = parseTarget(text)
    const deadline = new AbortController()
    const expire = (ms: number, what: string) =>
      setTimeout(() => {
        deadline.abort(new OutboundError('timeout', `${target.host} did not ${what} within ${ms} ms.`))
      }, ms)
    const headerTimer = expire(timeout_ms, 'answer')
    const totalTimer = expire(total_ms, 'finish its answer')
    let outgoing: ClientRequest | undefined
    try {
      const addresses = await beforeAbort(resolve(target.host, lookup), deadline.signal)
      refuseUnlessAllowed(target, addresses, allow)
      outgoing = send(target, addresses, options, deadline.signal, await loadRequest(target))
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
      clearTimeout(headerTimer)
      const status = response.statusCode!
      const headers = flatten(response)
      refuseUnreadable(target, status, headers)
      return { status, headers, body: await readBody(target, response, max_bytes) }
    } catch (error) {
      if (error instanceof OutboundError) throw error
      if (deadline.signal.aborted) throw deadline.signal.reason
      throw new OutboundError('network', `The request to ${target.host} failed${errorCode(error)}.`)
    } finally {
      clearTimeout(headerTimer)
      clearTimeout(totalTimer)
      outgoing?.destroy()
    }
  }

  return { request }
}

function parseTarget(text: string): Target {
  const url = URL.parse(text)
  if (!url) throw new OutboundError('invalid_url', 'The URL cannot be parsed.')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new OutboundError('invalid_url', 'The URL is neither https nor http.')
  }
  if (url.username !== '' || url.password !== '') {
    throw new OutboundError('invalid_url', 'The URL carries a user name or a password.')
  }
  // One name for the check, the resolver, the Host header and TLS, which knows no final dot. By now the URL parser has
  // rewritten every odd notation of an IPv4 address (decimal, octal, hexadecimal, short) to the dotted one.
  const host = plainHost(url.hostname.replace(/^\[|\]$/g, ''))
  if (host === '' || host.endsWith('.')) throw new OutboundError('invalid_url', 'The URL has no usable host.')
  const secure = url.protocol === 'https:'
  return { url, secure, host, port: Number(url.port || (secure ? 443 : 80)) }
}

async function resolve(host: string, lookup: Lookup): Promise<string[]> {
  if (isIP(host)) return [host]
  return (await lookup(host)).map(({ address }) => address)
}

function refuseUnlessAllowed({ secure, host, port }: Target, addresses: string[], allow: AllowList): void {
  if (addresses.length === 0) throw new OutboundError('network', `${host} has no address.`)
  // Every address, because the connection may fall back from one to the next.
  for (const address of addresses) {
    if (allows(allow, { host, address, port })) continue
    if (!isPublicAddress(address)) {
      throw new OutboundError('refused_target', `${host} is not a public address, and the allow list does not name it.`)
    }
    if (!secure) {
      throw new OutboundError(
        'refused_target',
        `${host} is not reached over https, and the allow list does not name it.`,
      )
    }
  }
}

/** Loaded by the first call: its import brings along the client behind `fetch`, for which no start should wait. */
async function loadRequest({ secure }: Target): Promise<Request> {
  return (secure ? await import('node:https') : await import('node:http')).request
}

function send(
  target: Target,
  addresses: string[],
  options: OutboundOptions,
  signal: AbortSignal,
  request: Request,
): ClientRequest {
  const { url, secure, host } = target
  const checked = addresses.map((address) => ({ address, family: isIP(address) }))
  const lookup: LookupFunction = (_host, { all }, callback) => {
    if (all) callback(null, checked)
    else callback(null, checked[0]!.address, checked[0]!.family)
  }
  const given = Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const)
  const hostHeader = (isIP(host) === 6 ? `[${host}]` : host) + (url.port && `:${url.port}`)
  const settings: RequestOptions = {
    method: options.method ?? 'GET',
    host,
    port: target.port,
    path: url.pathname + url.search,
    headers: {
      ...Object.fromEntries(given.filter(([name]) => !OWN_HEADERS.includes(name))),
      host: hostHeader,
      'accept-encoding': 'identity',
      connection: 'close',
    },
    // A fresh agent: no connection shared with another target, and none of the global agent's proxy settings.
    agent: false,
    lookup,
    signal,
  }
  // Said aloud so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn verification off.
  const outgoing = request(secure ? { ...settings, rejectUnauthorized: true } : settings)
  // Errors after the response headers reach the reader of the body; unheard here, they would end the process.
  outgoing.on('error', () => {})
  outgoing.end(options.body)
  return outgoing
}

function refuseUnreadable({ host }: Target, status: number, headers: Record<string, string>): void {
  if (status >= 300 && status < 400) {
    throw new OutboundError('redirect', `${host} answered with a redirect, which is not followed.`)
  }
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? ''
  if (encoding !== '' && encoding !== 'identity') {
    throw new OutboundError('network', `${host} answered with a compressed body, which was not asked for.`)
  }
}

async function readBody({ host }: Target, response: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () => new OutboundError('too_large', `${host} answered with more than ${limit} bytes.`)
  if (Number(response.headers['content-length'] ?? 0) > limit) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function flatten(response: IncomingMessage): Record<string, string> {
  const entries = Object.entries(response.headersDistinct)
  return Object.fromEntries(entries.map(([name, values]) => [name, values!.join(', ')]))
}

/** The promise's outcome, or the signal's reason if that comes first: a DNS query in flight cannot be cancelled. */
function beforeAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  // It may be aborted later, when nobody waits here any more.
  aborted.catch(() => {})
  return Promise.race([promise, aborted])
}

function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? ` (${code})` : ''
}
