/** POST /v1/users: what a new user has, every refusal, and that a refused one leaves nothing. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../support/call.ts'
import { defineRoles, lapsedNumber, newUser } from '../../../support/users.ts'
import { onBothEngines, type TestProject, type World, world } from '../../../support/world.ts'

const route = 'POST /v1/users'

async function countUsers(here: World, project: TestProject): Promise<number> {
  const { results_metadata } = await succeed(here, project, 'POST /v1/users/search', {})
  return results_metadata.total
}

onBothEngines('users.create', (engine) => {
  test('answers 201 with the user, its email unverified and lower-cased', async () => {
    const here = await world(engine)
    const project = await here.project()
    const reply = await succeed(here, project, route, {
      email: ' Ada@Example.com ',
      phone_number: '+14155550123',
      name: { first_name: 'Ada', last_name: 'Lovelace' },
      trusted_metadata: { plan: 'pro', gone: null },
      external_id: 'ada|1',
    })
    assert.equal(reply.status_code, 201)
    assert.equal(reply.status, 'active')
    assert.match(reply.user_id, /^user-test-[0-9a-f-]{36}$/)
    assert.match(reply.email_id, /^email-test-[0-9a-f-]{36}$/)
    assert.match(reply.phone_id, /^phone-number-test-[0-9a-f-]{36}$/)
    assert.deepEqual(reply.user.emails, [{ email_id: reply.email_id, email: 'ada@example.com', verified: false }])
    assert.deepEqual(reply.user.phone_numbers, [
      { phone_id: reply.phone_id, phone_number: '+14155550123', verified: false },
    ])
    assert.deepEqual(reply.user.name, { first_name: 'Ada', middle_name: '', last_name: 'Lovelace' })
    assert.deepEqual(reply.user.trusted_metadata, { plan: 'pro' })
    assert.deepEqual(reply.user.untrusted_metadata, {})
    assert.deepEqual(reply.user.roles, ['stytch_user'])
    assert.equal(reply.user.external_id, 'ada|1')
    assert.equal(reply.user.password, null)
    assert.deepEqual(
      [reply.user.is_locked, reply.user.lock_created_at, reply.user.lock_expires_at],
      [false, null, null],
    )
    const { status_code, request_id, ...read } = await succeed(here, project, `GET /v1/users/${reply.user_id}`)
    assert.deepEqual(read, reply.user)
  })

  test('a phone number alone is enough, and what is missing is an empty text', async () => {
    const here = await world(engine)
    const project = await here.project()
    const reply = await succeed(here, project, route, { email: '', phone_number: '+14155550123' })
    assert.equal(reply.email_id, '')
    assert.equal(reply.phone_id, reply.user.phone_numbers[0].phone_id)
    assert.deepEqual(reply.user.emails, [])
    assert.equal((await succeed(here, project, route, { email: 'ada@example.com', phone_number: null })).phone_id, '')
  })

  test('stays pending until the first authentication when asked to', async () => {
    const here = await world(engine)
    const project = await here.project()
    const reply = await succeed(here, project, route, { email: 'ada@example.com', create_user_as_pending: true })
    assert.equal(reply.status, 'pending')
    assert.equal(reply.user.status, 'pending')
    assert.equal(reply.user.emails[0].verified, false)
  })

  test('refuses a user without email address and phone number', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const body of [undefined, {}, { email: '' }, { email: null, phone_number: null }, { external_id: 'ada' }]) {
      await refuse(here, project, route, body, 400, 'invalid_create_user_request')
    }
    assert.equal(await countUsers(here, project), 0)
  })

  test('refuses what has the wrong form, and creates nobody', async () => {
    const here = await world(engine)
    const project = await here.project()
    const user = { email: 'ada@example.com', phone_number: '+14155550123' }
    const keys = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`k${index}`, index]))
    const bodies: [body: object, error_type: string][] = [
      [{ ...user, email: 'ada' }, 'invalid_email'],
      [{ ...user, email: 'ada@example' }, 'invalid_email'],
      [{ ...user, email: 7 }, 'bad_request'],
      [{ ...user, phone_number: '4155550123' }, 'invalid_phone_number'],
      [{ ...user, phone_number: '+10000000000' }, 'invalid_phone_number'],
      [{ ...user, name: 'Ada' }, 'bad_request'],
      [{ ...user, name: { first_name: 1 } }, 'bad_request'],
      [{ ...user, name: { first_name: 'x'.repeat(257) } }, 'bad_request'],
      [{ ...user, create_user_as_pending: 'yes' }, 'bad_request'],
      [{ ...user, attributes: { ip_address: '300.1.1.1' } }, 'invalid_ip_address'],
      [{ ...user, attributes: { user_agent: 'x'.repeat(1025) } }, 'invalid_user_agent'],
      [{ ...user, roles: 'editor' }, 'bad_request'],
      [{ ...user, roles: ['editor'] }, 'invalid_rbac_role_id'],
      [{ ...user, roles: ['stytch_user'] }, 'cannot_assign_default_rbac_role_id'],
      [{ ...user, trusted_metadata: [] }, 'metadata_invalid_format'],
      [{ ...user, untrusted_metadata: 'x' }, 'metadata_invalid_format'],
      [{ ...user, trusted_metadata: keys }, 'metadata_too_many_keys'],
      [{ ...user, untrusted_metadata: keys }, 'metadata_too_many_keys'],
      [{ ...user, trusted_metadata: { x: 'x'.repeat(4096) } }, 'metadata_too_large'],
      [{ ...user, untrusted_metadata: { x: 'x'.repeat(4096) } }, 'metadata_too_large'],
      [{ ...user, external_id: 5 }, 'bad_request'],
    ]
    for (const [body, error_type] of bodies) await refuse(here, project, route, body, 400, error_type)
    assert.equal(await countUsers(here, project), 0)
    // Neither the address nor the number was taken by one of them.
    await succeed(here, project, route, user)
  })

  test('refuses an address, a number or an external id that is taken, and keeps nothing of the second user', async () => {
    const here = await world(engine)
    const project = await here.project()
    await succeed(here, project, route, { email: 'ada@example.com', phone_number: '+14155550123', external_id: 'ada' })
    const bodies: [body: object, error_type: string][] = [
      [{ email: 'ADA@example.com', external_id: 'second' }, 'duplicate_email'],
      [{ phone_number: '+14155550123', email: 'second@example.com' }, 'duplicate_phone_number'],
      [{ email: 'second@example.com', external_id: 'ada' }, 'duplicate_user_external_id'],
    ]
    for (const [body, error_type] of bodies) await refuse(here, project, route, body, 400, error_type)
    await refuse(here, project, 'GET /v1/users/second', undefined, 404, 'user_not_found')
    assert.equal(await countUsers(here, project), 1)
    await succeed(here, project, route, { email: 'second@example.com', external_id: 'second' })
  })

  test('external ids differ by case; an empty one is none', async () => {
    const here = await world(engine)
    const project = await here.project()
    await newUser(here, project, { external_id: 'Ada' })
    await newUser(here, project, { external_id: 'ada' })
    assert.equal((await newUser(here, project, { external_id: '' })).external_id, null)
  })

  test('takes any external id of the alphabet, and finds the user by it', async () => {
    const here = await world(engine)
    const project = await here.project()
    const legal = [
      'user-jim',
      'acme-live-7',
      `acme-live-${randomUUID()}`,
      randomUUID(),
      'a',
      'x'.repeat(128),
      'A.b_c-d|e',
    ]
    for (const external_id of legal) {
      const user = await newUser(here, project, { external_id })
      const found = await succeed(here, project, `GET /v1/users/${encodeURIComponent(external_id)}`)
      assert.equal(found.user_id, user.user_id, external_id)
    }
  })

  test('refuses external ids outside the alphabet, too long ones and those that look like ids of the API', async () => {
    const here = await world(engine)
    const project = await here.project()
    const illegal = [
      'x'.repeat(129),
      'a b',
      'a/b',
      'ada@example.com',
      'ä',
      'user-test-7',
      'user-live-7',
      `user-test-${randomUUID()}`,
      `user-live-${randomUUID()}`,
      'member-live-7',
      'organization-test-7',
    ]
    for (const external_id of illegal) {
      const { error_message } = await refuse(
        here,
        project,
        route,
        { email: 'ada@example.com', external_id },
        400,
        'bad_request',
      )
      assert.match(error_message, /external_id/)
    }
    assert.equal(await countUsers(here, project), 0)
  })

  test('assigns roles that the policy defines, each once, after the default one', async () => {
    const here = await world(engine)
    const project = await here.project()
    await defineRoles(here, project, 'editor', 'viewer')
    const user = await newUser(here, project, { roles: ['viewer', 'editor', 'viewer'] })
    assert.deepEqual(user.roles, ['stytch_user', 'viewer', 'editor'])
  })

  test('the same address, number and external id are free in every other project', async () => {
    const here = await world(engine)
    const body = { email: 'ada@example.com', phone_number: '+14155550123', external_id: 'ada' }
    const [one, other] = [await here.project(), await here.project()]
    const [first, second] = [await newUser(here, one, body), await newUser(here, other, body)]
    assert.notEqual(first.user_id, second.user_id)
    assert.equal((await succeed(here, other, 'GET /v1/users/ada')).user_id, second.user_id)
  })

  test('of 50 at once with the same address, number or external id, one is created', async () => {
    const here = await world(engine)
    const project = await here.project()
    const races: [body: (index: number) => object, error_type: string][] = [
      [() => ({ email: 'ada@example.com' }), 'duplicate_email'],
      [() => ({ phone_number: '+14155550123' }), 'duplicate_phone_number'],
      [(index) => ({ email: `ada${index}@example.com`, external_id: 'ada' }), 'duplicate_user_external_id'],
    ]
    for (const [body, error_type] of races) {
      const before = await countUsers(here, project)
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => call(here, project, route, body(index))),
      )
      const outcomes = answers.map(({ status, body }) => (status === 201 ? 'created' : `${status} ${body.error_type}`))
      assert.deepEqual(outcomes.sort(), [...Array<string>(49).fill(`400 ${error_type}`), 'created'])
      assert.equal(await countUsers(here, project), before + 1)
    }
  })

  test('a number that somebody was given and has not proven in time is free', async () => {
    const here = await world(engine)
    const project = await here.project()
    const phone_number = '+14155550123'
    const before = await lapsedNumber(here, project, phone_number)
    const user = await newUser(here, project, { phone_number })
    assert.equal(user.phone_numbers[0].phone_number, phone_number)
    assert.deepEqual((await succeed(here, project, `GET /v1/users/${before}`)).phone_numbers, [])
  })
})
