/**
 * better-auth behind `node:http`, as its documentation sets it up for production: one process, the database that is named,
 * email and password, the organization plugin. Asked to `seed`, it fills the database and answers with what signs in; asked
 * to `serve`, it listens and answers with its port.
 */
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { organization } from 'better-auth/plugins'
import pg from 'pg'

const secret = 'a secret of the benchmark, which guards nothing'
const password = 'x9!fwQ0zPl#Wm7'
const base = 'http://127.0.0.1'
const members_of_an_organization = 10
const with_password = 200
const at_once = 50

process.once('message', async ({ task, ...config }) => {
  const answer = task === 'seed' ? await seed(config) : await serve(config)
  process.send(answer, () => task === 'seed' && process.exit())
})
// Whoever started this process is gone.
process.once('disconnect', () => process.exit())

function authOf(database, cookie_cache) {
  return betterAuth({
    database,
    secret,
    baseURL: base,
    emailAndPassword: { enabled: true },
    // As long as a run at least: nothing of a cookie has to be renewed while it is measured.
    session: { cookieCache: { enabled: cookie_cache, maxAge: 24 * 60 * 60 } },
    plugins: [organization()],
    rateLimit: { enabled: false },
    logger: { disabled: true },
    telemetry: { enabled: false },
    // Session and user come in one query.
    advanced: { database: { joins: true } },
  })
}

/** `durable` waits for the disk at every commit, which only seeding does not. */
function open({ url, path }, durable) {
  if (url) {
    const options = durable ? undefined : '-c synchronous_commit=off'
    return new pg.Pool({ connectionString: url, max: 10, options })
  }
  const database = new DatabaseSync(path)
  database.exec(`pragma journal_mode = wal; pragma synchronous = ${durable ? 'full' : 'off'}`)
  return database
}

async function serve({ cookie_cache, ...where }) {
  const server = createServer(toNodeHandler(authOf(open(where, true), cookie_cache)))
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({ port: server.address().port })))
}

async function seed({ users, ...where }) {
  const auth = authOf(open(where, false), true)
  const { runMigrations } = await getMigrations(auth.options)
  await runMigrations()
  const context = await auth.$context
  const hash = await context.password.hash(password)
  const sessions = []
  let organization_id
  for (let number = 0; number < users; number += at_once) {
    const numbers = Array.from({ length: Math.min(at_once, users - number) }, (_, index) => number + index)
    const made = await Promise.all(numbers.map((number) => signUp(context, number, hash)))
    for (const { user, session } of made) {
      if (sessions.length % members_of_an_organization === 0) organization_id = await found(context, sessions.length)
      const data = { organizationId: organization_id, userId: user.id, role: 'admin', createdAt: new Date() }
      await context.adapter.create({ model: 'member', data })
      sessions.push({ ...(await cookiesOf(auth, context, session)), organization_id })
    }
  }
  const logins = Array.from({ length: Math.min(with_password, users) }, (_, number) => ({
    email: addressOf(number),
    password,
  }))
  return { sessions, logins }
}

async function signUp({ internalAdapter }, number, hash) {
  const user = await internalAdapter.createUser({
    email: addressOf(number),
    name: `Bench User ${number}`,
    emailVerified: true,
  })
  await internalAdapter.linkAccount({ userId: user.id, accountId: user.id, providerId: 'credential', password: hash })
  return { user, session: await internalAdapter.createSession(user.id) }
}

async function found({ adapter }, number) {
  const data = { name: `Organization ${number}`, slug: `organization-${number}`, createdAt: new Date() }
  const { id } = await adapter.create({ model: 'organization', data })
  return id
}

/** The cookies of a session: its token, signed as better-auth signs it, and what the cookie cache sets at the first call. */
async function cookiesOf(auth, { authCookies }, { token }) {
  const signature = createHmac('sha256', secret).update(token).digest('base64')
  const cookie = `${authCookies.sessionToken.name}=${encodeURIComponent(`${token}.${signature}`)}`
  const answer = await auth.handler(new Request(`${base}/api/auth/get-session`, { headers: { cookie } }))
  const [data] = answer.headers.getSetCookie().filter((text) => text.startsWith(`${authCookies.sessionData.name}=`))
  if (!data) throw new Error(`better-auth does not know its session: ${answer.status} ${await answer.text()}`)
  return { cookie, cached: `${cookie}; ${data.split(';')[0]}` }
}

function addressOf(number) {
  return `user${number}@example.com`
}
