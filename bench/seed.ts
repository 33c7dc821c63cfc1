/** Fills a new installation with users and their sessions, before the server starts on it. */
import { systemClock } from '../src/clock.ts'
import { type Config, readConfig } from '../src/config.ts'
import type { App } from '../src/domain/app.ts'
import type { Environment } from '../src/domain/configuration/environment.ts'
import { acceptNewPassword } from '../src/domain/passwords/acceptance.ts'
import { setPolicy } from '../src/domain/rbac/policy.ts'
import { mintSessionJwt } from '../src/domain/sessions/jwt.ts'
import { startSession, tokenOf } from '../src/domain/sessions/session.ts'
import { givePassword } from '../src/domain/users/password.ts'
import { findUserBy } from '../src/domain/users/reference.ts'
import { createUser } from '../src/domain/users/user.ts'
import { createLog } from '../src/http/log.ts'
import { openInstallation } from '../src/installation.ts'
import { basic } from './requests.ts'

export type Credentials = { token: string; jwt: string; user_id: string }
export type Seeded = {
  /** Value of the `Authorization` header. */
  authorization: string
  project_id: string
  sessions: Credentials[]
  logins: { email: string; password: string }[]
}

/** What every seeded user may do, by a role of their own. */
export const permitted = { resource_id: 'documents', action: 'write' }

const role_id = 'editor'
const a_transaction = 250
/** How many of the users have a password: the first ones. One hash serves all, since each costs a hundredth of a second. */
const with_password = 200
const password = 'x9!fwQ0zPl#Wm7'

/** Sets the installation of these variables up with as many users, each signed in once. */
export async function seed(env: Record<string, string>, users: number): Promise<Seeded> {
  const config: Config = readConfig(env)
  const { app, first, close } = await openInstallation(config, createLog('error'), systemClock)
  try {
    if (!first) throw new Error('The database to seed has been set up before.')
    const { project_id, secret } = first.consumer
    await allow(app, project_id)
    const environment = (await app.environment(project_id)) as Environment
    const sessions: Credentials[] = []
    while (sessions.length < users) {
      const count = Math.min(a_transaction, users - sessions.length)
      sessions.push(...(await signUp(app, environment, sessions.length, count)))
    }
    const logins = await givePasswords(app, environment, Math.min(with_password, users))
    return { authorization: basic(project_id, secret), project_id, sessions, logins }
  } finally {
    await close()
  }
}

async function allow(app: App, project_id: string): Promise<void> {
  const { resource_id, action } = permitted
  const actions = ['read', action]
  await setPolicy(app, project_id, 'CONSUMER', {
    custom_resources: [{ resource_id, description: 'What people write.', available_actions: [...actions, 'delete'] }],
    custom_roles: [{ role_id, description: 'Writes.', permissions: [{ resource_id, actions }] }],
  })
}

async function givePasswords(app: App, environment: Environment, users: number): Promise<Seeded['logins']> {
  const accepted = await acceptNewPassword(app, environment, password, [])
  const emails = Array.from({ length: users }, (_, number) => addressOf(number))
  await app.transaction(async (app) => {
    for (const email of emails) {
      const user = await findUserBy(app, environment, 'email', email)
      if (user) await givePassword(app, environment, user, accepted)
    }
  })
  return emails.map((email) => ({ email, password }))
}

function addressOf(number: number): string {
  return `user${number}@example.com`
}

/** Creates users from that number on, in one transaction, each with a session of a month. */
async function signUp(app: App, environment: Environment, from: number, count: number): Promise<Credentials[]> {
  const started = await app.transaction(async (app) => {
    const started = []
    for (let number = from; number < from + count; number++) {
      const user = await createUser(app, environment, {
        email: addressOf(number),
        email_verified: true,
        name: { first_name: 'Bench', last_name: `User ${number}` },
        status: 'active',
        external_id: `bench-${number}`,
        roles: [role_id],
        trusted_metadata: { plan: 'pro', seats: 3 },
      })
      const session = await startSession(
        app,
        environment,
        user.user_id,
        {
          type: 'trusted_auth_token',
          delivery_method: 'trusted_token_exchange',
          trusted_auth_token_factor: { token_id: `bench-${number}` },
        },
        { duration_minutes: 30 * 24 * 60, custom_claims: undefined },
      )
      started.push({ session, roles: user.roles })
    }
    return started
  })
  return Promise.all(
    started.map(async ({ session, roles }) => ({
      token: tokenOf(app, session),
      jwt: await mintSessionJwt(app, environment, session, roles),
      user_id: session.owner_id,
    })),
  )
}
