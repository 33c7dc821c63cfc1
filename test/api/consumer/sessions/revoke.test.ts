/** POST /v1/sessions/revoke. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { newToken } from '../../../../src/crypto/tokens.ts'
import { revokeSession } from '../../../../src/domain/sessions/session.ts'
import { MINUTE } from '../../../../src/values/time.ts'
import { refuse, succeed } from '../../../support/call.ts'
import { startSession, trustIssuer } from '../../../support/issuer.ts'
import { type Engine, onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/sessions/revoke'

async function scene(engine: Engine) {
  const here = await world(engine)
  const project = await here.project()
  const issuer = await trustIssuer(here, project)
  const start = () => startSession(here, project, issuer)
  const isAlive = async ({ user_id }: { user_id: string }) =>
    (await succeed(here, project, `GET /v1/sessions?user_id=${user_id}`)).sessions.length === 1
  return { here, project, start, isAlive }
}

onBothEngines('sessions.revoke', (engine) => {
  test('ends a session by id, by token and by JWT, even one past its expiry, and answers nothing but the envelope', async () => {
    const { here, project, start, isAlive } = await scene(engine)
    for (const selector of ['session_id', 'session_token', 'session_jwt', 'expired session_jwt']) {
      const started = await start()
      const values = { session_id: started.session.session_id, ...started }
      if (selector.startsWith('expired')) here.clock.advance(6 * MINUTE)
      const name = selector.replace('expired ', '')
      assert.ok(await isAlive(started))
      const reply = await succeed(here, project, route, { [name]: values[name] })
      assert.deepEqual(Object.keys(reply).sort(), ['request_id', 'status_code'])
      assert.ok(!(await isAlive(started)), selector)
    }
  })

  test('revoking again is no error, nor is revoking an expired session that is still known', async () => {
    const { here, project, start } = await scene(engine)
    const { session_token, session } = await start()
    await succeed(here, project, route, { session_token })
    await succeed(here, project, route, { session_token })
    await succeed(here, project, route, { session_id: session.session_id })
    const expired = await start()
    here.clock.advance(61 * MINUTE)
    await succeed(here, project, route, { session_token: expired.session_token })
  })

  test('a session revoked by a node whose clock is ahead is not revived by one whose clock is behind', async () => {
    const { here, project, start } = await scene(engine)
    const { session, session_token } = await start()
    const environment = await here.app.environment(project.id)
    assert.ok(environment)
    const ahead = { ...here.app, now: () => Date.parse(session.expires_at) + 2000 }
    const { session_id } = session
    await revokeSession(ahead, environment, { project_id: project.id, column: 'session_id', value: session_id })
    const body = { session_token, session_duration_minutes: 60 }
    await refuse(here, project, 'POST /v1/sessions/authenticate', body, 404, 'session_not_found')
  })

  test('refuses none and several selectors, and ends nothing', async () => {
    const { here, project, start, isAlive } = await scene(engine)
    const started = await start()
    const { session_token, session_jwt, session } = started
    const { session_id } = session
    await refuse(here, project, route, {}, 400, 'no_session_revoke_arguments')
    await refuse(here, project, route, { session_id: '', session_jwt: null }, 400, 'no_session_revoke_arguments')
    for (const several of [
      { session_id, session_token },
      { session_token, session_jwt },
      { session_id, session_token, session_jwt },
    ]) {
      await refuse(here, project, route, several, 400, 'too_many_session_revoke_arguments')
    }
    assert.ok(await isAlive(started))
  })

  test('refuses malformed, unknown, foreign and other-environment selectors', async () => {
    const { here, project, start, isAlive } = await scene(engine)
    const foreign = await start()
    const other = await here.project()
    const cases: [Record<string, string>, number, string][] = [
      [{ session_id: 'session-test-7' }, 400, 'invalid_session_id'],
      [{ session_id: `user-test-${randomUUID()}` }, 400, 'invalid_session_id'],
      [{ session_id: `session-live-${randomUUID()}` }, 400, 'live_id_used_in_test_environment'],
      [{ session_token: 'short' }, 400, 'invalid_session_token'],
      [{ session_jwt: 'a.b.c' }, 400, 'unable_to_parse_session_jwt'],
      [{ session_id: `session-test-${randomUUID()}` }, 404, 'session_not_found'],
      [{ session_token: newToken() }, 404, 'session_not_found'],
      [{ session_id: foreign.session.session_id }, 404, 'session_not_found'],
      [{ session_token: foreign.session_token }, 404, 'session_not_found'],
      [{ session_jwt: foreign.session_jwt }, 400, 'unable_to_parse_session_jwt'],
    ]
    for (const [body, status, error_type] of cases) await refuse(here, other, route, body, status, error_type)
    assert.ok(await isAlive(foreign))
    assert.equal((await succeed(here, project, 'GET /v1/projects/metrics')).metrics[0].count, 1)
  })
})
