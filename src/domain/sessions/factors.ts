/** Authentication factors: what has been proven in a session. A record has the form it has on the wire (reference: consumer.md §1.3). */
import { rfc3339 } from '../../values/time.ts'

/** The proofs the server can make so far; each is the whole of its factor but for the times. */
export type Proof =
  | { type: 'imported'; delivery_method: 'imported_auth0' }
  | {
      type: 'trusted_auth_token'
      delivery_method: 'trusted_token_exchange'
      trusted_auth_token_factor: { token_id: string }
    }

/** A proof with the times at which it was made; RFC 3339. */
export type AuthenticationFactor = Proof & {
  created_at: string
  updated_at: string
  last_authenticated_at: string
}

/**
 * Adds a proof to the factors of a session. The same proof (type, delivery method and underlying id) is renewed in place
 * and keeps its `created_at`; any other is appended, so the order is that of first authentication.
 */
export function addProof(factors: AuthenticationFactor[], proof: Proof, now: number): AuthenticationFactor[] {
  const time = rfc3339(now)
  const index = factors.findIndex((factor) => identity(factor) === identity(proof))
  const known = factors[index]
  if (!known) return [...factors, { ...proof, created_at: time, updated_at: time, last_authenticated_at: time }]
  return factors.with(index, { ...proof, created_at: known.created_at, updated_at: time, last_authenticated_at: time })
}

/** Whether the session was started by impersonation, which nothing may prolong. */
export function isImpersonated(factors: { type: string }[]): boolean {
  return factors.some(({ type }) => type === 'impersonated')
}

function identity(proof: Proof): string {
  const underlying = proof.type === 'trusted_auth_token' ? proof.trusted_auth_token_factor.token_id : ''
  return `${proof.type} ${proof.delivery_method} ${underlying}`
}
