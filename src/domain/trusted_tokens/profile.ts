/** Trusted token profiles: whose JWTs an environment accepts as proof, and what their claims mean (reference: management.md §8). */
import { fail } from '../../errors.ts'
import { newId, parseId } from '../../values/id.ts'
import type { Json, JsonObject } from '../../values/json.ts'
import { isWebUrl } from '../../values/url.ts'
import type { App } from '../app.ts'
import { recordEvent } from '../events/event.ts'
import { changeConfiguration, type EnvironmentRecord } from '../projects/environment.ts'
import type { Vertical } from '../projects/project.ts'
import { deleteProfileRow, insertProfile, selectProfile, selectProfiles, updateProfileRow } from './table.ts'

export type PemFile = { pem_file_id: string; public_key: string }
export type Profile = {
  profile_id: string
  name: string
  audience: string
  issuer: string
  public_key_type: 'JWK' | 'PEM'
  jwks_url: string | null
  pem_files: PemFile[]
  /** Our attribute → the claim that carries it; null when the defaults apply. */
  attribute_mapping: Record<string, string> | null
  can_jit_provision: boolean
  /** Whether a token id counts once only; off unless an operator sets it. */
  single_use_token_ids: boolean
  created_at: number
}

export type NewProfile = Pick<Profile, 'name' | 'audience' | 'issuer'> & {
  public_key_type?: Profile['public_key_type'] | undefined
  jwks_url?: string | undefined
  pem_files?: string[] | undefined
  attribute_mapping?: JsonObject | undefined
  can_jit_provision?: boolean | undefined
}
export type ProfileChange = {
  [Name in 'name' | 'audience' | 'issuer' | 'jwks_url']?: string | undefined
} & {
  attribute_mapping?: JsonObject | undefined
  can_jit_provision?: boolean | undefined
  single_use_token_ids?: boolean | undefined
}

const mostPemFiles = 5
const mostProfiles = 50
const longestPem = 16 * 1024
const longestText = 1024

/** The profiles of an environment, oldest first. */
export function listProfiles(app: App, { project_id }: EnvironmentRecord): Promise<Profile[]> {
  return selectProfiles(app.store, project_id)
}

/** The profile with that id; refuses anything unknown with `trusted_token_profile_not_found`. */
export async function getProfile(app: App, { project_id }: EnvironmentRecord, profile_id: string): Promise<Profile> {
  checkProfileId(profile_id)
  return (await selectProfile(app.store, project_id, profile_id)) ?? fail('trusted_token_profile_not_found')
}

/** Creates a profile. PEM texts are kept as they are and read when a token is verified. */
export function createProfile(
  app: App,
  environment: EnvironmentRecord,
  vertical: Vertical,
  given: NewProfile,
): Promise<Profile> {
  const { project_id, type } = environment
  const public_key_type = given.public_key_type ?? (given.jwks_url ? 'JWK' : 'PEM')
  const profile: Profile = {
    profile_id: newId('trusted-auth-token-profile', type),
    name: given.name,
    audience: given.audience,
    issuer: given.issuer,
    public_key_type,
    jwks_url: given.jwks_url || null,
    pem_files: (given.pem_files ?? []).map((text) => newPemFile(environment, text)),
    attribute_mapping: readMapping(given.attribute_mapping, vertical),
    can_jit_provision: given.can_jit_provision ?? false,
    single_use_token_ids: false,
    created_at: app.now(),
  }
  if (public_key_type === 'PEM' && profile.pem_files.length === 0) {
    fail('must_have_pem_files_for_trusted_token_profile_with_type_pem')
  }
  if (public_key_type === 'JWK' && profile.pem_files.length > 0) {
    fail('cannot_add_pem_file_to_non_pem_trusted_token_profile')
  }
  if (profile.pem_files.length > mostPemFiles) fail('too_many_pem_files_for_trusted_token_profile')
  checkProfile(profile)
  return changeConfiguration(app, project_id, async (app) => {
    if ((await selectProfiles(app.store, project_id)).length >= mostProfiles) {
      fail('too_many_trusted_token_profiles_for_project')
    }
    await insertProfile(app.store, project_id, profile)
    await recordEvent(app, project_id, 'trusted_token_profile.created', profile.profile_id)
    return profile
  })
}

/** Changes the parts of a profile that are given; its type and keys stay. */
export function updateProfile(
  app: App,
  environment: EnvironmentRecord,
  vertical: Vertical,
  profile_id: string,
  change: ProfileChange,
): Promise<Profile> {
  return changeProfile(app, environment, profile_id, (profile) => {
    const next: Profile = {
      ...profile,
      name: change.name ?? profile.name,
      audience: change.audience ?? profile.audience,
      issuer: change.issuer ?? profile.issuer,
      jwks_url: change.jwks_url === undefined ? profile.jwks_url : change.jwks_url || null,
      attribute_mapping:
        change.attribute_mapping === undefined
          ? profile.attribute_mapping
          : readMapping(change.attribute_mapping, vertical),
      can_jit_provision: change.can_jit_provision ?? profile.can_jit_provision,
      single_use_token_ids: change.single_use_token_ids ?? profile.single_use_token_ids,
    }
    checkProfile(next)
    return next
  })
}

