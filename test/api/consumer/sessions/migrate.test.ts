/** POST /v1/sessions/migrate, against a UserInfo endpoint on loopback that answers as each test wants. */
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { updateEnvironment } from '../../../../src/domain/projects/environment.ts'
import { refuse, succeed } from '../../../support/call.ts'
import { lockUser } from '../../../support/lock.ts'
import { type Engine, onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/sessions/migrate'

onBothEngines('sessions.migrate', (engine) => {
  let answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end()
  const server = createServer((request, response) => answer(request, response))
  const listening = new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const claims = (value: unknown) => {
    answer = (_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
  }

  async function scene(on: Engine) {
    const here = await world(on)
    const project = await here.project()
    const url = `${await listening}/userinfo`
    await updateEnvironment(here.app, project.id, { zero_downtime_session_migration_url: url })
    const created = await succeed(here, project, 'POST /v1/users', {
      email: 'ada@example.com',
      create_user_as_pending: true,
    })
    const sessions = async () =>
      (await succeed(here, project, `GET /v1/sessions?user_id=${created.user_id}`)).sessions.length
    const refuseMigration = (status: number, error_type: string, fields: Record<string, unknown> = {}) =>
      refuse(
        here,
        project,
        route,
        { session_token: 'token', session_duration_minutes: 30, ...fields },
        status,
        error_type,
      )
    return { here, project, user_id: created.user_id, sessions, refuseMigration }
  }

  test('asks with the given token as Bearer and starts a session with the imported factor', async () => {
    const { here, project, user_id } = await scene(engine)
    let seen: IncomingMessage | undefined
    answer = (request, response) => {
      seen = request
      response.setHeader('content-type', 'application/json; charset=utf-8')
      response.end(JSON.stringify({ sub: 'auth0|1', email: ' Ada@Example.com ', email_verified: true }))
    }
    const reply = await succeed(here, project, route, {
      session_token: 'eyJz39a.b-c_d~e+f/g==',
      session_duration_minutes: 30,
      session_custom_claims: { plan: 'pro' },
      telemetry_id: 'anything',
    })
    assert.equal(seen?.method, 'GET')
    assert.equal(seen?.headers.authorization, 'Bearer eyJz39a.b-c_d~e+f/g==')
    assert.equal(reply.user_id, user_id)
    assert.equal(reply.user.status, 'active')
    assert.equal(reply.user.emails[0].verified, false)
    const [{ created_at, updated_at, last_authenticated_at, ...factor }, ...others] =
      reply.session.authentication_factors
    assert.deepEqual(factor, { type: 'imported', delivery_method: 'imported_auth0' })
    assert.deepEqual(others, [])
    assert.deepEqual([updated_at, last_authenticated_at], [created_at, created_at])
    assert.deepEqual(reply.session.custom_claims, { plan: 'pro' })
    await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token: reply.session_token })
  })

  test('takes tokens of the forms that providers use', async () => {
    const { here, project } = await scene(engine)
    claims({ email: 'ada@example.com' })
    for (const session_token of ['1|abcDEF', 'a:b', 'a=b=c', '{opaque}']) {
      await succeed(here, project, route, { session_token })
    }
  })

  test('is always a new session; the ones before stay', async () => {
    const { here, project, sessions } = await scene(engine)
    claims({ email: 'ada@example.com' })
    const body = { session_token: 'token', session_duration_minutes: 30 }
    const first = await succeed(here, project, route, body)
    const second = await succeed(here, project, route, body)
    assert.notEqual(first.session.session_id, second.session.session_id)
    assert.equal(await sessions(), 2)
  })

  test('without a duration it answers the user and no session', async () => {
    const { here, project, sessions } = await scene(engine)
    claims({ email: 'ada@example.com' })
    const reply = await succeed(here, project, route, { session_token: 'token', session_custom_claims: { a: 1 } })
    assert.deepEqual([reply.session, reply.session_token, reply.session_jwt], [null, '', ''])
    assert.equal(await sessions(), 0)
  })

  test('refuses answers that name no usable address, and leaves the user pending', async () => {
    const { here, project, user_id, sessions, refuseMigration } = await scene(engine)
    const unexpected = () => refuseMigration(400, 'migrate_from_external_unexpected_response')
    for (const value of [
      {},
      { email: '' },
      { email: 7 },
      { email: 'nonsense' },
      { email: ['ada@example.com'] },
      { email: 'ada@example.com', email_verified: false },
      { email: 'ada@example.com', email_verified: 'false' },
      ['ada@example.com'],
      'ada@example.com',
      null,
    ]) {
      claims(value)
      await unexpected()
    }
    for (const status of [304, 401, 403, 404, 500, 302]) {
      answer = (_, response) => {
        response.writeHead(status, { location: '/elsewhere' }).end('{"email":"ada@example.com"}')
      }
      await unexpected()
    }
    answer = (_, response) => response.end('<html>not JSON</html>')
    await unexpected()
    answer = (_, response) => response.end(`{"email":"ada@example.com","pad":"${'x'.repeat(70_000)}"}`)
    await unexpected()
    answer = (request) => request.socket.destroy()
    await unexpected()
    assert.equal(await sessions(), 0)
    assert.equal((await succeed(here, project, `GET /v1/users/${user_id}`)).status, 'pending')
  })

  test('a private target that the operator has not allowed is not reached', async () => {
    const { here, project, refuseMigration } = await scene(engine)
    for (const url of ['http://10.0.0.1/userinfo', 'https://169.254.169.254/latest', 'http://192.168.0.1:8080/']) {
      await updateEnvironment(here.app, project.id, { zero_downtime_session_migration_url: url })
      await refuseMigration(400, 'migrate_from_external_unexpected_response')
    }
  })

  test('refuses when no endpoint is configured, and when no user has the address', async () => {
    const { here, project, refuseMigration } = await scene(engine)
    claims({ email: 'nobody@example.com' })
    await refuseMigration(404, 'migrate_from_external_email_does_not_exist')
    await updateEnvironment(here.app, project.id, { zero_downtime_session_migration_url: '' })
    await refuseMigration(400, 'migrate_from_external_missing_userinfo')
  })

  test('refuses bad fields before the endpoint is asked', async () => {
    const { here, project, refuseMigration } = await scene(engine)
    let asked = false
    answer = (_, response) => {
      asked = true
      response.end()
    }
    const missing = await refuse(here, project, route, { session_duration_minutes: 30 }, 400, 'bad_request')
    assert.match(missing.error_message, /session_token/)
    await refuseMigration(400, 'bad_request', { session_token: 7 })
    await refuseMigration(400, 'bad_request', { session_token: '' })
    await refuseMigration(400, 'bad_request', { session_token: 'a\r\nX-Injected: 1' })
    await refuseMigration(400, 'invalid_session_duration_minutes', { session_duration_minutes: 4 })
    await refuseMigration(400, 'custom_claims_too_large', { session_custom_claims: { a: 'x'.repeat(5000) } })
    assert.equal(asked, false)
  })

  test('a locked user is refused', async () => {
    const { here, project, user_id, refuseMigration } = await scene(engine)
    claims({ email: 'ada@example.com' })
    await lockUser(here, project, user_id)
    await refuseMigration(429, 'user_lock_limit_reached')
  })
})
