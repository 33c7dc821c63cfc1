/** DELETE /v1/users/{user_id}/external_id. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { newUser } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('users.deleteExternalId', (engine) => {
  test('takes the external id, named by id or by the external id itself, and frees it', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const by of ['user_id', 'external_id']) {
      const user = await newUser(here, project, { external_id: 'ada' })
      const reply = await succeed(here, project, `DELETE /v1/users/${user[by]}/external_id`, {})
      assert.equal(reply.user_id, user.user_id)
      assert.deepEqual(reply.user, { ...user, external_id: null })
      await refuse(here, project, 'GET /v1/users/ada', undefined, 404, 'user_not_found')
      await refuse(here, project, 'DELETE /v1/users/ada/external_id', undefined, 404, 'user_not_found')
    }
  })

  test('a user without one stays as it is', async () => {
    const here = await world(engine)
    const project = await here.project()
    const user = await newUser(here, project)
    const reply = await succeed(here, project, `DELETE /v1/users/${user.user_id}/external_id`)
    assert.deepEqual(reply.user, user)
  })

  test('refuses who does not exist here', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const user = await newUser(here, project, { external_id: 'ada' })
    const refusals: [reference: string, status: number, error_type: string][] = [
      [user.user_id, 404, 'user_not_found'],
      ['ada', 404, 'user_not_found'],
      [`user-test-${randomUUID()}`, 404, 'user_not_found'],
      ['user-test-7', 400, 'invalid_user_id'],
      [`user-live-${randomUUID()}`, 400, 'live_id_used_in_test_environment'],
    ]
    for (const [reference, status, error_type] of refusals) {
      await refuse(here, other, `DELETE /v1/users/${reference}/external_id`, undefined, status, error_type)
    }
    assert.equal((await succeed(here, project, 'GET /v1/users/ada')).user_id, user.user_id)
  })
})
