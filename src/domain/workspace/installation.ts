/** The installation: whether the database has been set up, and with which master key. */
import { SealError } from '../../crypto/keyring.ts'
import { hasTable } from '../../store/migrate.ts'
import { StartupError } from '../../store/store.ts'
import type { App } from '../app.ts'
import { createEnvironment, type EnvironmentRecord } from '../projects/environment.ts'
import { createProject, type NewProject } from '../projects/project.ts'
import { redirectUrlTypes } from '../redirect_urls/placement.ts'
import { createRedirectUrl } from '../redirect_urls/redirect_url.ts'
import { createPublicToken } from '../secrets/public_token.ts'
import { createSecret } from '../secrets/secret.ts'
import { createFirstKey } from '../signing_keys/signing_key.ts'
import { createWorkspaceKey } from './key.ts'
import { insertFact, selectFact, updateFact } from './table.ts'

export type ProjectCredentials = { project_id: string; secret: string; public_token: string }
export type FirstCredentials = {
  workspace: { key_id: string; secret: string }
  consumer: ProjectCredentials
  b2b: ProjectCredentials
}

const fact = 'master key check'
const known = 'This master key opens the database.'

/** Whether the database has been set up; one without any tables has not. */
export async function isInitialised(app: Pick<App, 'store'>): Promise<boolean> {
  return (await hasTable(app.store, 'installation')) && (await selectFact(app.store, fact)) !== undefined
}

/** Throws `StartupError` when the database was sealed under another master key. */
export async function checkMasterKey(app: App): Promise<void> {
  const sealed = await selectFact(app.store, fact)
  if (sealed === undefined) return
  try {
    if (app.keyring.open(fact, '', sealed) === known) return
  } catch (error) {
    if (!(error instanceof SealError)) throw error
  }
  throw new StartupError(
    'The master key does not open this database: it was set up with another one. ' +
      'Set SELVAGE_MASTER_KEY to the key it was set up with. Nothing has been changed.',
  )
}

/** Seals the check of the master key anew, so that the current one opens the database by itself. */
export function resealCheck(app: App): Promise<void> {
  return updateFact(app.store, fact, app.keyring.seal(fact, '', known))
}

/**
 * Sets a new database up, in one transaction: a consumer and a B2B project, each with a live and a test environment, and
 * a workspace key. Returns the credentials of the test environments; undefined when another node was first. `keep` is given
 * the credentials before the transaction commits.
 */
export async function initialise(
  app: App,
  keep: (credentials: FirstCredentials) => void,
): Promise<FirstCredentials | undefined> {
  // Made before the transaction: RSA keys take a while, and the embedded engine has one writer.
  const pairs = await Promise.all([1, 2, 3, 4].map(() => app.new_key_pair('RS256')))
  return app.transaction(async (inside) => {
    const prepared: App = { ...inside, new_key_pair: async (algorithm) => pairs.pop() ?? app.new_key_pair(algorithm) }
    if (!(await insertFact(prepared.store, fact, prepared.keyring.seal(fact, '', known)))) return undefined
    const consumer = await createProjectWithEnvironments(prepared, {
      name: 'Consumer project',
      vertical: 'CONSUMER',
      project_slug: 'consumer-project',
    })
    const b2b = await createProjectWithEnvironments(prepared, {
      name: 'B2B project',
      vertical: 'B2B',
      project_slug: 'b2b-project',
    })
    const credentials: FirstCredentials = {
      workspace: await createWorkspaceKey(prepared),
      consumer: await withSecret(prepared, consumer),
      b2b: await withSecret(prepared, b2b),
    }
    keep(credentials)
    return credentials
  })
}

/**
 * A project as an operator wants it from the start: live and test environment, each with a signing key and a public token,
 * and a redirect URL of this machine in the test environment; returns the public token of the test environment beside them.
 */
export function createProjectWithEnvironments(
  app: App,
  given: NewProject,
): Promise<{ live: EnvironmentRecord; test: EnvironmentRecord; public_token: string }> {
  return app.transaction(async (app) => {
    const project = await createProject(app, given)
    const live = await createEnvironment(app, project, {
      name: 'Production',
      environment_slug: 'production',
      type: 'LIVE',
    })
    const test = await createEnvironment(app, project, { name: 'Test', environment_slug: 'test', type: 'TEST' })
    const tokens = []
    for (const environment of [live, test]) {
      await createFirstKey(app, environment)
      tokens.push(await createPublicToken(app, environment))
    }
    const types = redirectUrlTypes.filter((type) => type !== 'DISCOVERY' || project.vertical === 'B2B')
    const valid_types = types.map((type) => ({ type, is_default: true }))
    await createRedirectUrl(app, test, { url: 'http://localhost:3000/authenticate', valid_types })
    return { live, test, public_token: tokens[1]?.public_token as string }
  })
}

async function withSecret(
  app: App,
  created: { test: EnvironmentRecord; public_token: string },
): Promise<ProjectCredentials> {
  const { value } = await createSecret(app, created.test)
  return { project_id: created.test.project_id, secret: value, public_token: created.public_token }
}
