/** GET /v1/users/{user_id}. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { HOUR } from '../../../../src/values/time.ts'
import { refuse, succeed } from '../../../support/call.ts'
import { lockUser } from '../../../support/lock.ts'
import { defineRoles, liveCredentials, newUser } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('users.get', (engine) => {
  test('answers the fields of the user at the top level, by id and by external id', async () => {
    const here = await world(engine)
    const project = await here.project()
    const user = await newUser(here, project, { external_id: 'user-jim' })
    for (const reference of [user.user_id, 'user-jim']) {
      const { status_code, request_id, ...read } = await succeed(here, project, `GET /v1/users/${reference}`)
      assert.deepEqual(read, user)
    }
  })

  test('refuses what names nobody with 404, what can name nobody with 400', async () => {
    const here = await world(engine)
    const project = await here.project()
    const references: [reference: string, status: number, error_type: string][] = [
      [`user-test-${randomUUID()}`, 404, 'user_not_found'],
      ['nobody', 404, 'user_not_found'],
      ['user-jim', 404, 'user_not_found'],
      ['acme-live-7', 404, 'user_not_found'],
      [`acme-live-${randomUUID()}`, 404, 'user_not_found'],
      [`email-test-${randomUUID()}`, 404, 'user_not_found'],
      ['x'.repeat(128), 404, 'user_not_found'],
      ['user-test-', 400, 'invalid_user_id'],
      ['user-live-7', 400, 'invalid_user_id'],
      [`user-test-${randomUUID().toUpperCase()}`, 400, 'invalid_user_id'],
      ['x'.repeat(129), 400, 'invalid_user_id'],
      ['a b', 400, 'invalid_user_id'],
      ['ada@example.com', 400, 'invalid_user_id'],
      ['a/b', 400, 'invalid_user_id'],
      ["' or 1=1 --", 400, 'invalid_user_id'],
      [`user-live-${randomUUID()}`, 400, 'live_id_used_in_test_environment'],
      [`email-live-${randomUUID()}`, 400, 'live_id_used_in_test_environment'],
    ]
    for (const [reference, status, error_type] of references) {
      await refuse(here, project, `GET /v1/users/${encodeURIComponent(reference)}`, undefined, status, error_type)
    }
    const live = await liveCredentials(here, project)
    const test_id = `user-test-${randomUUID()}`
    await refuse(here, live, `GET /v1/users/${test_id}`, undefined, 400, 'test_id_used_in_live_environment')
    await refuse(here, live, 'GET /v1/users/acme-test-7', undefined, 404, 'user_not_found')
  })

  test('finds nobody of another project, by id or external id', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const user = await newUser(here, project, { external_id: 'ada' })
    await refuse(here, other, `GET /v1/users/${user.user_id}`, undefined, 404, 'user_not_found')
    await refuse(here, other, 'GET /v1/users/ada', undefined, 404, 'user_not_found')
    const live = await liveCredentials(here, project)
    await refuse(here, live, 'GET /v1/users/ada', undefined, 404, 'user_not_found')
  })

  test('refuses a B2B project', async () => {
    const here = await world(engine)
    await refuse(here, await here.project('B2B'), 'GET /v1/users/ada', undefined, 400, 'invalid_consumer_endpoint')
  })

  test('shows a lock while it lasts', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    await lockUser(here, project, user_id)
    const locked = await succeed(here, project, `GET /v1/users/${user_id}`)
    assert.equal(locked.is_locked, true)
    assert.equal(Date.parse(locked.lock_expires_at) - Date.parse(locked.lock_created_at), HOUR)
    here.clock.advance(HOUR)
    const free = await succeed(here, project, `GET /v1/users/${user_id}`)
    assert.deepEqual([free.is_locked, free.lock_created_at, free.lock_expires_at], [false, null, null])
  })

  test('a role that the policy no longer defines is gone at once, and back when it is defined again', async () => {
    const here = await world(engine)
    const project = await here.project()
    await defineRoles(here, project, 'editor', 'viewer')
    const { user_id } = await newUser(here, project, { roles: ['editor', 'viewer'] })
    const roles = async () => (await succeed(here, project, `GET /v1/users/${user_id}`)).roles
    await defineRoles(here, project, 'viewer')
    assert.deepEqual(await roles(), ['stytch_user', 'viewer'])
    await defineRoles(here, project, 'editor', 'viewer')
    assert.deepEqual(await roles(), ['stytch_user', 'editor', 'viewer'])
  })
})
