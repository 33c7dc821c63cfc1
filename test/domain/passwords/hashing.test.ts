/** The threads that hash passwords. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashPassword } from '../../../src/crypto/passwords/hash.ts'
import { hashing } from '../../../src/domain/passwords/hashing.ts'

test('each asker gets the answer to what they asked, however many ask at once', async () => {
  const { hash, verify } = hashing(2)
  const stored = await hash('right')
  const passwords = Array.from({ length: 12 }, (_, index) => (index % 3 === 0 ? 'right' : `wrong ${index}`))
  const answers = await Promise.all(passwords.map((password) => verify(stored, password)))
  assert.deepEqual(
    answers,
    passwords.map((password) => password === 'right'),
  )
})

test('what cannot be verified fails alone', async () => {
  const { verify } = hashing(1)
  const stored = await hashPassword('right')
  const [bad, good] = await Promise.allSettled([
    verify({ scheme: 'argon_2id', hash: 'no hash' }, 'right'),
    verify(stored, 'right'),
  ])
  assert.deepEqual([bad.status, good], ['rejected', { status: 'fulfilled', value: true }])
})
