/** How recently a session must have proven who its owner is before it may change their password (reference: consumer.md §3.4). */
import { fail } from '../../errors.ts'
import { MINUTE } from '../../values/time.ts'
import type { AuthenticationFactor } from '../sessions/factors.ts'

const freshness = 5 * MINUTE

/**
 * Refuses with `invalid_session_missing_primary_factor` a session without a password, mailed link or mailed code that `counts`,
 * and with `session_too_old_to_reset_password` one in which the last of them is older than five minutes.
 */
export function requireFreshFactor(
  factors: AuthenticationFactor[],
  now: number,
  counts: (factor: AuthenticationFactor) => boolean = () => true,
): void {
  const primary = factors.filter((factor) => (factor.type === 'password' || isMailed(factor)) && counts(factor))
  if (primary.length === 0) fail('invalid_session_missing_primary_factor')
  const times = primary.map(({ last_authenticated_at }) => Date.parse(last_authenticated_at))
  // Factors show whole seconds: one of exactly five minutes ago still counts.
  if (now - Math.max(...times) > freshness + 999) fail('session_too_old_to_reset_password')
}

function isMailed({ type, delivery_method }: AuthenticationFactor): boolean {
  return delivery_method === 'email' && (type === 'magic_link' || type === 'email_otp' || type === 'otp')
}
