/** Two server processes on one database: what one has answered, the other knows on its very next call. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { systemClock } from '../../src/clock.ts'
import { readConfig } from '../../src/config.ts'
import { totpCode, totpStep } from '../../src/crypto/totp.ts'
import { listInbox } from '../../src/domain/messages/message.ts'
import { type EnvironmentRecord, findEnvironment } from '../../src/domain/projects/environment.ts'
import { setPolicy } from '../../src/domain/rbac/policy.ts'
import { createSecret, deleteSecret } from '../../src/domain/secrets/secret.ts'
import { touchSessions } from '../../src/domain/sessions/table.ts'
import { createLog } from '../../src/http/log.ts'
import { type Installation, openInstallation } from '../../src/installation.ts'
import { keyTable } from '../../src/store/store.ts'
import { wrong } from '../support/one_time_codes.ts'
import { ask, newDirectory, type Reply, run, type Served, serve } from '../support/program.ts'
import { trustIssuer } from '../support/remote_issuer.ts'
import { emptyDatabase, openStore } from '../support/world.ts'

const rounds = 50
const authenticate = 'POST /v1/sessions/authenticate'
const env: Record<string, string> = {
  SELVAGE_DATA_DIR: newDirectory(),
  SELVAGE_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
  SELVAGE_LIMIT_TOTP: 'off',
  // A hundred calls at once may wait long for their turn on a machine that does other things too.
  SELVAGE_DATABASE_WAIT_SECONDS: '120',
  SELVAGE_QUEUE_WAIT_SECONDS: '60',
}
let operator: Installation
let nodes: Served[]
let environment: EnvironmentRecord
let project: { project_id: string; secret: string }
let attestation: Awaited<ReturnType<typeof trustIssuer>>
let drop: () => Promise<void>

before(async () => {
  const database = await emptyDatabase('postgres')
  drop = database.drop
  env.DATABASE_URL = database.url
  operator = await openInstallation(readConfig(env), createLog('silent'), systemClock)
  assert.ok(operator.first)
  project = operator.first.consumer
  environment = (await findEnvironment(operator.app, project.project_id)) as EnvironmentRecord
  attestation = await trustIssuer(operator.app, environment)
  nodes = await Promise.all([serve(env), serve(env)])
})

after(async () => {
  await Promise.all(nodes.map((node) => node.stop()))
  await operator.close()
  await drop()
})

/** The two nodes, the first of them another one each round. */
function pair(round: number): [Served, Served] {
  const [a, b] = nodes as [Served, Served]
  return round % 2 === 0 ? [a, b] : [b, a]
}

async function newSession(node: Served, name: string) {
  const { status, body } = await ask(node.url, project, 'POST /v1/sessions/attest', await attestation(name))
  assert.equal(status, 200, JSON.stringify(body))
  return body
}

test('a session revoked on one node is refused by the next call to the other, by token and by JWT', async () => {
  for (let round = 0; round < rounds; round++) {
    const [here, there] = pair(round)
    const { session_token, session_jwt } = await newSession(here, `revoked-${round}@example.com`)
    const proof = round % 3 === 0 ? { session_jwt } : { session_token }
    for (const node of [there, here]) {
      const alive = await ask(node.url, project, authenticate, proof)
      assert.equal(alive.status, 200, JSON.stringify(alive.body))
    }
    assert.equal((await ask(here.url, project, 'POST /v1/sessions/revoke', proof)).status, 200)
    for (const node of [there, here]) {
      const { status, body } = await ask(node.url, project, authenticate, proof)
      assert.deepEqual([status, body.error_type], [404, 'session_not_found'], `round ${round}`)
    }
  }
})

test('a revocation is not lost to calls that use the session on the other node at the same time', async () => {
  for (let round = 0; round < rounds / 2; round++) {
    const [here, there] = pair(round)
    const { session_token } = await newSession(here, `contended-${round}@example.com`)
    const use = () =>
      ask(there.url, project, authenticate, {
        session_token,
        session_duration_minutes: 90,
        session_custom_claims: { n: Math.random() },
      })
    const uses = [use(), use()]
    const [revoked] = await Promise.all([
      ask(here.url, project, 'POST /v1/sessions/revoke', { session_token }),
      ...uses,
    ])
    assert.equal(revoked?.status, 200)
    for (const { status } of await Promise.all([use(), use()])) assert.equal(status, 404)
    for (const { status } of await Promise.all(uses)) assert.ok(status === 200 || status === 404, String(status))
  }
})

test('a secret deleted by an operator is refused by the next call to either node', async () => {
  for (let round = 0; round < rounds; round++) {
    const { secret_id, value } = await createSecret(operator.app, environment)
    const caller = { project_id: project.project_id, secret: value }
    for (const node of pair(round)) assert.equal((await ask(node.url, caller, 'GET /v1/debug/whoami')).status, 200)
    await deleteSecret(operator.app, environment, secret_id)
    for (const node of pair(round)) {
      const { status, body } = await ask(node.url, caller, 'GET /v1/debug/whoami')
      assert.deepEqual([status, body.error_type], [401, 'unauthorized_credentials'], `round ${round}`)
    }
  }
})

