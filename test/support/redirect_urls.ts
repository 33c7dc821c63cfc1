/** Environments without redirect URLs, as the management API makes them, and URLs registered in them. */
import { randomBytes } from 'node:crypto'
import { createEnvironment } from '../../src/domain/projects/environment.ts'
import { getProject } from '../../src/domain/projects/project.ts'
import { createSecret } from '../../src/domain/secrets/secret.ts'
import { createFirstKey } from '../../src/domain/signing_keys/signing_key.ts'
import { succeed } from './call.ts'
import type { TestProject, World } from './world.ts'

/** A test environment of a new project in which no redirect URL is registered. */
export async function withoutRedirectUrls(
  here: World,
  vertical: 'CONSUMER' | 'B2B' = 'CONSUMER',
): Promise<TestProject> {
  const project = await here.project(vertical)
  const { app } = here
  const owner = await getProject(app, project.environment.project_slug)
  const environment_slug = `bare-${randomBytes(4).toString('hex')}`
  const environment = await createEnvironment(app, owner, { name: 'Bare', environment_slug, type: 'TEST' })
  await createFirstKey(app, environment)
  const { value } = await createSecret(app, environment)
  const path = project.path.replace(/[^/]+$/, environment_slug)
  return { ...project, id: environment.project_id, secret: value, environment, path }
}

/** Registers a URL and returns it. Types are `LOGIN`, or `LOGIN!` for a default. */
export async function register(here: World, path: string, url: string, types: string[], more: object = {}) {
  const body = { url, valid_types: typed(types), ...more }
  return (await succeed(here, here.workspace, `POST ${path}/redirect_urls`, body)).redirect_url
}

/** All URLs with their types, in the short form. */
export async function registered(here: World, path: string): Promise<Record<string, string[]>> {
  const { redirect_urls } = await succeed(here, here.workspace, `GET ${path}/redirect_urls/all`)
  return Object.fromEntries(
    redirect_urls.map((one: { url: string; valid_types: { type: string; is_default: boolean }[] }) => [
      one.url,
      one.valid_types.map(({ type, is_default }) => (is_default ? `${type}!` : type)),
    ]),
  )
}

/** Types as the API takes them, from the short form. */
export function typed(types: string[]): { type: string; is_default: boolean }[] {
  return types.map((type) => ({ type: type.replace('!', ''), is_default: type.endsWith('!') }))
}
