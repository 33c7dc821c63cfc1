/** POST /v1/magic_links: embeddable tokens. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { MINUTE } from '../../../../src/values/time.ts'
import { refuse, succeed } from '../../../support/call.ts'
import { messagesTo } from '../../../support/inbox.ts'
import { traces } from '../../../support/links.ts'
import { newUser } from '../../../support/users.ts'
import { type Engine, onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/magic_links'
const authenticate = 'POST /v1/magic_links/authenticate'

async function scene(engine: Engine, body: object = {}) {
  const here = await world(engine)
  const project = await here.project()
  return { here, project, user: await newUser(here, project, body) }
}

onBothEngines('magic_links.create', (engine) => {
  test('makes a token that signs the user in, sends nothing, and verifies no address', async () => {
    const { here, project, user } = await scene(engine, { create_user_as_pending: true })
    const { user_id, token } = await succeed(here, project, route, { user_id: user.user_id })
    assert.equal(user_id, user.user_id)
    assert.match(token, /^[A-Za-z0-9_-]{44}$/)
    assert.deepEqual(await messagesTo(here, user.emails[0].email), [])
    const reply = await succeed(here, project, authenticate, { token, session_duration_minutes: 60 })
    assert.match(reply.method_id, /^embedded-test-[0-9a-f-]{36}$/)
    assert.deepEqual([reply.user.status, reply.user.emails[0].verified, reply.reset_sessions], ['active', false, false])
    const [{ created_at, updated_at, last_authenticated_at, ...factor }] = reply.session.authentication_factors
    assert.deepEqual(factor, {
      type: 'magic_link',
      delivery_method: 'embedded',
      embeddable_magic_link_factor: { embedded_id: reply.method_id },
    })
    await refuse(here, project, authenticate, { token }, 401, 'unable_to_auth_magic_link')
  })

  test('by external id too; the reply carries the real id', async () => {
    const { here, project, user } = await scene(engine, { external_id: 'ada' })
    const { user_id, token } = await succeed(here, project, route, { user_id: 'ada' })
    assert.equal(user_id, user.user_id)
    assert.equal((await succeed(here, project, authenticate, { token })).user_id, user.user_id)
  })

  test('lasts an hour unless the request says otherwise, and binds to attributes where options ask', async () => {
    const { here, project, user } = await scene(engine)
    const { user_id } = user
    const attributes = { ip_address: '203.0.113.1', user_agent: 'tests' }
    const usual = await succeed(here, project, route, { user_id })
    const long = await succeed(here, project, route, { user_id, expiration_minutes: 10_080, attributes })
    here.clock.advance(60 * MINUTE)
    await refuse(here, project, authenticate, { token: usual.token }, 401, 'unable_to_auth_magic_link')
    const options = { ip_match_required: true, user_agent_match_required: true }
    await refuse(here, project, authenticate, { token: long.token, options }, 401, 'attribute_mismatch')
    await succeed(here, project, authenticate, { token: long.token, options, attributes })
  })

  test('tokens of a deleted user are unknown', async () => {
    const { here, project, user } = await scene(engine)
    const { token } = await succeed(here, project, route, { user_id: user.user_id })
    await succeed(here, project, `DELETE /v1/users/${user.user_id}`)
    await refuse(here, project, authenticate, { token }, 404, 'magic_link_not_found')
  })

  test('what is wrong is refused and makes no token', async () => {
    const { here, project, user } = await scene(engine)
    const { user_id } = user
    const before = await traces(here, project)
    const cases: [object, number, string][] = [
      [{}, 400, 'bad_request'],
      [{ user_id: '' }, 400, 'invalid_user_id'],
      [{ user_id: 'user-test-x' }, 400, 'invalid_user_id'],
      [{ user_id: `user-test-${randomUUID()}` }, 404, 'user_not_found'],
      [{ user_id: `user-live-${randomUUID()}` }, 400, 'live_id_used_in_test_environment'],
      [{ user_id: 'nobody' }, 404, 'user_not_found'],
      [{ user_id, expiration_minutes: 4 }, 400, 'invalid_expiration'],
      [{ user_id, expiration_minutes: 10_081 }, 400, 'invalid_expiration'],
      [{ user_id, attributes: { ip_address: '1.2.3' } }, 400, 'invalid_ip_address'],
      [{ user_id, attributes: { user_agent: 'x\n' } }, 400, 'invalid_user_agent'],
    ]
    for (const [body, status, type] of cases) await refuse(here, project, route, body, status, type)
    assert.deepEqual(await traces(here, project), before)
  })
})