test('so is one deleted by the command line', async () => {
  const { secret_id, value } = await createSecret(operator.app, environment)
  const caller = { project_id: project.project_id, secret: value }
  for (const node of nodes) assert.equal((await ask(node.url, caller, 'GET /v1/debug/whoami')).status, 200)
  const { status } = await run(['secret', 'delete', project.project_id, secret_id], env)
  assert.equal(status, 0)
  for (const node of nodes) assert.equal((await ask(node.url, caller, 'GET /v1/debug/whoami')).status, 401)
})

test('a link redeemed on both nodes at once signs in exactly once', async () => {
  const { body } = await ask(nodes[0]?.url as string, project, 'POST /v1/users', { email: 'linked@example.com' })
  for (let round = 0; round < 10; round++) {
    const [here, there] = pair(round)
    const made = await ask(here.url, project, 'POST /v1/magic_links', { user_id: body.user_id })
    const { token } = made.body
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        ask((index % 2 === 0 ? here : there).url, project, 'POST /v1/magic_links/authenticate', { token }),
      ),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1, `round ${round}`)
    for (const { status, body } of answers) {
      assert.ok(status === 200 || body.error_type === 'unable_to_auth_magic_link', JSON.stringify(body))
    }
  }
})

test('one new address written to from both nodes at once becomes one user, with one mail a second', async () => {
  const email = 'newcomer@example.com'
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => {
      const flow = index % 4 < 2 ? 'login_or_create' : 'invite'
      return ask(nodes[index % 2]?.url as string, project, `POST /v1/magic_links/email/${flow}`, { email })
    }),
  )
  const users = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.user_id))
  assert.equal(users.size, 1)
  for (const { status, body } of answers) {
    assert.ok(status === 200 || ['too_many_requests', 'duplicate_email'].includes(body.error_type), body.error_type)
  }
  const operand = { filter_name: 'email_address', filter_value: [email] }
  const query = { query: { operator: 'AND', operands: [operand] } }
  const found = await ask(nodes[0]?.url as string, project, 'POST /v1/users/search', query)
  assert.equal(found.body.results.length, 1)
})

test('a changed policy decides the next authorization check on either node', async () => {
  const { session_token } = await newSession(nodes[0] as Served, 'editor@example.com')
  const authorization_check = { resource_id: 'documents', action: 'write' }
  for (let round = 0; round < rounds; round++) {
    const allowed = round % 2 === 0
    const actions = allowed ? ['read', 'write'] : ['read']
    await setPolicy(operator.app, project.project_id, 'CONSUMER', {
      custom_resources: [{ resource_id: 'documents', description: '', available_actions: ['read', 'write'] }],
      default_roles: { stytch_user: { permissions: [{ resource_id: 'documents', actions }] } },
    })
    for (const node of pair(round >> 1)) {
      const { status, body } = await ask(node.url, project, authenticate, { session_token, authorization_check })
      assert.equal(status, allowed ? 200 : 403, `round ${round}: ${JSON.stringify(body)}`)
    }
  }
})

/** What was sent to somebody, newest first. */
const sentTo = (to: string) => listInbox(operator.app, { to, limit: 1000 })

/** Has a code sent by one of the nodes and returns what redeems it. */
async function newCode(email: string): Promise<{ method_id: string; code: string }> {
  const { status, body } = await ask((nodes[0] as Served).url, project, 'POST /v1/otps/email/login_or_create', {
    email,
  })
  assert.equal(status, 200, JSON.stringify(body))
  const [message] = await sentTo(email)
  return { method_id: body.email_id, code: message?.code as string }
}

/** Asks both nodes in turn, all at once. */
function flood(route: string, bodies: object[]): Promise<Reply[]> {
  return Promise.all(bodies.map((body, index) => ask((nodes[index % 2] as Served).url, project, route, body)))
}

test('one code redeemed 100 times at once on two nodes signs in once', async () => {
  const sent = await newCode('once@example.com')
  const body = { ...sent, session_duration_minutes: 5 }
  const answers = await flood('POST /v1/otps/authenticate', Array.from({ length: 100 }).fill(body) as object[])
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal(answers.filter(({ body }) => body.error_type === 'unable_to_auth_otp_code').length, 99)
})

test('100 wrong guesses at once on two nodes are five tries of the code and lock the user with the tenth', async () => {
  const sent = await newCode('guessed@example.com')
  const guesses = Array.from({ length: 100 }, (_, index) => ({ ...sent, code: wrong(sent.code, index + 1) }))
  const answers = await flood('POST /v1/otps/authenticate', guesses)
  assert.equal(answers.filter(({ body }) => body.error_type === 'otp_code_not_found').length, 10)
  assert.equal(answers.filter(({ body }) => body.error_type === 'user_lock_limit_reached').length, 90)
  const { failures } = await operator.app.store.write
    .selectFrom('one_time_codes')
    .select('failures')
    .where('project_id', '=', project.project_id)
    .where('method_id', '=', sent.method_id)
    .executeTakeFirstOrThrow()
  assert.equal(failures, 5)
})

