// Remote key sets against a door and a clock made here: what is held, refetched, shared and refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKeySets, KeySetError } from '../../src/net/jwks.ts'
import type { Outbound, OutboundOptions } from '../../src/net/outbound.ts'
import { OutboundError } from '../../src/net/outbound.ts'

const URL_A = 'https://idp.example/keys?secret=s3cret'
const A = { kty: 'RSA', kid: 'a', n: 'n', e: 'AQAB' }
const B = { kty: 'RSA', kid: 'b', n: 'n', e: 'AQAB' }

/** Key sets over a door that answers with `remote.answer()`, on a clock that stands at `remote.now`. */
function remoteKeys(...keys: object[]) {
  const remote = {
    now: 0,
    calls: [] as { url: string; options?: OutboundOptions }[],
    answer: () => ok(keys),
  }
  const outbound: Outbound = {
    async request(url, options) {
      remote.calls.push({ url, options })
      return remote.answer()
    },
  }
  return { remote, sets: createKeySets({ outbound, now: () => remote.now }) }
}

function ok(keys: unknown) {
  return respond(200, JSON.stringify({ keys }))
}

function respond(status: number, text: string) {
  return { status, headers: {}, body: Buffer.from(text) }
}

function failing(): never {
  throw new OutboundError('network', 'idp.example failed.')
}

const unknown = { kid: 'b', alg: 'RS256' }
const known = { kid: 'a', alg: 'RS256' }

test('a set is fetched once and held for five minutes, then fetched again', async () => {
  const { remote, sets } = remoteKeys(A)
  assert.deepEqual(await sets.find(URL_A, known), [A])
  remote.now = 5 * 60_000 - 1
  assert.deepEqual(await sets.find(URL_A, known), [A])
  assert.equal(remote.calls.length, 1)
  remote.now = 5 * 60_000
  remote.answer = () => ok([B])
  assert.deepEqual(await sets.find(URL_A, known), [])
  assert.equal(remote.calls.length, 2)
})

test('the fetch asks for JSON and accepts up to 256 KiB', async () => {
  const { remote, sets } = remoteKeys(A)
  await sets.find(URL_A, known)
  assert.equal(remote.calls[0]!.url, URL_A)
  assert.equal(remote.calls[0]!.options?.headers?.accept, 'application/json')
  assert.equal(remote.calls[0]!.options?.max_bytes, 262_144)
})

test('sets of different URLs are held apart', async () => {
  const { remote, sets } = remoteKeys(A)
  await sets.find(URL_A, known)
  remote.answer = () => ok([B])
  assert.deepEqual(await sets.find('https://other.example/keys', known), [])
  assert.deepEqual(await sets.find(URL_A, known), [A])
})

test('callers at the same time share one fetch', async () => {
  const { remote, sets } = remoteKeys(A)
  const found = await Promise.all([sets.find(URL_A, known), sets.find(URL_A, known), sets.find(URL_A, unknown)])
  assert.deepEqual(found, [[A], [A], []])
  assert.equal(remote.calls.length, 1)
})

test('an unknown kid fetches a rotated set once, and the burst that asks for it shares that fetch', async () => {
  const { remote, sets } = remoteKeys(A)
  await sets.find(URL_A, known)
  remote.now = 10_000
  remote.answer = () => ok([A, B])
  assert.deepEqual(await Promise.all([sets.find(URL_A, unknown), sets.find(URL_A, unknown)]), [[B], [B]])
  assert.equal(remote.calls.length, 2)
})

test('invented kids cannot make more than one fetch in ten seconds, failed or not', async () => {
  const { remote, sets } = remoteKeys(A)
  await sets.find(URL_A, known)
  remote.now = 9999
  assert.deepEqual(await sets.find(URL_A, { kid: 'x', alg: 'RS256' }), [])
  assert.equal(remote.calls.length, 1)
  remote.now = 10_000
  remote.answer = failing
  for (const kid of ['x', 'y', 'z']) assert.deepEqual(await sets.find(URL_A, { kid, alg: 'RS256' }), [])
  assert.equal(remote.calls.length, 2)
  remote.now = 19_999
  await sets.find(URL_A, unknown)
  assert.equal(remote.calls.length, 2)
  remote.now = 20_000
  await sets.find(URL_A, unknown)
  assert.equal(remote.calls.length, 3)
})

