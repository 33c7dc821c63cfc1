/** Bearer tokens and API secrets. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashSecret, hashToken, isTokenShaped, newSecret, newToken, sameHash } from '../../src/crypto/tokens.ts'

test('a token is 44 characters that need no escaping anywhere, and none comes twice', () => {
  const tokens = Array.from({ length: 1000 }, newToken)
  for (const token of tokens) {
    assert.match(token, /^[A-Za-z0-9_-]{44}$/)
    assert.ok(isTokenShaped(token))
    assert.equal(Buffer.from(token, 'base64url').length, 33)
  }
  assert.equal(new Set(tokens).size, tokens.length)
})

test('the padded form of 32 bytes is a token, too; nothing else is', () => {
  const good = 'a'.repeat(44)
  assert.ok(isTokenShaped(`${'a'.repeat(43)}=`))
  const wrong = ['', 'a'.repeat(43), 'a'.repeat(45), `${'a'.repeat(42)}==`, `=${'a'.repeat(43)}`]
  const characters = [' ', '+', '/', '.', '\n', '\0', 'é', '=']
  for (const text of [...wrong, `${good}\n`, ` ${good}`, ...characters.map((letter) => letter + 'a'.repeat(43))]) {
    assert.ok(!isTokenShaped(text), JSON.stringify(text))
  }
})

test('a token of one purpose or project never matches one of another', () => {
  const token = newToken()
  const hashes = [
    hashToken('session', 'project-1', token),
    hashToken('magic link', 'project-1', token),
    hashToken('session', 'project-2', token),
    hashToken('session', 'project-1', newToken()),
    // Neither can the parts be shifted against each other.
    hashToken('session project-1', '', token),
    hashToken('', 'session\0project-1', token).slice(0, -1),
    hashSecret(token),
  ]
  assert.equal(new Set(hashes).size, hashes.length)
  assert.equal(hashToken('session', 'project-1', token), hashes[0])
  for (const hash of hashes) assert.ok(!hash.includes(token))
})

test('a secret is its prefix and 26 random bytes, padded', () => {
  const secrets = Array.from({ length: 100 }, () => newSecret('secret-test'))
  for (const secret of secrets) assert.match(secret, /^secret-test-[A-Za-z0-9_-]{35}=$/)
  assert.equal(new Set(secrets).size, secrets.length)
})

test('hashes are equal only to themselves', () => {
  const hash = hashSecret('a')
  assert.ok(sameHash(hash, hashSecret('a')))
  for (const other of [hashSecret('b'), '', hash.slice(1), `${hash}x`]) assert.ok(!sameHash(hash, other))
})
