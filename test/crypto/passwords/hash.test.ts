/** Password hashes: every scheme against published values, and what is refused. */
import assert from 'node:assert/strict'
import { argon2Sync } from 'node:crypto'
import { describe, test } from 'node:test'
import { describeHash } from '../../../src/crypto/passwords/exported.ts'
import { hashPassword, isHeavy, needsRehash, verifyPassword } from '../../../src/crypto/passwords/hash.ts'
import { type HashConfigs, parseImportedHash } from '../../../src/crypto/passwords/imported.ts'
import { Refusal } from '../../../src/errors.ts'

const hexToBase64 = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex').toString('base64')
const toBase64 = (text: string) => Buffer.from(text).toString('base64')
const scrypt = (salt: string, n_parameter: number, r_parameter: number, p_parameter: number, key_length = 64) => ({
  scrypt_config: { salt: toBase64(salt), n_parameter, r_parameter, p_parameter, key_length },
})
const pbkdf2 = (salt: string, iteration_amount: number, algorithm?: string, key_length = 64) => ({
  pbkdf_2_config: { salt: toBase64(salt), iteration_amount, algorithm, key_length },
})
const argon2 = (change: object = {}) => ({
  argon_2_config: { salt: 'somesalt', iteration_amount: 2, memory: 65_536, threads: 1, key_length: 32, ...change },
})

type Known = [source: string, hash_type: string, hash: string, password: string, configs?: HashConfigs]

const rfc7914Password =
  'fd ba be 1c 9d 34 72 00 78 56 e7 19 0d 01 e9 fe 7c 6a d7 cb c8 23 78 30 e7 73 76 63 4b 37 31 62' +
  ' 2e af 30 d9 2e 22 a3 88 6f f1 09 27 9d 98 30 da c7 27 af b9 4a 83 ee 6d 83 60 cb df a2 cc 06 40'
const rfc7914Pbkdf2 =
  '55 ac 04 6e 56 e3 08 9f ec 16 91 c2 25 44 b6 05 f9 41 85 21 6d de 04 65 e6 8b 9d 57 c2 0d ac bc' +
  ' 49 ca 9c cc f1 79 b6 45 99 16 64 b3 9d 77 ef 31 7c 71 b8 45 b1 e3 0b d5 09 11 20 41 d3 a1 97 83'
const pbkdf2Sha512 =
  '867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252' +
  'c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce'
const seventyTwo = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

