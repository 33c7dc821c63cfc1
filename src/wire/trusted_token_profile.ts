/** Trusted token profiles and their PEM files, as the management API shows and takes them. */
import { z } from 'zod'
import type { Profile } from '../domain/trusted_tokens/profile.ts'
import { documentProblem, isJsonObject, type JsonObject } from '../values/json.ts'
import { component, jsonObject, maybe } from './shape.ts'

export const PublicKeyType = component('pwa_trusted_token_profile_v3_PublicKeyType', z.enum(['JWK', 'PEM']))

export const PEMFile = component(
  'pwa_trusted_token_profile_v3_PEMFile',
  z.strictObject({ pem_file_id: z.string(), public_key: z.string().describe('The text exactly as it was given.') }),
)

export const TrustedTokenProfile = component(
  'pwa_trusted_token_profile_v3_TrustedTokenProfile',
  z.strictObject({
    profile_id: z.string(),
    name: z.string(),
    audience: z.string(),
    issuer: z.string(),
    public_key_type: PublicKeyType,
    jwks_url: z.string().nullable(),
    pem_files: z.array(PEMFile),
    attribute_mapping: z.record(z.string(), z.string()).nullable().describe('Attribute to the claim that carries it.'),
    can_jit_provision: z.boolean().describe('Whether a token of somebody unknown creates them.'),
    single_use_token_ids: z.boolean().optional().describe('Present when a token of the profile counts only once.'),
  }),
)

/** The wire form of a profile. */
export function profileToWire(profile: Profile): z.input<typeof TrustedTokenProfile> {
  return {
    profile_id: profile.profile_id,
    name: profile.name,
    audience: profile.audience,
    issuer: profile.issuer,
    public_key_type: profile.public_key_type,
    jwks_url: profile.jwks_url,
    pem_files: profile.pem_files,
    attribute_mapping: profile.attribute_mapping,
    can_jit_provision: profile.can_jit_provision,
    ...(profile.single_use_token_ids ? { single_use_token_ids: true } : {}),
  }
}

/** A mapping as requests give it: an object, or the JSON text of one; `null` and an empty text count as absent. */
export const mappingGiven = maybe(
  z.union([jsonObject, z.string().transform(readMapping)], { error: 'expected an object or the JSON text of one' }),
).describe('Attribute to the name or dotted path of the claim that carries it.')

function readMapping(text: string, context: z.RefinementCtx): JsonObject | undefined {
  const value = text.trim() === '' ? null : parse(text)
  if (value === null) return undefined
  if (isJsonObject(value) && documentProblem(value, { depth: 8, values: 1000 }) === undefined) return value
  context.addIssue('expected the JSON text of an object')
  return z.NEVER
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
