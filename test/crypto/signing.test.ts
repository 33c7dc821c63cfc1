/** JSON Web Tokens: what is signed, and every way in which a token that is not ours might pass. */
import assert from 'node:assert/strict'
import { createHmac, sign as signBytes } from 'node:crypto'
import { before, test } from 'node:test'
import { decodeProtectedHeader } from 'jose'
import {
  type KeyPair,
  newKeyPair,
  readPrivateKey,
  readPublicKey,
  signJwt,
  type VerificationKey,
  verifyJwt,
} from '../../src/crypto/signing.ts'
import { preparedKeyPair } from '../support/world.ts'

const claims = '{"sub":"user-test-1"}'
let [pair, other]: KeyPair[] = []
let keys: VerificationKey[]
let token: string

before(async () => {
  pair = await preparedKeyPair()
  other = await preparedKeyPair()
  assert.notEqual(pair.private_pem, other.private_pem)
  keys = [
    { kid: 'first', algorithm: 'RS256', public_key: readPublicKey(pair.public_jwk) },
    { kid: 'second', algorithm: 'RS256', public_key: readPublicKey(other.public_jwk) },
  ]
  token = await signJwt({ kid: 'first', algorithm: 'RS256', private_key: pem() }, claims)
})

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const pem = () => readPrivateKey((pair as KeyPair).private_pem)

