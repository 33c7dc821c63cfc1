/** The User object. */
import { z } from 'zod'
import type { User as UserRecord } from '../domain/users/row.ts'
import { rfc3339 } from '../values/time.ts'
import { component, jsonObject, maybe, timestamp } from './shape.ts'

export const Name = component(
  'api_user_v1_Name',
  z.strictObject({ first_name: z.string(), middle_name: z.string(), last_name: z.string() }),
)
/** A name as requests give it: any part may be missing. */
export const NameGiven = z.object({
  first_name: maybe(z.string()),
  middle_name: maybe(z.string()),
  last_name: maybe(z.string()),
})

export const Email = component(
  'api_user_v1_Email',
  z.strictObject({ email_id: z.string(), email: z.string(), verified: z.boolean() }),
)
export const PhoneNumber = component(
  'api_user_v1_PhoneNumber',
  z.strictObject({ phone_id: z.string(), phone_number: z.string(), verified: z.boolean() }),
)
const OAuthProvider = component(
  'api_user_v1_OAuthProvider',
  z.strictObject({
    oauth_user_registration_id: z.string(),
    provider_type: z.string(),
    provider_subject: z.string(),
    profile_picture_url: z.string(),
    locale: z.string(),
  }),
)
const WebAuthnRegistration = component(
  'api_user_v1_WebAuthnRegistration',
  z.strictObject({
    webauthn_registration_id: z.string(),
    domain: z.string(),
    user_agent: z.string(),
    verified: z.boolean(),
    authenticator_type: z.string(),
    name: z.string(),
  }),
)
const BiometricRegistration = component(
  'api_user_v1_BiometricRegistration',
  z.strictObject({ biometric_registration_id: z.string(), verified: z.boolean() }),
)
const TOTP = component('api_user_v1_TOTP', z.strictObject({ totp_id: z.string(), verified: z.boolean() }))
export const CryptoWallet = component(
  'api_user_v1_CryptoWallet',
  z.strictObject({
    crypto_wallet_id: z.string(),
    crypto_wallet_address: z.string(),
    crypto_wallet_type: z.string(),
    verified: z.boolean(),
  }),
)
const Password = component(
  'api_user_v1_Password',
  z.strictObject({ password_id: z.string(), requires_reset: z.boolean() }),
)

/** The fields of a user; `users.get` answers with them at its top level. */
export const userShape = {
  user_id: z.string(),
  status: z.enum(['active', 'pending']).describe('A pending user has not authenticated yet.'),
  name: Name,
  emails: z.array(Email),
  phone_numbers: z.array(PhoneNumber),
  providers: z.array(OAuthProvider).describe('The OAuth registrations of the user.'),
  webauthn_registrations: z.array(WebAuthnRegistration),
  biometric_registrations: z.array(BiometricRegistration),
  totps: z.array(TOTP),
  crypto_wallets: z.array(CryptoWallet),
  password: Password.nullable(),
  trusted_metadata: jsonObject.describe('Metadata that only the backend can write.'),
  untrusted_metadata: jsonObject.describe('Metadata that the user can write, too.'),
  external_id: z.string().nullable().describe("The caller's own id of the user; accepted wherever a user_id is."),
  roles: z.array(z.string()).describe('The RBAC roles the user holds now, the default role first.'),
  is_locked: z.boolean().describe('Whether new authentications are refused after too many failures.'),
  lock_created_at: timestamp.nullable(),
  lock_expires_at: timestamp.nullable(),
  created_at: timestamp,
}

export const User = component('api_user_v1_User', z.strictObject(userShape))

/** The wire form of a user at that time, on which the lock depends. */
export function userToWire(user: UserRecord, now: number): z.input<typeof User> {
  const is_locked = user.lock_expires_at !== null && user.lock_expires_at > now
  return {
    user_id: user.user_id,
    status: user.status,
    name: user.name,
    emails: user.emails,
    phone_numbers: user.phone_numbers,
    providers: user.providers,
    webauthn_registrations: user.webauthn_registrations,
    biometric_registrations: user.biometric_registrations,
    totps: user.totps,
    crypto_wallets: user.crypto_wallets,
    password: user.password,
    trusted_metadata: user.trusted_metadata,
    untrusted_metadata: user.untrusted_metadata,
    external_id: user.external_id,
    roles: user.roles,
    is_locked,
    lock_created_at: is_locked && user.lock_created_at !== null ? rfc3339(user.lock_created_at) : null,
    lock_expires_at: is_locked && user.lock_expires_at !== null ? rfc3339(user.lock_expires_at) : null,
    created_at: rfc3339(user.created_at),
  }
}
