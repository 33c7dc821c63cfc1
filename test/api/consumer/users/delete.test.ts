/** DELETE /v1/users/{user_id}: nothing of the user remains, and everything the user held is free again. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { newUser, startSession } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('users.delete', (engine) => {
  test('ends the sessions, frees address, number and external id, and is refused the second time', async () => {
    const here = await world(engine)
    const project = await here.project()
    const body = { email: 'ada@example.com', phone_number: '+14155550123', external_id: 'ada' }
    const user = await newUser(here, project, body)
    const session_token = await startSession(here, project, user.user_id)
    await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token })
    const reply = await succeed(here, project, `DELETE /v1/users/${user.user_id}`, {})
    assert.equal(reply.user_id, user.user_id)
    await refuse(here, project, 'POST /v1/sessions/authenticate', { session_token }, 404, 'session_not_found')
    for (const reference of [user.user_id, 'ada']) {
      await refuse(here, project, `GET /v1/users/${reference}`, undefined, 404, 'user_not_found')
      await refuse(here, project, `DELETE /v1/users/${reference}`, undefined, 404, 'user_not_found')
    }
    const parts = [`emails/${user.emails[0].email_id}`, `phone_numbers/${user.phone_numbers[0].phone_id}`]
    await refuse(here, project, `DELETE /v1/users/${parts[0]}`, undefined, 404, 'email_not_found')
    await refuse(here, project, `DELETE /v1/users/${parts[1]}`, undefined, 404, 'phone_number_not_found')
    const again = await newUser(here, project, body)
    assert.notEqual(again.user_id, user.user_id)
    await refuse(here, project, 'POST /v1/sessions/authenticate', { session_token }, 404, 'session_not_found')
  })

  test('takes an external id, and answers with the id', async () => {
    const here = await world(engine)
    const project = await here.project()
    const user = await newUser(here, project, { external_id: 'user-jim' })
    assert.equal((await succeed(here, project, 'DELETE /v1/users/user-jim')).user_id, user.user_id)
  })

  test('refuses who does not exist here, and leaves the user of the other project alone', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const user = await newUser(here, project, { external_id: 'ada' })
    const session_token = await startSession(here, project, user.user_id)
    for (const reference of [user.user_id, 'ada', `user-test-${randomUUID()}`]) {
      await refuse(here, other, `DELETE /v1/users/${reference}`, undefined, 404, 'user_not_found')
    }
    await refuse(here, project, 'DELETE /v1/users/user-test-7', undefined, 400, 'invalid_user_id')
    const live_id = `user-live-${randomUUID()}`
    await refuse(here, project, `DELETE /v1/users/${live_id}`, undefined, 400, 'live_id_used_in_test_environment')
    await succeed(here, project, 'GET /v1/users/ada')
    await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token })
  })

  test('of many at once, one deletes and the others find nobody', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, () => succeed(here, project, `DELETE /v1/users/${user_id}`)),
    )
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
    await refuse(here, project, `GET /v1/users/${user_id}`, undefined, 404, 'user_not_found')
  })
})
