/** DELETE /v1/users/emails/{email_id}. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { give, newUser } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const password = { password_id: `password-test-${randomUUID()}`, requires_reset: false }

onBothEngines('users.deleteEmail', (engine) => {
  test('takes the address from its user, also the last one, and frees it', async () => {
    const here = await world(engine)
    const project = await here.project()
    const user = await newUser(here, project, { email: 'ada@example.com' })
    const route = `DELETE /v1/users/emails/${user.emails[0].email_id}`
    const reply = await succeed(here, project, route)
    assert.equal(reply.user_id, user.user_id)
    assert.deepEqual(reply.user, { ...user, emails: [] })
    await refuse(here, project, route, undefined, 404, 'email_not_found')
    await newUser(here, project, { email: 'ada@example.com' })
  })

  test('the password goes with the last address it hangs on, not before', async () => {
    const here = await world(engine)
    const project = await here.project()
    const user = await newUser(here, project)
    const second = { email_id: `email-test-${randomUUID()}`, email: 'second@example.com', verified: true }
    await give(
      here,
      project,
      user.user_id,
      { emails: [...user.emails, second], password },
      { email: second.email, email_id: second.email_id },
    )
    const one = await succeed(here, project, `DELETE /v1/users/emails/${user.emails[0].email_id}`)
    assert.deepEqual(one.user.emails, [second])
    assert.deepEqual(one.user.password, password)
    const none = await succeed(here, project, `DELETE /v1/users/emails/${second.email_id}`)
    assert.deepEqual(none.user.emails, [])
    assert.equal(none.user.password, null)
  })

  test('refuses ids that are none, of the other environment, or of nobody here', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const user = await newUser(here, project)
    const [{ email_id, email }] = user.emails
    for (const id of [
      'x',
      'email-test-7',
      email.replace('@', '%40'),
      user.user_id,
      `phone-number-test-${randomUUID()}`,
    ]) {
      await refuse(here, project, `DELETE /v1/users/emails/${id}`, undefined, 400, 'invalid_email_id')
    }
    const live_id = `email-live-${randomUUID()}`
    await refuse(
      here,
      project,
      `DELETE /v1/users/emails/${live_id}`,
      undefined,
      400,
      'live_id_used_in_test_environment',
    )
    const unknown = `email-test-${randomUUID()}`
    await refuse(here, project, `DELETE /v1/users/emails/${unknown}`, undefined, 404, 'email_not_found')
    await refuse(here, other, `DELETE /v1/users/emails/${email_id}`, undefined, 404, 'email_not_found')
    assert.deepEqual((await succeed(here, project, `GET /v1/users/${user.user_id}`)).emails, user.emails)
  })
})
