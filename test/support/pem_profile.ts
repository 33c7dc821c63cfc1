/** A profile of PEM files to test with. */
import { succeed } from './call.ts'
import type { World } from './world.ts'

/** Creates a project with a profile that holds these PEM texts, and returns the profile and its path. */
export async function pemProfile(here: World, pem_files: string[]) {
  const project = await here.project()
  const path = `${project.path}/trusted_token_profiles`
  const body = { name: 'n', audience: 'a', issuer: 'i', public_key_type: 'PEM', pem_files }
  const { profile } = await succeed(here, here.workspace, `POST ${path}`, body)
  return { profile, path: `${path}/${profile.profile_id}` }
}

/** The PEM files that a profile holds now. */
export async function pemFilesAt(here: World, path: string): Promise<{ pem_file_id: string; public_key: string }[]> {
  return (await succeed(here, here.workspace, `GET ${path}`)).profile.pem_files
}
