/** The sandbox: canned sign-ins for test suites of client libraries, in test environments where an operator has switched it on. */
import { fail } from '../../errors.ts'
import { MINUTE } from '../../values/time.ts'
import type { App } from '../app.ts'
import { checkAttributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import { userRoles } from '../rbac/check.ts'
import { mergeClaims } from '../sessions/claims.ts'
import { addProof, type Proof } from '../sessions/factors.ts'
import { claimedSessionId, verifySessionJwt } from '../sessions/jwt.ts'
import { readSessionChange, type SessionFields } from '../sessions/presented.ts'
import { type Session, type SessionChange, sealToken, tokenKey } from '../sessions/session.ts'
import type { SignIn } from '../signin/user.ts'
import type { User } from '../users/row.ts'
import { ids, inputs, started_at } from './values.ts'

/** What proves the sandbox address, the sandbox number, and so on. */
const proofs = {
  link: {
    type: 'magic_link',
    delivery_method: 'email',
    email_factor: { email_id: ids.email_id, email_address: inputs.email },
  },
  email_code: {
    type: 'email_otp',
    delivery_method: 'email',
    email_factor: { email_id: ids.email_id, email_address: inputs.email },
  },
  phone_code: {
    type: 'otp',
    delivery_method: 'sms',
    phone_number_factor: { phone_id: ids.phone_id, phone_number: inputs.phone_number },
  },
  totp: {
    type: 'totp',
    delivery_method: 'authenticator_app',
    authenticator_app_factor: { totp_id: ids.totp_id },
  },
  recovery_code: {
    type: 'recovery_codes',
    delivery_method: 'recovery_code',
    recovery_code_factor: { totp_recovery_code_id: ids.recovery_code_id },
  },
} as const satisfies Record<string, Proof>

/** Whether the request names the sandbox address. Refuses it with `invalid_email_sandbox` in live environments. */
export function isSandboxEmail(environment: Environment, email: string): boolean {
  if (email.trim().toLowerCase() !== inputs.email) return false
  if (environment.type === 'LIVE') fail('invalid_email_sandbox')
  return isOn(environment)
}

/** Whether the request names the sandbox number. Refuses it with `invalid_phone_number_sandbox` in live environments. */
export function isSandboxPhoneNumber(environment: Environment, phone_number: string): boolean {
  if (phone_number !== inputs.phone_number) return false
  if (environment.type === 'LIVE') fail('invalid_phone_number_sandbox')
  return isOn(environment)
}

/** What the token of a sandbox link proves; undefined for any other. Two of them are refused as their kind always is. */
export function proofOfLink(environment: Environment, token: string): Proof | undefined {
  if (!isOn(environment)) return undefined
  if (token === inputs.magic_link.spent) fail('unable_to_auth_magic_link')
  if (token === inputs.magic_link.unknown) fail('magic_link_not_found')
  return token === inputs.magic_link.good ? proofs.link : undefined
}

/** What the sandbox code proves of the sandbox address or number; undefined for any other. */
export function proofOfCode(environment: Environment, method_id: string, code: string): Proof | undefined {
  if (!isOn(environment) || code !== inputs.code) return undefined
  if (method_id === ids.email_id) return proofs.email_code
  return method_id === ids.phone_id ? proofs.phone_code : undefined
}

/** What the sandbox code of an authenticator app proves of the sandbox user; undefined for any other. */
export function proofOfTotp(environment: Environment, user_id: string, code: string): Proof | undefined {
  return isOn(environment) && user_id === ids.user_id && code === inputs.code ? proofs.totp : undefined
}

/** What the sandbox recovery code proves of the sandbox user; undefined for any other. */
export function proofOfRecoveryCode(environment: Environment, user_id: string, code: string): Proof | undefined {
  return isOn(environment) && user_id === ids.user_id && code === inputs.recovery_code
    ? proofs.recovery_code
    : undefined
}

/** The sandbox user, signed in by that proof: with the sandbox session when a duration is given. Nothing is stored. */
export function signInSandboxUser(app: App, environment: Environment, proof: Proof, change: SessionChange): SignIn {
  const { duration_minutes } = change
  const session =
    duration_minutes === undefined
      ? undefined
      : sandboxSession(app, environment, proof, { ...change, duration_minutes })
  return { user: sandboxUser(environment), session, reset_sessions: false }
}

/**
 * The sandbox session that a request presents, by its token or by a JWT of it; it lasts an hour unless a duration is given.
 * Undefined when another one is presented, or none.
 */
export async function findSandboxSession(
  app: App,
  environment: Environment,
  fields: SessionFields,
): Promise<{ user: User; session: Session } | undefined> {
  const { session_token, session_jwt } = fields
  if (!isOn(environment) || (session_token && session_jwt)) return undefined
  const claimed = session_jwt
    ? claimedSessionId(session_jwt) === ids.session_id
    : session_token === inputs.session_token
  if (!claimed) return undefined
  if (session_jwt) await verifySessionJwt(app, environment, session_jwt)
  const change = readSessionChange(fields)
  const duration_minutes = change.duration_minutes ?? 60
  const session = sandboxSession(app, environment, proofs.link, { ...change, duration_minutes })
  return { user: sandboxUser(environment), session }
}

/** Never in live environments, whatever their settings say. */
function isOn({ type, settings }: Environment): boolean {
  return type === 'TEST' && settings.sandbox_enabled
}

function sandboxUser({ project_id, policy }: Environment): User {
  return {
    project_id,
    user_id: ids.user_id,
    status: 'active',
    name: { first_name: '', middle_name: '', last_name: '' },
    external_id: null,
    emails: [{ email_id: ids.email_id, email: inputs.email, verified: true }],
    phone_numbers: [{ phone_id: ids.phone_id, phone_number: inputs.phone_number, verified: true }],
    providers: [],
    webauthn_registrations: [],
    biometric_registrations: [],
    totps: [{ totp_id: ids.totp_id, verified: true }],
    crypto_wallets: [],
    password: { password_id: ids.password_id, requires_reset: false },
    assigned_roles: [],
    roles: userRoles(policy, []),
    trusted_metadata: {},
    untrusted_metadata: {},
    lock_created_at: null,
    lock_expires_at: null,
    created_at: Date.parse(started_at),
    version: 1,
  }
}

/** How many sandbox sessions have been answered with. */
let made = 0

function sandboxSession(
  app: App,
  { project_id }: Environment,
  proof: Proof,
  { duration_minutes, custom_claims, attributes }: SessionChange & { duration_minutes: number },
): Session {
  const now = app.now()
  return {
    project_id,
    session_id: ids.session_id,
    owner_id: ids.user_id,
    token_hash: tokenKey(project_id, inputs.session_token).value,
    sealed_token: sealToken(app, { project_id, session_id: ids.session_id }, inputs.session_token),
    authentication_factors: addProof([], proof, now),
    custom_claims: mergeClaims({}, custom_claims),
    attributes: attributes ?? checkAttributes(undefined),
    started_at: Date.parse(started_at),
    last_accessed_at: now,
    expires_at: now + duration_minutes * MINUTE,
    revoked_at: null,
    // All of them have one id, and no JWT of one is the JWT of another.
    version: ++made,
  }
}
