/** DELETE /v1/users/passwords/{password_id}. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { leavingNoTrace, signUp, storedPassword, strong } from '../../../support/passwords.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const route = 'DELETE /v1/users/passwords'

onBothEngines('users.deletePassword', (engine) => {
  test('takes the password from its user, whose sessions go on', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email, user_id, user, session_token } = await signUp(here, project)
    const path = `${route}/${user.password.password_id}`
    const reply = await succeed(here, project, path, {})
    assert.deepEqual([reply.user_id, reply.user.password], [user_id, null])
    assert.equal(await storedPassword(here, project, user_id), undefined)
    const login = { email, password: strong }
    await refuse(here, project, 'POST /v1/passwords/authenticate', login, 400, 'no_user_password')
    await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token })
    await refuse(here, project, path, {}, 404, 'password_not_found')
  })

  test('refuses malformed, unknown and foreign ids', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const { user } = await signUp(here, project)
    const { password_id } = user.password
    await leavingNoTrace(here, project, async () => {
      await refuse(here, project, `${route}/password-1`, {}, 400, 'invalid_password_id')
      await refuse(here, project, `${route}/${user.user_id}`, {}, 400, 'invalid_password_id')
      const live = password_id.replace('-test-', '-live-')
      await refuse(here, project, `${route}/${live}`, {}, 400, 'live_id_used_in_test_environment')
      await refuse(here, project, `${route}/password-test-${randomUUID()}`, {}, 404, 'password_not_found')
      await refuse(here, other, `${route}/${password_id}`, {}, 404, 'password_not_found')
    })
  })

  test('the password goes with the last address, and with the user', async () => {
    const here = await world(engine)
    const project = await here.project()
    const [one, other] = [await signUp(here, project), await signUp(here, project)]
    const { user } = await succeed(here, project, `DELETE /v1/users/emails/${one.email_id}`, {})
    assert.equal(user.password, null)
    await succeed(here, project, `DELETE /v1/users/${other.user_id}`, {})
    for (const { user_id, user } of [one, other]) {
      assert.equal(await storedPassword(here, project, user_id), undefined)
      await refuse(here, project, `${route}/${user.password.password_id}`, {}, 404, 'password_not_found')
    }
  })
})
