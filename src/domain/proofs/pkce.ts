/** PKCE: who asked for a link is who redeems it (RFC 7636, method S256; reference: consumer.md §0.6). */
import { hash } from 'node:crypto'
import { sameHash } from '../../crypto/tokens.ts'
import { fail } from '../../errors.ts'

/** Checks a code challenge as it comes in: unpadded base64url of a SHA-256. Refuses with `invalid_pkce_code_challenge`. */
export function checkCodeChallenge(challenge: string | undefined): string | undefined {
  if (challenge === undefined || challenge === '') return undefined
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) fail('invalid_pkce_code_challenge')
  return challenge
}

/**
 * Holds a verifier against the challenge the flow was started with. Refuses with one of the `pkce_…` types or
 * `invalid_pkce_code_verifier`.
 */
export function verifyPkce(challenge: string | undefined, verifier: string | undefined): void {
  if (challenge === undefined) {
    if (verifier) fail('pkce_did_not_expect_code_verifier')
    return
  }
  if (!verifier) fail('pkce_expected_code_verifier')
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) fail('invalid_pkce_code_verifier')
  if (!sameHash(hash('sha256', verifier, 'base64url'), challenge)) fail('pkce_mismatch')
}
