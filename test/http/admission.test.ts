/** Overload: who is let in when there are more requests than the process can answer soon. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { operation } from '../../src/api/operation.ts'
import { deleteSecret, listSecrets } from '../../src/domain/secrets/secret.ts'
import { createAdmission } from '../../src/http/admission.ts'
import { createServer } from '../../src/http/server.ts'
import { mailReset, signUp, stronger, traces } from '../support/passwords.ts'
import { type Credentials, onBothEngines, type World, world } from '../support/world.ts'
import { basic } from './bench.ts'

const places = 10
/**
 * A server with few places, and an operation that keeps its place until `release`. While `hangs.isOn`, callers are not confirmed
 * until `hangs.end`.
 */
async function scene(here: World) {
  const app = { ...here.app, settings: { ...here.app.settings, requests_at_once: places } }
  const gate = Promise.withResolvers<void>()
  const confirming = Promise.withResolvers<void>()
  const hangs = { isOn: false, arrived: 0, end: confirming.resolve }
  app.environment = async (id) => {
    if (hangs.isOn) {
      hangs.arrived++
      await confirming.promise
    }
    return here.app.environment(id)
  }
  let inside = Promise.withResolvers<void>()
  const slow = operation({
    route: 'POST /test/slow',
    name: 'test_slow',
    sdk: '',
    summary: 'Takes until it is told to end.',
    caller: 'project',
    body: {},
    reply: {},
    async run() {
      inside.resolve()
      await gate.promise
      return {}
    },
  })
  const server = createServer(app, { extra: [slow] })
  const send = async (caller: Credentials, url: string, body: object | string = {}) => {
    const payload = typeof body === 'string' ? body : JSON.stringify(body)
    const headers = basic(caller)
    const { statusCode, headers: sent, body: text } = await server.inject({ method: 'POST', url, headers, payload })
    return { status: statusCode, error_type: JSON.parse(text).error_type, retry_after: sent['retry-after'] }
  }
  const kept: Promise<{ status: number }>[] = []
  return {
    server,
    send,
    hangs,
    /** Has a request of a project answered, so that it is known. */
    async introduce(caller: Credentials) {
      assert.equal((await send(caller, '/v1/users/search')).status, 200)
    },
    /** Takes as many places as somebody gets; tells how many. */
    async fill(caller: Credentials) {
      for (let count = 0; ; count++) {
        inside = Promise.withResolvers<void>()
        const answer = send(caller, '/test/slow')
        const isRefused = await Promise.race([inside.promise.then(() => false), answer.then(() => true)])
        if (isRefused) return count
        kept.push(answer)
      }
    },
    /** Lets all of them end, well. */
    async release() {
      gate.resolve()
      for (const answer of kept) assert.equal((await answer).status, 200)
    },
  }
}

const tooMany = { status: 429, error_type: 'too_many_requests', retry_after: '1' }