/** Deletes a profile: from the next call on, its tokens are refused. */
export async function deleteProfile(app: App, { project_id }: EnvironmentRecord, profile_id: string): Promise<void> {
  checkProfileId(profile_id)
  await changeConfiguration(app, project_id, async (app) => {
    if (!(await deleteProfileRow(app.store, project_id, profile_id))) fail('trusted_token_profile_not_found')
    await recordEvent(app, project_id, 'trusted_token_profile.deleted', profile_id)
  })
}

/** Adds a key to a profile of type PEM, at most five in all. */
export async function addPemFile(
  app: App,
  environment: EnvironmentRecord,
  profile_id: string,
  public_key: string,
): Promise<PemFile> {
  const pem_file = newPemFile(environment, public_key)
  await changeProfile(app, environment, profile_id, (profile) => {
    if (profile.public_key_type !== 'PEM') fail('cannot_add_pem_file_to_non_pem_trusted_token_profile')
    if (profile.pem_files.length >= mostPemFiles) fail('too_many_pem_files_for_trusted_token_profile')
    return { ...profile, pem_files: [...profile.pem_files, pem_file] }
  })
  return pem_file
}

/** The key of a profile with that id; refuses with `pem_file_not_found`. */
export function getPemFile(profile: Profile, pem_file_id: string): PemFile {
  return profile.pem_files.find((file) => file.pem_file_id === pem_file_id) ?? fail('pem_file_not_found')
}

/** Deletes a key of a profile; the last one of a profile of type PEM stays. */
export async function deletePemFile(
  app: App,
  environment: EnvironmentRecord,
  profile_id: string,
  pem_file_id: string,
): Promise<void> {
  await changeProfile(app, environment, profile_id, (profile) => {
    const file = getPemFile(profile, pem_file_id)
    const pem_files = profile.pem_files.filter((other) => other !== file)
    if (pem_files.length === 0) fail('must_have_pem_files_for_trusted_token_profile_with_type_pem')
    return { ...profile, pem_files }
  })
}

/** Reads and writes under the environment's configuration lock, so that concurrent changes cannot undo one another. */
function changeProfile(
  app: App,
  environment: EnvironmentRecord,
  profile_id: string,
  change: (profile: Profile) => Profile,
): Promise<Profile> {
  return changeConfiguration(app, environment.project_id, async (app) => {
    const next = change(await getProfile(app, environment, profile_id))
    await updateProfileRow(app.store, environment.project_id, next)
    await recordEvent(app, environment.project_id, 'trusted_token_profile.updated', profile_id)
    return next
  })
}

/** What is not the id of a profile is never looked up: not every engine can compare it. */
function checkProfileId(profile_id: string): void {
  if (parseId(profile_id)?.prefix !== 'trusted-auth-token-profile') fail('trusted_token_profile_not_found')
}

function newPemFile({ type }: EnvironmentRecord, public_key: string): PemFile {
  if (public_key.trim() === '') fail('trusted_token_profile_invalid_request', 'A PEM file must not be empty.')
  if (public_key.length > longestPem) {
    fail('trusted_token_profile_invalid_request', `A PEM file must be at most ${longestPem} characters.`)
  }
  if (/PRIVATE KEY-----/.test(public_key)) {
    fail('trusted_token_profile_invalid_request', 'A PEM file must hold a public key; this one holds a private key.')
  }
  return { pem_file_id: newId('pem-file', type), public_key }
}

function checkProfile({ name, audience, issuer, public_key_type, jwks_url }: Profile): void {
  for (const [field, text] of Object.entries({ name, audience, issuer })) {
    if (text.trim() === '') fail('trusted_token_profile_invalid_request', `${field} must not be empty.`)
    if (text.length > longestText) {
      fail('trusted_token_profile_invalid_request', `${field} must be at most ${longestText} characters.`)
    }
  }
  if (public_key_type === 'JWK' && jwks_url === null) fail('must_have_jwks_url_for_trusted_token_profile_with_type_jwk')
  if (jwks_url !== null && !isWebUrl(jwks_url)) fail('invalid_jwks_url')
}

const externalIds: Record<Vertical, string> = { CONSUMER: 'external_user_id', B2B: 'external_member_id' }

function readMapping(given: JsonObject | undefined, vertical: Vertical): Profile['attribute_mapping'] {
  if (given === undefined) return null
  const mapping = Object.entries(given).map(([attribute, claim]) => [attribute, readClaim(attribute, claim)] as const)
  const mapped = Object.values(externalIds).filter((attribute) => Object.hasOwn(given, attribute))
  if (mapped.length > 1) fail('trusted_token_profile_cannot_have_multiple_external_ids')
  if (mapped.some((attribute) => attribute !== externalIds[vertical])) {
    fail('trusted_token_profile_incorrect_external_id_mapping')
  }
  return Object.fromEntries(mapping)
}

function readClaim(attribute: string, claim: Json): string {
  if (typeof claim === 'string' && claim !== '') return claim
  fail(
    'trusted_token_profile_invalid_request',
    `attribute_mapping.${attribute.slice(0, 128)} must be the name of a claim.`,
  )
}
