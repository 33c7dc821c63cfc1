/** Fills a new installation with users and their sessions, before the server starts on it. */
import { systemClock } from '../src/clock.ts'
import { type Config, readConfig } from '../src/config.ts'
import type { App } from '../src/domain/app.ts'
import type { Environment } from '../src/domain/configuration/environment.ts'
import { mintSessionJwt } from '../src/domain/sessions/jwt.ts'
import { startSession, tokenOf } from '../src/domain/sessions/session.ts'
import { createUser } from '../src/domain/users/user.ts'
import { createLog } from '../src/http/log.ts'
import { openInstallation } from '../src/installation.ts'

export type Credentials = { token: string; jwt: string }
export type Seeded = {
  /** Value of the `Authorization` header. */
  authorization: string
  sessions: Credentials[]
}

const users = 5000
const a_transaction = 250

/** Sets the installation of these variables up with 5,000 users, each signed in once. */
export async function seed(env: Record<string, string>): Promise<Seeded> {
  const config: Config = readConfig(env)
  const { app, first, close } = await openInstallation(config, createLog('error'), systemClock)
  try {
    if (!first) throw new Error('The database to seed has been set up before.')
    const { project_id, secret } = first.consumer
    const environment = (await app.environment(project_id)) as Environment
    const sessions: Credentials[] = []
    while (sessions.length < users) {
      sessions.push(...(await signUp(app, environment, sessions.length, a_transaction)))
    }
    return { authorization: `Basic ${Buffer.from(`${project_id}:${secret}`).toString('base64')}`, sessions }
  } finally {
    await close()
  }
}

/** Creates users from that number on, in one transaction, each with a session of a month. */
async function signUp(app: App, environment: Environment, from: number, count: number): Promise<Credentials[]> {
  const started = await app.transaction(async (app) => {
    const started = []
    for (let number = from; number < from + count; number++) {
      const user = await createUser(app, environment, {
        email: `user${number}@example.com`,
        email_verified: true,
        name: { first_name: 'Bench', last_name: `User ${number}` },
        status: 'active',
        external_id: `bench-${number}`,
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
    })),
  )
}
