/** PKCE: the example of RFC 7636, and what is no challenge or verifier. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkCodeChallenge, verifyPkce } from '../../../src/domain/proofs/pkce.ts'
import { Refusal } from '../../../src/errors.ts'

// RFC 7636, appendix B.
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

function refusedWith(error_type: string) {
  return (error: unknown) => error instanceof Refusal && error.error_type === error_type
}

test('the pair of the RFC fits; nothing else does', () => {
  assert.equal(checkCodeChallenge(challenge), challenge)
  verifyPkce(challenge, verifier)
  for (const other of [`${verifier}A`, verifier.toLowerCase(), challenge]) {
    assert.throws(() => verifyPkce(challenge, other), refusedWith('pkce_mismatch'))
  }
})

test('without a challenge there must be no verifier, with one there must be', () => {
  assert.equal(checkCodeChallenge(undefined), undefined)
  assert.equal(checkCodeChallenge(''), undefined)
  verifyPkce(undefined, undefined)
  verifyPkce(undefined, '')
  assert.throws(() => verifyPkce(undefined, verifier), refusedWith('pkce_did_not_expect_code_verifier'))
  assert.throws(() => verifyPkce(challenge, undefined), refusedWith('pkce_expected_code_verifier'))
  assert.throws(() => verifyPkce(challenge, ''), refusedWith('pkce_expected_code_verifier'))
})

test('challenges are 43 characters of base64url, verifiers 43 to 128 unreserved ones', () => {
  const challenges = [
    challenge.slice(1),
    `${challenge}A`,
    `${challenge}=`,
    challenge.replace('-', '+'),
    `${challenge}\n`,
  ]
  for (const bad of challenges) {
    assert.throws(() => checkCodeChallenge(bad), refusedWith('invalid_pkce_code_challenge'))
  }
  for (const bad of [
    'a'.repeat(42),
    'a'.repeat(129),
    `${verifier}+`,
    `${verifier} `,
    `${verifier}\n`,
    'ä'.repeat(43),
  ]) {
    assert.throws(() => verifyPkce(challenge, bad), refusedWith('invalid_pkce_code_verifier'))
  }
  for (const long of ['a'.repeat(43), '~._-'.repeat(32)]) {
    assert.throws(() => verifyPkce(challenge, long), refusedWith('pkce_mismatch'))
  }
})
