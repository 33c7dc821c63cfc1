/** Secrets of the management API: whole once, when they are made, and masked ever after. */
import { z } from 'zod'
import type { Secret as SecretRecord } from '../domain/secrets/secret.ts'
import { rfc3339 } from '../values/time.ts'
import { component, timestamp } from './shape.ts'

export const Secret = component(
  'pwa_secret_v3_Secret',
  z.strictObject({
    secret_id: z.string(),
    secret: z.string().describe('The secret itself. It is not stored and cannot be shown again.'),
    created_at: timestamp,
  }),
)

export const MaskedSecret = component(
  'pwa_secret_v3_MaskedSecret',
  z.strictObject({
    secret_id: z.string(),
    last_four: z.string().describe('The last four characters of the secret.'),
    created_at: timestamp,
    used_at: timestamp.nullable().describe('When a backend last used it, to the minute; null before its first use.'),
  }),
)

/** The wire form of a secret that has just been created. */
export function newSecretToWire({
  secret_id,
  value,
  created_at,
}: SecretRecord & { value: string }): z.input<typeof Secret> {
  return { secret_id, secret: value, created_at: rfc3339(created_at) }
}

/** The wire form of a secret that exists. */
export function secretToWire({
  secret_id,
  last_four,
  created_at,
  used_at,
}: SecretRecord): z.input<typeof MaskedSecret> {
  return { secret_id, last_four, created_at: rfc3339(created_at), used_at: used_at === null ? null : rfc3339(used_at) }
}
