/** DELETE /v1/users/phone_numbers/{phone_id}. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { newUser } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('users.deletePhoneNumber', (engine) => {
  test('takes the number from its user, also when nothing else remains, and frees it', async () => {
    const here = await world(engine)
    const project = await here.project()
    const user = await newUser(here, project, { email: null, phone_number: '+14155550123' })
    const route = `DELETE /v1/users/phone_numbers/${user.phone_numbers[0].phone_id}`
    const reply = await succeed(here, project, route, {})
    assert.equal(reply.user_id, user.user_id)
    assert.deepEqual(reply.user, { ...user, phone_numbers: [] })
    await refuse(here, project, route, undefined, 404, 'phone_number_not_found')
    await newUser(here, project, { phone_number: '+14155550123' })
  })

  test('refuses ids that are none, of the other environment, or of nobody here', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const user = await newUser(here, project, { phone_number: '+14155550123' })
    const [{ phone_id }] = user.phone_numbers
    for (const id of ['x', 'phone-number-test-7', '+14155550123', user.user_id, user.emails[0].email_id]) {
      await refuse(here, project, `DELETE /v1/users/phone_numbers/${id}`, undefined, 400, 'invalid_id')
    }
    const refusals: [id: string, status: number, error_type: string][] = [
      [`phone-number-live-${randomUUID()}`, 400, 'live_id_used_in_test_environment'],
      [`phone-number-test-${randomUUID()}`, 404, 'phone_number_not_found'],
    ]
    for (const [id, status, error_type] of refusals) {
      await refuse(here, project, `DELETE /v1/users/phone_numbers/${id}`, undefined, status, error_type)
    }
    const route = `DELETE /v1/users/phone_numbers/${phone_id}`
    await refuse(here, other, route, undefined, 404, 'phone_number_not_found')
    const after = await succeed(here, project, `GET /v1/users/${user.user_id}`)
    assert.deepEqual(after.phone_numbers, user.phone_numbers)
  })
})
