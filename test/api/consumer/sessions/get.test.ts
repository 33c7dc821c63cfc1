/** GET /v1/sessions. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { MINUTE, SECOND } from '../../../../src/values/time.ts'
import { refuse, succeed } from '../../../support/call.ts'
import { startSession, trustIssuer } from '../../../support/issuer.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('sessions.get', (engine) => {
  test('lists the living sessions of a user, newest first, and shows neither tokens nor JWTs', async () => {
    const here = await world(engine)
    const project = await here.project()
    const issuer = await trustIssuer(here, project)
    const email = 'ada@example.com'
    const short = await startSession(here, project, issuer, email, { session_duration_minutes: 5 })
    here.clock.advance(2 * SECOND)
    const revoked = await startSession(here, project, issuer, email)
    here.clock.advance(2 * SECOND)
    const long = await startSession(here, project, issuer, email)
    await startSession(here, project, issuer, 'somebody@example.com')
    const list = async (name: string) => {
      const { sessions } = await succeed(here, project, `GET /v1/sessions?user_id=${name}`)
      return sessions
    }
    const ids = (sessions: { session_id: string }[]) => sessions.map(({ session_id }) => session_id)
    const before = await list(short.user_id)
    assert.deepEqual(ids(before), ids([long.session, revoked.session, short.session]))
    assert.deepEqual(before[0], long.session)

    await succeed(here, project, 'POST /v1/sessions/revoke', { session_id: revoked.session.session_id })
    here.clock.advance(6 * MINUTE)
    const after = await list(short.user_id)
    assert.deepEqual(ids(after), ids([long.session]))
    assert.equal(after[0].last_accessed_at, long.session.last_accessed_at)

    await succeed(here, project, `PUT /v1/users/${short.user_id}`, { external_id: 'ada-7' })
    assert.deepEqual(ids(await list('ada-7')), ids(after))
  })

  test('a user without sessions has an empty list', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await succeed(here, project, 'POST /v1/users', { email: 'ada@example.com' })
    assert.deepEqual((await succeed(here, project, `GET /v1/sessions?user_id=${user_id}`)).sessions, [])
  })

  test('refuses a missing, malformed, unknown, foreign or other-environment user id', async () => {
    const here = await world(engine)
    const project = await here.project()
    const route = 'GET /v1/sessions'
    const { user_id } = await succeed(here, await here.project(), 'POST /v1/users', { email: 'ada@example.com' })
    assert.match((await refuse(here, project, route, undefined, 400, 'bad_request')).error_message, /user_id/)
    for (const malformed of ['user-test-7', 'a%20b', 'a'.repeat(129), 'user-live-x']) {
      await refuse(here, project, `${route}?user_id=${malformed}`, undefined, 400, 'invalid_user_id')
    }
    const live = `user-live-${randomUUID()}`
    await refuse(here, project, `${route}?user_id=${live}`, undefined, 400, 'live_id_used_in_test_environment')
    for (const unknown of [`user-test-${randomUUID()}`, 'user-jim', user_id]) {
      await refuse(here, project, `${route}?user_id=${unknown}`, undefined, 404, 'user_not_found')
    }
  })
})
