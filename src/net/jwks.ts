/** Remote JSON Web Key Sets: fetched through the guarded door, held for a while, searched by token header. */
import type { JWK } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Outbound } from './outbound.ts'

export type KeySets = { find(url: string, header: { kid?: string; alg: string }): Promise<JWK[]> }

/** The answer of a key set's URL is not a key set. The message names at most the host. */
export class KeySetError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'KeySetError'
  }
}

// Times are in milliseconds of the `now` given.
type Held = { keys: JWK[]; fetched_at: number; tried_at: number; pending?: Promise<void> }

const MAX_SETS = 1000
const MAX_BYTES = 256 * 1024
const HOLD_MS = 5 * 60_000
const REFETCH_GUARD_MS = 10_000

// The keys that can verify an algorithm (RFC 7518 section 3.1, RFC 8037, RFC 9864).
const FITTING: Record<string, { kty: string; crv?: string }> = {
  RS256: { kty: 'RSA' },
  RS384: { kty: 'RSA' },
  RS512: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  PS384: { kty: 'RSA' },
  PS512: { kty: 'RSA' },
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  ES512: { kty: 'EC', crv: 'P-521' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  Ed25519: { kty: 'OKP', crv: 'Ed25519' },
}

/**
 * Makes the holder of remote key sets; `now` gives milliseconds. `find` returns the candidate keys for a token header:
 * those with its `kid` (possibly none), or without one all keys that fit its `alg`. A set is held for five minutes; an
 * unknown `kid` fetches it again, at most every ten seconds. Callers at the same time share one fetch. A failed fetch
 * is not remembered, and a set still held outlives it. Throws OutboundError, or KeySetError for a bad document.
 */
export function createKeySets(config: { outbound: Outbound; now: () => number }): KeySets {
  const { outbound, now } = config
  // Times are kept in the entries, not in the cache's own expiry: a set's age and the guard need the same clock.
  const sets = new LRUCache<string, Held>({ max: MAX_SETS })

  async function find(url: string, header: { kid?: string; alg: string }): Promise<JWK[]> {
    const held = sets.get(url) ?? { keys: [], fetched_at: -Infinity, tried_at: -Infinity }
    sets.set(url, held)
    const fresh = () => now() - held.fetched_at < HOLD_MS
    if (!fresh()) await fetchOnce(url, held)
    else if (header.kid !== undefined && !candidates(held.keys, header).length) {
      // The guard counts failed fetches too: anyone can send a token with an invented kid.
      if (held.pending || now() - held.tried_at >= REFETCH_GUARD_MS) {
        try {
          await fetchOnce(url, held)
        } catch (error) {
          if (!fresh()) throw error
        }
      }
    }
    return candidates(held.keys, header)
  }

  function fetchOnce(url: string, held: Held): Promise<void> {
    held.pending ??= fetchInto(url, held).finally(() => {
      held.pending = undefined
    })
    return held.pending
  }

  async function fetchInto(url: string, held: Held): Promise<void> {
    // Age counts from before the request, so that a slow answer does not lengthen it.
    const started = now()
    held.tried_at = started
    held.keys = await fetchKeys(outbound, url)
    held.fetched_at = started
  }

  return { find }
}

async function fetchKeys(outbound: Outbound, url: string): Promise<JWK[]> {
  const response = await outbound.request(url, { headers: { accept: 'application/json' }, max_bytes: MAX_BYTES })
  const host = URL.parse(url)?.host
  if (response.status !== 200) {
    throw new KeySetError(`${host} answered with status ${response.status} instead of a key set.`)
  }
  const keys = parseKeys(response.body.toString('utf8'))
  if (!keys) throw new KeySetError(`${host} answered with a document that is not a key set.`)
  return keys
}

function parseKeys(text: string): JWK[] | undefined {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(document) || !Array.isArray(document.keys)) return undefined
  return document.keys.filter(isPublicKey)
}

// A published symmetric key is a secret no longer: whoever read the set could sign with it.
function isPublicKey(value: unknown): value is JWK {
  return isObject(value) && typeof value.kty === 'string' && value.kty !== 'oct'
}

function candidates(keys: JWK[], header: { kid?: string; alg: string }): JWK[] {
  if (header.kid !== undefined) return keys.filter((key) => key.kid === header.kid)
  return keys.filter((key) => fits(key, header.alg))
}

function fits(key: JWK, alg: string): boolean {
  const wanted = Object.hasOwn(FITTING, alg) ? FITTING[alg] : undefined
  if (!wanted || key.kty !== wanted.kty) return false
  if (wanted.crv !== undefined && key.crv !== wanted.crv) return false
  // EdDSA is the older name of Ed25519: a curve already matched decides between them.
  if (key.alg !== undefined && key.alg !== alg && wanted.kty !== 'OKP') return false
  return key.use === undefined || key.use === 'sig'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
