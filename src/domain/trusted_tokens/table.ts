/** The rows of trusted token profiles. */
import type { Kysely } from 'kysely'
import type { Handle, Store } from '../../store/store.ts'
import type { PemFile, Profile } from './profile.ts'

type Row = Omit<Profile, 'pem_files' | 'attribute_mapping' | 'can_jit_provision' | 'single_use_token_ids'> & {
  project_id: string
  pem_files: string
  attribute_mapping: string | null
  can_jit_provision: number
  single_use_token_ids: number
}
const tables = (handle: Handle) => handle as Kysely<{ trusted_token_profiles: Row }>

function toProfile({ project_id: _, ...row }: Row): Profile {
  return {
    ...row,
    pem_files: JSON.parse(row.pem_files) as PemFile[],
    attribute_mapping:
      row.attribute_mapping === null ? null : (JSON.parse(row.attribute_mapping) as Record<string, string>),
    can_jit_provision: row.can_jit_provision === 1,
    single_use_token_ids: row.single_use_token_ids === 1,
  }
}

function toRow(project_id: string, profile: Profile): Row {
  return {
    ...profile,
    project_id,
    pem_files: JSON.stringify(profile.pem_files),
    attribute_mapping: profile.attribute_mapping === null ? null : JSON.stringify(profile.attribute_mapping),
    can_jit_provision: profile.can_jit_provision ? 1 : 0,
    single_use_token_ids: profile.single_use_token_ids ? 1 : 0,
  }
}

/** The profiles of an environment, oldest first. */
export async function selectProfiles(store: Store, project_id: string): Promise<Profile[]> {
  const rows = await tables(store.read)
    .selectFrom('trusted_token_profiles')
    .selectAll()
    .where('project_id', '=', project_id)
    .orderBy('created_at')
    .orderBy('profile_id')
    .execute()
  return rows.map(toProfile)
}

/** The profile with that id. */
export async function selectProfile(
  store: Store,
  project_id: string,
  profile_id: string,
): Promise<Profile | undefined> {
  const row = await tables(store.read)
    .selectFrom('trusted_token_profiles')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('profile_id', '=', profile_id)
    .executeTakeFirst()
  return row && toProfile(row)
}

/** Adds a profile. */
export async function insertProfile(store: Store, project_id: string, profile: Profile): Promise<void> {
  await tables(store.write).insertInto('trusted_token_profiles').values(toRow(project_id, profile)).execute()
}

/** Writes a profile that exists. */
export async function updateProfileRow(store: Store, project_id: string, profile: Profile): Promise<void> {
  await tables(store.write)
    .updateTable('trusted_token_profiles')
    .set(toRow(project_id, profile))
    .where('project_id', '=', project_id)
    .where('profile_id', '=', profile.profile_id)
    .execute()
}

/** Removes a profile; false when there was none. */
export async function deleteProfileRow(store: Store, project_id: string, profile_id: string): Promise<boolean> {
  const { numDeletedRows } = await tables(store.write)
    .deleteFrom('trusted_token_profiles')
    .where('project_id', '=', project_id)
    .where('profile_id', '=', profile_id)
    .executeTakeFirst()
  return numDeletedRows > 0n
}