test('100 sends at once on two nodes to one new number make one user, and as many messages as the limit allows', async () => {
  const period = () => Math.floor(Date.now() / 600_000)
  const from = period()
  const body = { phone_number: '+14155550123' }
  const answers = await flood('POST /v1/otps/sms/login_or_create', Array.from({ length: 100 }).fill(body) as object[])
  const accepted = answers.filter(({ status }) => status === 200)
  // A new period may have begun meanwhile.
  assert.ok(accepted.length === 5 || (period() > from && accepted.length === 10), String(accepted.length))
  assert.equal(answers.filter(({ status }) => status === 429).length, 100 - accepted.length)
  assert.equal(new Set(accepted.map(({ body }) => body.user_id)).size, 1)
  assert.equal((await sentTo(body.phone_number)).length, accepted.length)
})

test('one reset link redeemed 100 times at once on two nodes sets one password', async () => {
  const email = 'forgetful@example.com'
  const before = { email, password: 'x9!fwQ0zPl#Wm7' }
  const created = await ask(nodes[0]?.url as string, project, 'POST /v1/passwords', before)
  assert.equal(created.status, 200, JSON.stringify(created.body))
  const started = await ask(nodes[1]?.url as string, project, 'POST /v1/passwords/email/reset/start', { email })
  assert.equal(started.status, 200, JSON.stringify(started.body))
  const [message] = await sentTo(email)
  const token = message?.links[0]?.token
  const bodies = Array.from({ length: 100 }, (_, n) => ({ token, password: `Vh3^dkR8tu$Ybn${n}` }))
  const answers = await flood('POST /v1/passwords/email/reset', bodies)
  const winners = bodies.filter((_, n) => answers[n]?.status === 200)
  assert.equal(winners.length, 1)
  assert.equal(answers.filter(({ body }) => body.error_type === 'unable_to_auth_password_reset_token').length, 99)
  for (const node of nodes) {
    const login = { email, password: winners[0]?.password }
    assert.equal((await ask(node.url, project, 'POST /v1/passwords/authenticate', login)).status, 200)
    const old = await ask(node.url, project, 'POST /v1/passwords/authenticate', before)
    assert.equal(old.body.error_type, 'unauthorized_credentials')
  }
})

test('a code of an authenticator app and a recovery code count once, whichever node they are sent to', async () => {
  const { user_id } = await newSession(nodes[0] as Served, 'totp@example.com')
  const enrolled = await ask(nodes[1]?.url as string, project, 'POST /v1/totps', { user_id })
  assert.equal(enrolled.status, 200, JSON.stringify(enrolled.body))
  const { secret, recovery_codes } = enrolled.body
  const atOnce = (route: string, body: object) =>
    Promise.all(Array.from({ length: 100 }, (_, n) => ask(nodes[n % 2]?.url as string, project, route, body)))
  const totp_code = totpCode(secret, totpStep(systemClock.now()))
  const codes = await atOnce('POST /v1/totps/authenticate', { user_id, totp_code })
  const recoveries = await atOnce('POST /v1/totps/recover', { user_id, recovery_code: recovery_codes[0] })
  for (const answers of [codes, recoveries]) {
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.deepEqual(
      answers.filter(({ status }) => status >= 500).map(({ body }) => body),
      [],
    )
  }
  const { totps } = (await ask(nodes[0]?.url as string, project, 'POST /v1/totps/recovery_codes', { user_id })).body
  assert.deepEqual(totps[0].recovery_codes, recovery_codes.slice(1))
})

test('group commits of two nodes over the same sessions, each in an order of its own, never wait for each other', async () => {
  const other = await openStore(env.DATABASE_URL as string)
  const stores = [operator.app.store, other]
  const ids = Array.from({ length: 300 }, (_, index) => `session ${index}`)
  const rows = keyTable(
    other,
    'k',
    ['id'],
    ids.map((id) => [id]),
  )
  await sql`insert into sessions select 'shared', k.id, 'owner', k.id, '', '[]', '{}', '{}', 0, 0, 9000000000000, null, 1
    from ${rows}`.execute(other.write)
  for (let at = 1; at <= 20; at++) {
    const orders = [ids, ids.toSorted(() => Math.random() - 0.5)]
    const answers = await Promise.all(
      stores.map((store, index) => {
        const order = orders[index] as string[]
        const touches = order.map((session_id) => ({ project_id: 'shared', session_id, at, expires_at: undefined }))
        return touchSessions(store, touches)
      }),
    )
    assert.ok(answers.flat().every((alive) => alive))
  }
  await other.close()
})
