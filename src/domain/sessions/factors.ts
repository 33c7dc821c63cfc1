/** Authentication factors: what has been proven in a session. A record has the form it has on the wire (reference: consumer.md §1.3). */
import { rfc3339 } from '../../values/time.ts'

type EmailFactor = { email_id: string; email_address: string }

/** The proofs the server can make so far; each is the whole of its factor but for the times. */
export type Proof =
  | { type: 'magic_link'; delivery_method: 'email'; email_factor: EmailFactor }
  | { type: 'magic_link'; delivery_method: 'embedded'; embeddable_magic_link_factor: { embedded_id: string } }
  | { type: 'email_otp'; delivery_method: 'email'; email_factor: EmailFactor }
  | {
      type: 'otp'
      delivery_method: 'sms' | 'whatsapp'
      phone_number_factor: { phone_id: string; phone_number: string }
    }
  | { type: 'password'; delivery_method: 'knowledge' }
  | { type: 'totp'; delivery_method: 'authenticator_app'; authenticator_app_factor: { totp_id: string } }
  | {
      type: 'recovery_codes'
      delivery_method: 'recovery_code'
      recovery_code_factor: { totp_recovery_code_id: string }
    }
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

/** Factors in which the same proof, made twice, is one: with the time of the first, and that of the last. */
export function mergeFactors(factors: AuthenticationFactor[]): AuthenticationFactor[] {
  const merged = new Map<string, AuthenticationFactor>()
  for (const factor of factors) {
    const known = merged.get(identity(factor))
    const [first, last] = known && factor.created_at < known.created_at ? [factor, known] : [known ?? factor, factor]
    const newest = first.last_authenticated_at > last.last_authenticated_at ? first : last
    merged.set(identity(factor), { ...newest, created_at: first.created_at })
  }
  return [...merged.values()]
}

/** Whether the session was started by impersonation, which nothing may prolong. */
export function isImpersonated(factors: { type: string }[]): boolean {
  return factors.some(({ type }) => type === 'impersonated')
}

function identity(proof: Proof): string {
  return `${proof.type} ${proof.delivery_method} ${underlyingId(proof)}`
}

/** The id of what was proven: the address, number or app; empty where there is only one of a kind. */
function underlyingId(proof: Proof): string {
  if ('email_factor' in proof) return proof.email_factor.email_id
  if ('phone_number_factor' in proof) return proof.phone_number_factor.phone_id
  if ('embeddable_magic_link_factor' in proof) return proof.embeddable_magic_link_factor.embedded_id
  if ('authenticator_app_factor' in proof) return proof.authenticator_app_factor.totp_id
  if ('recovery_code_factor' in proof) return proof.recovery_code_factor.totp_recovery_code_id
  if ('trusted_auth_token_factor' in proof) return proof.trusted_auth_token_factor.token_id
  return ''
}
