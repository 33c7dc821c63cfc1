/** POST /v1/users. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('users.create', (engine) => {
  test('answers 201 with the user, its email unverified and lower-cased', async () => {
    const here = await world(engine)
    const project = await here.project()
    const reply = await succeed(here, project, 'POST /v1/users', {
      email: ' Ada@Example.com ',
      phone_number: '+14155550123',
      name: { first_name: 'Ada', last_name: 'Lovelace' },
      trusted_metadata: { plan: 'pro', gone: null },
      external_id: 'ada|1',
    })
    assert.equal(reply.status_code, 201)
    assert.equal(reply.status, 'active')
    assert.equal(reply.email_id, reply.user.emails[0].email_id)
    assert.equal(reply.phone_id, reply.user.phone_numbers[0].phone_id)
    assert.deepEqual(reply.user.emails, [{ email_id: reply.email_id, email: 'ada@example.com', verified: false }])
    assert.deepEqual(reply.user.name, { first_name: 'Ada', middle_name: '', last_name: 'Lovelace' })
    assert.deepEqual(reply.user.trusted_metadata, { plan: 'pro' })
    assert.deepEqual(reply.user.roles, ['stytch_user'])
    assert.equal(reply.user.external_id, 'ada|1')
    const { status_code, request_id, ...read } = await succeed(here, project, `GET /v1/users/${reply.user_id}`)
    assert.deepEqual(read, reply.user)
  })

  test('refuses an address that is taken, whatever its case, and keeps nothing of the second user', async () => {
    const here = await world(engine)
    const project = await here.project()
    await succeed(here, project, 'POST /v1/users', { email: 'ada@example.com' })
    const second = { email: 'ADA@example.com', external_id: 'second' }
    await refuse(here, project, 'POST /v1/users', second, 400, 'duplicate_email')
    await refuse(here, project, 'GET /v1/users/second', undefined, 404, 'user_not_found')
  })
})