test('a known kid is answered from the held set while a refetch is under way', async () => {
  const held = Promise.withResolvers<void>()
  let calls = 0
  const outbound: Outbound = {
    async request() {
      calls++
      if (calls > 1) await held.promise
      return ok([A])
    },
  }
  let now = 0
  const sets = createKeySets({ outbound, now: () => now })
  await sets.find(URL_A, known)
  now = 10_000
  const waiting = sets.find(URL_A, unknown)
  assert.deepEqual(await sets.find(URL_A, known), [A])
  held.resolve()
  assert.deepEqual(await waiting, [])
  assert.equal(calls, 2)
})

test('a held set outlives a failed refetch until it expires', async () => {
  const { remote, sets } = remoteKeys(A)
  await sets.find(URL_A, known)
  remote.answer = failing
  remote.now = 10_000
  assert.deepEqual(await sets.find(URL_A, unknown), [])
  assert.deepEqual(await sets.find(URL_A, known), [A])
  remote.now = 5 * 60_000
  await assert.rejects(sets.find(URL_A, known), OutboundError)
})

test('a burst shares one failed fetch, and the next call tries again', async () => {
  const { remote, sets } = remoteKeys(A)
  const good = remote.answer
  remote.answer = failing
  const burst = await Promise.allSettled([sets.find(URL_A, known), sets.find(URL_A, known), sets.find(URL_A, known)])
  assert.ok(burst.every((result) => result.status === 'rejected' && result.reason instanceof OutboundError))
  assert.equal(remote.calls.length, 1)
  remote.answer = good
  assert.deepEqual(await sets.find(URL_A, known), [A])
  assert.equal(remote.calls.length, 2)
})

for (const [what, response] of [
  ['not JSON', respond(200, '<html>')],
  ['null', respond(200, 'null')],
  ['an array', respond(200, '[]')],
  ['an object without keys', respond(200, '{}')],
  ['keys that are no array', respond(200, '{"keys":{"length":1}}')],
  ['an error status', respond(500, '{"keys":[]}')],
] as const) {
  test(`a document that is ${what} is a KeySetError that does not tell the query`, async () => {
    const { remote, sets } = remoteKeys()
    remote.answer = () => response
    await assert.rejects(
      sets.find(URL_A, known),
      (error) => error instanceof KeySetError && /idp\.example/.test(error.message) && !/s3cret/.test(error.message),
    )
  })
}

test('symmetric keys and entries that are no keys are dropped, even under the wanted kid', async () => {
  const { sets } = remoteKeys(A, { kty: 'oct', kid: 'a', k: 'AAAA' }, { kid: 'a' }, { kty: 1, kid: 'a' }, [] as object)
  assert.deepEqual(await sets.find(URL_A, known), [A])
  assert.deepEqual(await sets.find(URL_A, { alg: 'HS256' }), [])
})

test('a header with a kid gets every key of that kid', async () => {
  const twin = { ...A, n: 'm' }
  const { sets } = remoteKeys(A, B, twin)
  assert.deepEqual(await sets.find(URL_A, known), [A, twin])
})

test('a header without a kid gets the keys whose type, curve, algorithm and use fit', async () => {
  const rsa = { kty: 'RSA', n: '1' }
  const rsa256 = { kty: 'RSA', n: '2', alg: 'RS256', use: 'sig' }
  const encryption = { kty: 'RSA', n: '3', use: 'enc' }
  const p256 = { kty: 'EC', crv: 'P-256' }
  const p384 = { kty: 'EC', crv: 'P-384' }
  const ed = { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA' }
  const x25519 = { kty: 'OKP', crv: 'X25519' }
  const { remote, sets } = remoteKeys(rsa, rsa256, encryption, p256, p384, ed, x25519)
  const wanted = {
    RS256: [rsa, rsa256],
    PS256: [rsa],
    RS512: [rsa],
    ES256: [p256],
    ES384: [p384],
    ES512: [],
    EdDSA: [ed],
    Ed25519: [ed],
    none: [],
    constructor: [],
  }
  for (const [alg, keys] of Object.entries(wanted)) assert.deepEqual(await sets.find(URL_A, { alg }), keys, alg)
  assert.equal(remote.calls.length, 1)
})