const known: Known[] = [
  // The test programme of the reference implementation, phc-winner-argon2 (src/test.c).
  [
    'Argon2i 1.3',
    'argon_2i',
    '$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA',
    'password',
  ],
  [
    'Argon2i 1.0',
    'argon_2i',
    '$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ',
    'password',
  ],
  [
    'Argon2id',
    'argon_2id',
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    'password',
  ],
  [
    'Argon2id, in hexadecimal',
    'argon_2id',
    '09316115D5CF24ED5A15A31A3BA326E5CF32EDC24702987C02B6566F61913CF7',
    'password',
    argon2(),
  ],
  // crypt_blowfish (wrapper.c).
  ['bcrypt', 'bcrypt', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U'],
  ['bcrypt 2y', 'bcrypt', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK', 'U*U*'],
  [
    'bcrypt beyond its reach',
    'bcrypt',
    '$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui',
    `${seventyTwo}chars after 72 are ignored`,
  ],
  // RFC 7914, sections 12 and 11.
  ['scrypt', 'scrypt', hexToBase64(rfc7914Password), 'password', scrypt('NaCl', 1024, 8, 16)],
  ['PBKDF2-SHA-256', 'pbkdf_2', hexToBase64(rfc7914Pbkdf2), 'passwd', pbkdf2('salt', 1, 'sha256')],
  ['PBKDF2 without an algorithm', 'pbkdf_2', hexToBase64(rfc7914Pbkdf2), 'passwd', pbkdf2('salt', 1)],
  // The inputs of RFC 6070 with SHA-512; computed with hashlib.pbkdf2_hmac of Python.
  ['PBKDF2-SHA-512', 'pbkdf_2', hexToBase64(pbkdf2Sha512), 'password', pbkdf2('salt', 1, 'sha512')],
  // RFC 1321 and FIPS 180: the digests of "abc".
  ['MD5', 'md_5', '900150983cd24fb0d6963f7d28e17f72', 'abc'],
  [
    'MD5 with salts',
    'md_5',
    '900150983CD24FB0D6963F7D28E17F72',
    'b',
    { md_5_config: { prepend_salt: 'a', append_salt: 'c' } },
  ],
  ['SHA-1', 'sha_1', 'a9993e364706816aba3e25717850c26c9cd0d89d', 'abc'],
  [
    'SHA-1 with a salt after it',
    'sha_1',
    'a9993e364706816aba3e25717850c26c9cd0d89d',
    'ab',
    { sha_1_config: { prepend_salt: undefined, append_salt: 'c' } },
  ],
  [
    'SHA-512',
    'sha_512',
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    'bc',
    { sha_512_config: { prepend_salt: 'a', append_salt: '' } },
  ],
  // The test programme of phpass 0.3 (test.php).
  ['phpass', 'phpass', '$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0', 'test12345'],
  ['phpass as phpBB spells it', 'phpass', '$H$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0', 'test12345'],
]

describe('imported hashes', () => {
  for (const [source, hash_type, hash, password, configs = {}] of known) {
    test(`${source}: the right password fits, others do not`, async () => {
      const stored = parseImportedHash(hash_type, hash, configs)
      assert.equal(stored.scheme, hash_type)
      assert.equal(await verifyPassword(stored, password), true)
      for (const wrong of ['', ` ${password}`, password.toUpperCase() + password]) {
        assert.equal(await verifyPassword(stored, wrong), false, JSON.stringify(wrong))
      }
    })
  }

  test('every stored hash can be described in the terms in which it is imported', () => {
    for (const [source, hash_type, hash, , configs = {}] of known) {
      const stored = parseImportedHash(hash_type, hash, configs)
      const described = describeHash(stored)
      assert.deepEqual(parseImportedHash(described.hash_type, described.hash, described), stored, source)
    }
  })

  test('scrypt in PHC form is stored as it came', async () => {
    const { scheme, hash } = parseImportedHash('scrypt', hexToBase64(rfc7914Password), scrypt('NaCl', 1024, 8, 16))
    assert.match(hash, /^\$scrypt\$ln=10,r=8,p=16\$TmFDbA\$/)
    assert.deepEqual(parseImportedHash('scrypt', hash, {}), { scheme, hash })
    assert.equal(await verifyPassword({ scheme, hash }, 'password'), true)
  })

  test('Argon2 agrees with the implementation of Node.js, whatever the parameters', async () => {
    for (const [memory, passes, parallelism, tagLength] of [
      [256, 3, 4, 64],
      [64, 1, 1, 16],
      [1024, 2, 16, 100],
    ] as const) {
      const salt = 'a salt, much longer than forty-eight bytes, as some systems make them'
      const key = argon2Sync('argon2id', {
        message: 'pässword',
        nonce: Buffer.from(salt),
        memory,
        passes,
        parallelism,
        tagLength,
      })
      const config = { salt, memory, iteration_amount: passes, threads: parallelism, key_length: tagLength }
      const stored = parseImportedHash('argon_2id', key.toString('hex'), { argon_2_config: config })
      assert.equal(await verifyPassword(stored, 'pässword'), true)
      assert.equal(await verifyPassword(stored, 'passwört'), false)
    }
  })

  test('phpass lets others run while it counts', async () => {
    const stored = parseImportedHash('phpass', '$P$GIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0', {})
    let turns = 0
    const ticking = setInterval(() => turns++, 1)
    assert.equal(await verifyPassword(stored, 'test12345'), false)
    clearInterval(ticking)
    assert.ok(turns > 10, `${turns} turns`)
  })
})

describe('our own hashes', () => {
  test('are Argon2id with 19 MiB and two passes, each with its own salt', async () => {
    const [one, other] = [await hashPassword('pässword'), await hashPassword('pässword')]
    assert.equal(one.scheme, 'argon_2id')
    assert.match(one.hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    assert.notEqual(one.hash, other.hash)
    assert.equal(await verifyPassword(one, 'pässword'), true)
    assert.equal(await verifyPassword(one, 'passwörd'), false)
    assert.equal(needsRehash(one, 'pässword'), false)
    assert.equal(isHeavy(one), false)
  })

  test('take all of a long password, and tell two forms of the same letter apart', async () => {
    const long = 'x'.repeat(1024)
    assert.equal(await verifyPassword(await hashPassword(long), `${long.slice(1)}y`), false)
    const composed = 'é'.normalize('NFC')
    assert.equal(await verifyPassword(await hashPassword(composed), composed.normalize('NFD')), false)
  })

  test('replace every other scheme and cost, but not a bcrypt hash that saw only the beginning', () => {
    const [, type = '', hash = ''] = known.find(([source]) => source === 'bcrypt') ?? []
    const bcrypt = parseImportedHash(type, hash, {})
    assert.equal(needsRehash(bcrypt, 'U*U'), true)
    assert.equal(needsRehash(bcrypt, 'x'.repeat(72)), true)
    assert.equal(needsRehash(bcrypt, 'x'.repeat(73)), false)
    assert.equal(needsRehash({ scheme: 'argon_2id', hash: known[2]?.[2] ?? '' }, 'password'), true)
  })

  test('tell which imported ones need more memory', () => {
    assert.equal(isHeavy({ scheme: 'argon_2id', hash: known[2]?.[2] ?? '' }), true)
    const big = parseImportedHash('scrypt', hexToBase64(rfc7914Password), scrypt('NaCl', 262_144, 8, 1))
    assert.equal(isHeavy(big), true)
    assert.equal(isHeavy(parseImportedHash('md_5', 'a'.repeat(32), {})), false)
  })
})

describe('what no hash of its type is', () => {
  const key = 'ab'.repeat(32)
  const phc = (text: string) => `$argon2id$v=19$${text}$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc`
  const s = (change: object) => ({ scrypt_config: { ...scrypt('NaCl', 1024, 8, 1, 32).scrypt_config, ...change } })
  const p = (change: object) => ({
    pbkdf_2_config: { ...pbkdf2('salt', 1000, 'sha256', 32).pbkdf_2_config, ...change },
  })
  const key64 = Buffer.from(key, 'hex').toString('base64')
  const salt = 'x'.repeat(1025)
  const cases: [hash_type: string, hash: string, error_type: string, configs?: HashConfigs][] = [
    ['sha_256', key, 'invalid_hash_type'],
    ['', key, 'invalid_hash_type'],
    ['bcrypt', '', 'invalid_hash'],
    ['bcrypt', 'x'.repeat(4097), 'invalid_hash'],
    ['bcrypt', '$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'invalid_bcrypt_hash'],
    ['bcrypt', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe', 'invalid_bcrypt_hash'],
    ['bcrypt', '$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'invalid_bcrypt_cost'],
    ['bcrypt', '$2a$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'invalid_bcrypt_cost'],
    ['md_5', key, 'invalid_md_5_hash'],
    ['md_5', 'g'.repeat(32), 'invalid_md_5_hash'],
    ['md_5', 'a'.repeat(32), 'invalid_prepend_salt', { md_5_config: { prepend_salt: salt, append_salt: '' } }],
    ['md_5', 'a'.repeat(32), 'invalid_append_salt', { md_5_config: { prepend_salt: '', append_salt: salt } }],
    ['sha_1', key, 'invalid_sha_1_hash'],
    ['sha_512', key, 'invalid_sha_512_hash'],
    ['argon_2i', phc('m=65536,t=2,p=1'), 'invalid_hash'],
    ['argon_2id', '$argon2id$nothing', 'invalid_hash'],
    ['argon_2id', 'not hexadecimal', 'invalid_hash', argon2()],
    ['argon_2id', key, 'bad_request'],
    ['argon_2id', phc('m=7,t=2,p=1'), 'invalid_argon_2_memory'],
    ['argon_2id', phc('m=262145,t=1,p=1'), 'invalid_argon_2_memory'],
    ['argon_2id', phc('m=65536,t=0,p=1'), 'invalid_argon_2_iteration_amount'],
    ['argon_2id', phc('m=262144,t=5,p=1'), 'invalid_argon_2_iteration_amount'],
    ['argon_2id', phc('m=65536,t=2,p=17'), 'invalid_argon_2_threads'],
    ['argon_2id', phc('m=65536,t=2,p=0'), 'invalid_argon_2_threads'],
    ['argon_2id', key, 'invalid_argon_2_salt', argon2({ salt: 'seven77' })],
    ['argon_2id', key, 'invalid_argon_2_salt', argon2({ salt })],
    ['argon_2id', key, 'argon_2_key_length_mismatch', argon2({ key_length: 16 })],
    ['argon_2id', 'abcd', 'invalid_argon_2_key_length', argon2({ key_length: 2 })],
    ['scrypt', '$scrypt$', 'invalid_hash'],
    ['scrypt', key64, 'bad_request'],
    ['scrypt', 'not base64!', 'invalid_base64_scrypt_hash', s({})],
    ['scrypt', key64, 'invalid_base64_scrypt_salt', s({ salt: 'not base64!' })],
    ['scrypt', key64, 'invalid_scrypt_salt_length', s({ salt: '' })],
    ['scrypt', key64, 'invalid_scrypt_salt_length', s({ salt: toBase64(salt) })],
    ['scrypt', key64, 'scrypt_key_length_mismatch', s({ key_length: 31 })],
    ['scrypt', key64, 'invalid_scrypt_n_parameter', s({ n_parameter: 1000 })],
    ['scrypt', key64, 'invalid_scrypt_n_parameter', s({ n_parameter: 524_288 })],
    ['scrypt', key64, 'invalid_scrypt_n_parameter', s({ n_parameter: 1 })],
    ['scrypt', key64, 'invalid_scrypt_parameters', s({ r_parameter: 0 })],
    ['scrypt', key64, 'invalid_scrypt_parameters', s({ p_parameter: 65 })],
    ['scrypt', key64, 'invalid_scrypt_parameters', s({ n_parameter: 262_144, r_parameter: 8, p_parameter: 2 })],
    ['scrypt', 'abcd', 'invalid_scrypt_parameters', s({ key_length: 3 })],
    ['pbkdf_2', key64, 'bad_request'],
    ['pbkdf_2', key64, 'invalid_pbkdf_2_algorithm', p({ algorithm: 'sha1' })],
    ['pbkdf_2', key64, 'invalid_pbkdf_2_salt', p({ salt: 'not base64!' })],
    ['pbkdf_2', key64, 'invalid_pbkdf_2_salt', p({ salt: '' })],
    ['pbkdf_2', 'not base64!', 'invalid_pbkdf_2_hash', p({})],
    ['pbkdf_2', 'abcd', 'invalid_pbkdf_2_hash', p({ key_length: 3 })],
    ['pbkdf_2', key64, 'pbkdf_2_key_length_mismatch', p({ key_length: 64 })],
    ['pbkdf_2', key64, 'invalid_pbkdf_2_iteration_amount', p({ iteration_amount: 0 })],
    ['pbkdf_2', key64, 'invalid_pbkdf_2_iteration_amount', p({ iteration_amount: 1_500_001 })],
    ['phpass', '$2a$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0', 'invalid_phpass_hash_prefix'],
    ['phpass', '$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L', 'invalid_phpass_hash_format'],
    ['phpass', '$P$4IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0', 'invalid_phpass_hash_format'],
    ['phpass', '$P$HIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0', 'invalid_phpass_hash_format'],
  ]
  for (const [hash_type, hash, error_type, configs = {}] of cases) {
    test(`${hash_type || '(none)'} ${hash.slice(0, 30) || '(empty)'} is ${error_type}`, () => {
      assert.throws(
        () => parseImportedHash(hash_type, hash, configs),
        (error) => error instanceof Refusal && error.error_type === error_type,
      )
    })
  }
})