onBothEngines('overload', (engine) => {
  test('a project that has its share is refused before its body is read, others are served, and all is well afterwards', async () => {
    const here = await world(engine)
    const { send, introduce, fill, release } = await scene(here)
    const [noisy, quiet] = [await here.project(), await here.project()]
    await introduce(noisy)
    assert.equal(await fill(noisy), places / 2)
    assert.deepEqual(await send(noisy, '/v1/users/search', '{no json'), tooMany)
    await introduce(quiet)
    await introduce(quiet)
    await release()
    await introduce(noisy)
  })

  test('a full process refuses everybody, but its probes answer and tell so', async () => {
    const here = await world(engine)
    const { server, send, introduce, fill, release } = await scene(here)
    const projects = [await here.project(), await here.project(), await here.project(), await here.project()]
    for (const project of projects) await introduce(project)
    const counts = []
    for (const project of projects) counts.push(await fill(project))
    assert.deepEqual(counts, [5, 3, 1, 1])
    const late = await here.project()
    const refused = { status: 503, error_type: 'server_unavailable', retry_after: '1' }
    assert.deepEqual(await send(late, '/v1/users/search'), refused)
    for (const url of ['/healthz', '/readyz', '/openapi.json']) {
      assert.equal((await server.inject({ method: 'GET', url })).statusCode, 200, url)
    }
    const { body } = await server.inject({ method: 'GET', url: '/metrics' })
    assert.match(body, /^selvage_requests_in_flight 10$/m)
    assert.match(body, /^selvage_requests_refused_total\{reason="full"\} 2$/m)
    assert.match(body, /^selvage_requests_refused_total\{reason="share"\} 3$/m)
    assert.match(body, /^selvage_lane_waiting\{lane="password_hashes"\} 0$/m)
    await release()
    await introduce(late)
  })

  test('a flood with wrong secrets keeps the owner from nothing, not even while it hangs', async () => {
    const here = await world(engine)
    const { send, introduce, hangs } = await scene(here)
    const owner = await here.project()
    await introduce(owner)
    hangs.isOn = true
    const flood = Array.from({ length: 50 }, () => send({ ...owner, secret: randomUUID() }, '/v1/users/search'))
    while (hangs.arrived < places / 2) await new Promise((resolve) => setImmediate(resolve))
    hangs.isOn = false
    for (let request = 0; request < 20; request++) await introduce(owner)
    hangs.end()
    const statuses = (await Promise.all(flood)).map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 401).length, places / 2)
    assert.equal(statuses.filter((status) => status === 429).length, 50 - places / 2)
  })

  test('a deleted secret has no part in the share of its project any more', async () => {
    const here = await world(engine)
    const { send, introduce, hangs } = await scene(here)
    const project = await here.project()
    const [secret] = await listSecrets(here.app, project.environment)
    assert.ok(secret)
    await introduce(project)
    await deleteSecret(here.app, project.environment, secret.secret_id)
    assert.equal((await send(project, '/v1/users/search')).status, 401)
    hangs.isOn = true
    const strangers = Array.from({ length: places / 2 }, () =>
      send({ ...project, secret: randomUUID() }, '/v1/users/search'),
    )
    while (hangs.arrived < places / 2) await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(await send(project, '/v1/users/search'), tooMany)
    hangs.end()
    await Promise.all(strangers)
  })

  test('a refusal spends nothing: the link that came too early is good a moment later', async () => {
    const here = await world(engine)
    const { send, introduce, fill, release } = await scene(here)
    const project = await here.project()
    const { email } = await signUp(here, project)
    const { token } = await mailReset(here, project, email)
    await introduce(project)
    await fill(project)
    const reset = () => send(project, '/v1/passwords/email/reset', { token, password: stronger })
    const before = await traces(here, project)
    assert.deepEqual(await reset(), tooMany)
    assert.deepEqual(await traces(here, project), before)
    await release()
    assert.equal((await reset()).status, 200)
  })
})

test('what is refused at the door has one line in the log a second, not one each', async () => {
  const here = await world('sqlite')
  const { send, introduce, fill, release } = await scene(here)
  const project = await here.project()
  await introduce(project)
  const before = here.logged.length
  await fill(project)
  await Promise.all(Array.from({ length: 20 }, () => send(project, '/v1/users/search')))
  const lines = here.logged.slice(before).map((line) => JSON.parse(line))
  assert.deepEqual(
    lines.filter(({ level }) => level >= 30).map(({ msg }) => msg),
    ['There is more to do than can be done soon; some requests are refused.'],
  )
  await release()
})

test('all secrets of a project share its places, and only what was confirmed counts for it', () => {
  const admission = createAdmission({ log: { ...console }, now: () => 0 }, 100)
  const of = (secret_hash: string) => ({ id: 'project', project_type: 'TEST' as const, secret_hash })
  const [one, two, unknown] = [of('one'), of('two'), of('three')]
  admission.know(one)
  admission.know(two)
  assert.equal(admission.enter(one), admission.enter(two))
  assert.notEqual(admission.enter(one), admission.enter(unknown))
  assert.notEqual(admission.enter(undefined), admission.enter(unknown))
  admission.forget(two)
  assert.equal(admission.enter(two), admission.enter(unknown))
})