/** A token with any header, signed properly with RS256 by that key. */
function forge(header: unknown, payload = claims, key = pem()): string {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${signBytes('sha256', Buffer.from(input), key).toString('base64url')}`
}

test('the header says RS256, JWT and the key, and nothing else; the claims are kept to the byte', async () => {
  assert.deepEqual(decodeProtectedHeader(token), { alg: 'RS256', kid: 'first', typ: 'JWT' })
  assert.deepEqual(await verifyJwt(token, keys), { payload: claims, kid: 'first' })
  assert.deepEqual(await verifyJwt(forge({ alg: 'RS256', kid: 'first' }), keys), { payload: claims, kid: 'first' })
})

test('a new key pair has 2048 bits, and publishes nothing private', async () => {
  const made = await newKeyPair('RS256')
  assert.deepEqual(Object.keys(made.public_jwk), ['kty', 'n', 'e'])
  assert.equal(readPrivateKey(made.private_pem).asymmetricKeyDetails?.modulusLength, 2048)
})

test('an ES256 key pair is a point of P-256, and its tokens count with it alone', async () => {
  const made = await newKeyPair('ES256')
  assert.deepEqual(Object.keys(made.public_jwk), ['kty', 'crv', 'x', 'y'])
  const private_key = readPrivateKey(made.private_pem)
  const signed = await signJwt({ kid: 'third', algorithm: 'ES256', private_key }, claims)
  assert.deepEqual(decodeProtectedHeader(signed), { alg: 'ES256', kid: 'third', typ: 'JWT' })
  const third = { kid: 'third', algorithm: 'ES256', public_key: readPublicKey(made.public_jwk) } as const
  assert.deepEqual(await verifyJwt(signed, [...keys, third]), { payload: claims, kid: 'third' })
  assert.equal(await verifyJwt(signed, keys), undefined)
  assert.equal(await verifyJwt(signed, [{ ...third, kid: 'first' }]), undefined)
})

test('a token that names another algorithm than its key is for is none, whatever signed it', async () => {
  const made = await newKeyPair('ES256')
  const third = { kid: 'third', algorithm: 'ES256', public_key: readPublicKey(made.public_jwk) } as const
  const both = [...keys, third]
  const ec = { kid: 'third', algorithm: 'ES256', private_key: readPrivateKey(made.private_pem) } as const
  for (const [key, claimed] of [
    [ec, { kid: 'first', alg: 'ES256' }],
    [ec, { kid: 'third', alg: 'RS256' }],
    [
      { kid: 'first', algorithm: 'RS256', private_key: pem() },
      { kid: 'third', alg: 'RS256' },
    ],
    [
      { kid: 'first', algorithm: 'RS256', private_key: pem() },
      { kid: 'first', alg: 'ES256' },
    ],
  ] as const) {
    const input = `${encode(claimed)}.${encode(claims)}`
    const given = { key: key.private_key, dsaEncoding: 'ieee-p1363' } as const
    const signature = signBytes('sha256', Buffer.from(input), given).toString('base64url')
    assert.equal(await verifyJwt(`${input}.${signature}`, both), undefined, JSON.stringify(claimed))
  }
})

test('"none" is no algorithm', async () => {
  for (const alg of ['none', 'None', 'NONE', '', null, undefined]) {
    const input = `${encode({ alg, kid: 'first', typ: 'JWT' })}.${encode(claims)}`
    assert.equal(await verifyJwt(`${input}.`, keys), undefined)
    assert.equal(await verifyJwt(input, keys), undefined)
    assert.equal(await verifyJwt(`${input}.${token.split('.')[2]}`, keys), undefined)
  }
})

test('the public key is no secret for HS256', async () => {
  const key = (keys[0] as VerificationKey).public_key
  const secrets = [
    key.export({ type: 'spki', format: 'pem' }),
    key.export({ type: 'spki', format: 'der' }),
    key.export({ type: 'pkcs1', format: 'pem' }),
    JSON.stringify((pair as KeyPair).public_jwk),
  ]
  for (const secret of secrets) {
    const input = `${encode({ alg: 'HS256', kid: 'first', typ: 'JWT' })}.${encode(claims)}`
    const mac = createHmac('sha256', secret).update(input).digest('base64url')
    assert.equal(await verifyJwt(`${input}.${mac}`, keys), undefined)
  }
})

test('no other algorithm counts, even with a good signature of its kind', async () => {
  for (const [alg, digest] of [
    ['RS384', 'sha384'],
    ['RS512', 'sha512'],
  ] as const) {
    const input = `${encode({ alg, kid: 'first', typ: 'JWT' })}.${encode(claims)}`
    const signature = signBytes(digest, Buffer.from(input), pem()).toString('base64url')
    assert.equal(await verifyJwt(`${input}.${signature}`, keys), undefined)
  }
  for (const alg of ['PS256', 'ES256', 'EdDSA', 'rs256', 'RS256 ']) {
    assert.equal(await verifyJwt(forge({ alg, kid: 'first' }), keys), undefined)
  }
})

test('the key is the one that kid names, whatever kid tries to be', async () => {
  assert.equal(
    await verifyJwt(await signJwt({ kid: 'second', algorithm: 'RS256', private_key: pem() }, claims), keys),
    undefined,
  )
  const kids = [
    undefined,
    null,
    '',
    0,
    ['first'],
    { toString: 'first' },
    'FIRST',
    'first\0',
    "first' or '1'='1",
    '../../etc/passwd',
    '__proto__',
    'constructor',
    'http://127.0.0.1/jwks.json',
    'x'.repeat(10_000),
  ]
  for (const kid of kids)
    assert.equal(await verifyJwt(forge({ alg: 'RS256', kid }), keys), undefined, JSON.stringify(kid))
  assert.equal(await verifyJwt(token, []), undefined)
})

test('a key that the token brings along is not looked at', async () => {
  const { public_jwk, private_pem } = other as KeyPair
  for (const header of [
    { alg: 'RS256', kid: 'first', jwk: public_jwk },
    { alg: 'RS256', jwk: public_jwk },
    { alg: 'RS256', kid: 'first', jku: 'http://127.0.0.1/jwks.json', x5u: 'http://127.0.0.1/' },
  ]) {
    assert.equal(await verifyJwt(forge(header, claims, readPrivateKey(private_pem)), keys), undefined)
  }
})

test('an extension that must be understood is not ignored', async () => {
  assert.equal(await verifyJwt(forge({ alg: 'RS256', kid: 'first', crit: ['exp'], exp: 1 }), keys), undefined)
})

test('a changed header, payload or signature is not signed', async () => {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const changed = [
    [encode({ alg: 'RS256', kid: 'first', typ: 'jwt' }), payload, signature],
    [header, encode('{"sub":"user-test-2"}'), signature],
    [header, encode(`${claims} `), signature],
    [header, payload, signature.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'))],
    [header, payload, signature.slice(0, -4)],
    [header, payload, ''],
    [header, payload, signature, signature],
    [header, payload],
    [payload, header, signature],
  ]
  for (const parts of changed) assert.equal(await verifyJwt(parts.join('.'), keys), undefined, parts.join('.'))
})

test('what is no token at all is refused without a fault', async () => {
  const texts = [
    '',
    '.',
    '..',
    '...',
    'a.b.c',
    'e30.e30.e30',
    'é.é.é',
    '\0.\0.\0',
    ' '.repeat(1000),
    `${token}.`,
    ` ${token}`,
  ]
  const headers = ['null', '[]', '"RS256"', '{"alg":', '1']
  for (const text of [...texts, ...headers.map((header) => `${encode(header)}.${encode(claims)}.AAAA`)]) {
    assert.equal(await verifyJwt(text, keys), undefined, JSON.stringify(text))
  }
})
