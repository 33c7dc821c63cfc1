/** Which passwords are accepted: when they are chosen, and whenever somebody logs in with them (reference: consumer.md §3.4). */
import type { PasswordHash } from '../../crypto/passwords/hash.ts'
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { StoredPassword } from './password.ts'
import { isStrong, policyName } from './strength.ts'

/** A password that may be stored: its hash, and the policy it has met. */
export type AcceptedPassword = { hash: PasswordHash; accepted_by: string }

const most_bytes = 1024

/** Refuses with `bad_request` a password over 1024 bytes of UTF-8: nobody types one, and hashing it costs. */
export function checkLength(password: string, field = 'password'): void {
  if (Buffer.byteLength(password) > most_bytes) fail('bad_request', `${field} must be at most ${most_bytes} bytes.`)
}

/**
 * Checks and hashes a password that somebody chooses; `inputs` are the words about the person. Takes a while, so it does
 * not belong into a transaction. Refuses with `weak_password` or `breached_password`.
 */
export async function acceptNewPassword(
  app: App,
  environment: Environment,
  password: string,
  inputs: string[],
): Promise<AcceptedPassword> {
  const { project_id, password_strength: config } = environment
  checkLength(password)
  if (!(await isStrong(app, environment, password, inputs))) fail('weak_password')
  if (config.check_breach_on_creation && (await app.passwords.isBreached(password))) fail('breached_password')
  return { hash: await app.passwords.hash(project_id, password), accepted_by: policyName(config) }
}

/**
 * Whether a password that was just verified may go on to be used: it meets the policy and is not breached, as far as the
 * environment asks. `accepted_by` is the policy it is known to meet. A password that has met the policy of today before is
 * not estimated again.
 */
export async function acceptAtLogin(
  app: App,
  environment: Environment,
  stored: StoredPassword,
  password: string,
  inputs: string[],
): Promise<{ verdict: 'accepted'; accepted_by: string } | { verdict: 'weak' | 'breached' }> {
  const { password_strength: config } = environment
  const policy = policyName(config)
  const validates = config.validate_on_authentication && stored.accepted_by !== policy
  if (validates && !(await isStrong(app, environment, password, inputs))) return { verdict: 'weak' }
  if (config.check_breach_on_authentication && (await app.passwords.isBreached(password))) {
    return { verdict: 'breached' }
  }
  return { verdict: 'accepted', accepted_by: validates ? policy : stored.accepted_by }
}
