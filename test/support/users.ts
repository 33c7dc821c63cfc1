/** Users for tests: made through the API, and given what only operations of later days give them. */
import { randomUUID } from 'node:crypto'
import { setPolicy } from '../../src/domain/rbac/policy.ts'
import { createSecret } from '../../src/domain/secrets/secret.ts'
import { startSession as start, tokenOf } from '../../src/domain/sessions/session.ts'
import type { User } from '../../src/domain/users/row.ts'
import { changeUser } from '../../src/domain/users/user.ts'
import { claimIdentifiers } from '../../src/store/identifiers.ts'
import { MINUTE } from '../../src/values/time.ts'
import { succeed } from './call.ts'
import type { Credentials, TestProject, World } from './world.ts'

/** Creates a user and returns it as the API does; without a body, one with an email address nobody else has. */
export async function newUser(here: World, project: Credentials, body: object = {}) {
  const email = `${randomUUID()}@example.com`
  const { user } = await succeed(here, project, 'POST /v1/users', { email, ...body })
  return user
}

/** As `newUser`, with every contact proven; returns the id. */
export async function provenUser(here: World, project: Credentials, body: object = {}): Promise<string> {
  const { user_id, emails, phone_numbers } = await newUser(here, project, body)
  const proven = <T extends object>(one: T) => ({ ...one, verified: true })
  await give(here, project, user_id, { emails: emails.map(proven), phone_numbers: phone_numbers.map(proven) })
  return user_id
}

/** The credentials of the live environment of a project. */
export async function liveCredentials(here: World, project: TestProject): Promise<Credentials> {
  const { value } = await createSecret(here.app, project.live)
  return { id: project.live.project_id, secret: value }
}

/** Defines roles without permissions, and none besides them. */
export async function defineRoles(here: World, project: TestProject, ...role_ids: string[]): Promise<void> {
  const custom_roles = role_ids.map((role_id) => ({ role_id, description: '', permissions: [] }))
  await setPolicy(here.app, project.id, 'CONSUMER', { custom_roles })
}

/** Writes parts into a stored user, with the identifiers `kind: value` that belong to them. */
export async function give(
  here: World,
  project: Credentials,
  user_id: string,
  parts: Partial<User>,
  identifiers: Record<string, string> = {},
): Promise<void> {
  const environment = await environmentOf(here, project)
  await changeUser(here.app, environment, user_id, async (app, user) => {
    const rows = Object.entries(identifiers).map(([kind, value]) => ({ scope: 'user', kind, value }))
    await claimIdentifiers(app.store, project.id, user_id, rows)
    return { ...user, ...parts }
  })
}

/** Adds a number to a user, creating one with a proven address where none is given, and lets its five minutes pass. */
export async function lapsedNumber(here: World, project: Credentials, phone_number: string, user_id?: string) {
  const owner = user_id ?? (await provenUser(here, project))
  await succeed(here, project, 'POST /v1/otps/sms/send', { phone_number, user_id: owner })
  here.clock.advance(5 * MINUTE)
  return owner
}

/** Starts a session of a user and returns its token. */
export async function startSession(here: World, project: Credentials, user_id: string): Promise<string> {
  const environment = await environmentOf(here, project)
  const proof = { type: 'imported', delivery_method: 'imported_auth0' } as const
  const change = { duration_minutes: 60, custom_claims: undefined }
  return tokenOf(here.app, await start(here.app, environment, user_id, proof, change))
}

async function environmentOf(here: World, project: Credentials) {
  const environment = await here.app.environment(project.id)
  if (!environment) throw new Error(`There is no environment ${project.id}.`)
  return environment
}
