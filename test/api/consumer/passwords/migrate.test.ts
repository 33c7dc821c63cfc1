/** POST /v1/passwords/migrate. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SECOND } from '../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../support/call.ts'
import { configure, leavingNoTrace, newEmail, signUp, storedPassword } from '../../../support/passwords.ts'
import { defineRoles, lapsedNumber, newUser, provenUser } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/passwords/migrate'
/** Of "U*U", from the tests of crypt_blowfish. */
const bcrypt = { hash: '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', hash_type: 'bcrypt' }
const md5 = { hash: '5f4dcc3b5aa765d61d8327deb882cf99', hash_type: 'md_5' }

onBothEngines('passwords.migrate', (engine) => {
  test('creates a user with everything that is given', async () => {
    const here = await world(engine)
    const project = await here.project()
    await defineRoles(here, project, 'editor')
    const email = newEmail()
    const reply = await succeed(here, project, route, {
      email,
      ...bcrypt,
      set_email_verified: true,
      name: { first_name: 'Ada' },
      phone_number: '+12025550162',
      set_phone_number_verified: true,
      external_id: 'ext-1',
      roles: ['editor'],
      trusted_metadata: { plan: 'pro' },
      untrusted_metadata: { theme: 'dark' },
    })
    const { user } = reply
    assert.deepEqual([reply.user_created, reply.user_id, reply.email_id], [true, user.user_id, user.emails[0].email_id])
    assert.deepEqual(
      user.emails.map((one: { email: string; verified: boolean }) => [one.email, one.verified]),
      [[email, true]],
    )
    assert.deepEqual([user.phone_numbers[0].phone_number, user.phone_numbers[0].verified], ['+12025550162', true])
    assert.deepEqual([user.external_id, user.status, user.name.first_name], ['ext-1', 'active', 'Ada'])
    assert.ok(user.roles.includes('editor'))
    assert.deepEqual([user.trusted_metadata, user.untrusted_metadata], [{ plan: 'pro' }, { theme: 'dark' }])
    assert.equal(user.password.requires_reset, false)
    await configure(here, project, { validate_on_authentication: false })
    await succeed(here, project, 'POST /v1/passwords/authenticate', { email, password: 'U*U' })
  })

  test('proves nothing unless told to', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user } = await succeed(here, project, route, { email: newEmail(), ...md5, phone_number: '+12025550163' })
    assert.deepEqual([user.emails[0].verified, user.phone_numbers[0].verified], [false, false])
  })

  test('gives a user who exists a password, and keeps what they have', async () => {
    const here = await world(engine)
    const project = await here.project()
    await defineRoles(here, project, 'editor', 'author')
    const given = { name: { first_name: 'Ada', last_name: 'L' }, external_id: 'kept', roles: ['author'] }
    const before = await newUser(here, project, { ...given, trusted_metadata: { a: 1 }, create_user_as_pending: true })
    const reply = await succeed(here, project, route, {
      email: before.emails[0].email,
      ...md5,
      name: { first_name: 'Augusta' },
      phone_number: '+12025550164',
      external_id: 'other',
      roles: ['editor'],
      trusted_metadata: { b: 2 },
      set_email_verified: true,
    })
    const { user } = reply
    assert.deepEqual([reply.user_created, user.user_id, user.status], [false, before.user_id, 'pending'])
    assert.deepEqual([user.name.first_name, user.name.last_name, user.external_id], ['Augusta', 'L', 'kept'])
    assert.deepEqual(user.trusted_metadata, { a: 1, b: 2 })
    assert.ok(user.roles.includes('author') && user.roles.includes('editor'))
    assert.deepEqual([user.emails[0].verified, user.phone_numbers[0].verified], [true, false])
  })

  test('refuses a user who has a password, and hashes that are none, and keeps nothing', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { email } = await signUp(here, project)
    const other = await newUser(here, project, { phone_number: '+12025550165' })
    const free = { email: newEmail(), ...md5 }
    const argon_2_config = { salt: 'short', iteration_amount: 2, memory: 1024, threads: 1, key_length: 32 }
    const cases: [body: object, error_type: string][] = [
      [{ ...free, email }, 'password_already_exists'],
      [{ ...free, email: 'nobody' }, 'invalid_email'],
      [{ ...free, hash_type: 'sha_256' }, 'invalid_hash_type'],
      [{ ...free, hash: 'abc' }, 'invalid_md_5_hash'],
      [{ ...free, hash: 'ab'.repeat(32), hash_type: 'argon_2id', argon_2_config }, 'invalid_argon_2_salt'],
      [{ ...free, hash: 'ab'.repeat(32), hash_type: 'argon_2id', argon_2_config: {} }, 'bad_request'],
      [{ ...free, hash_type: undefined }, 'bad_request'],
      [{ ...free, phone_number: '555' }, 'invalid_phone_number'],
      [{ ...free, phone_number: '+12025550165' }, 'duplicate_phone_number'],
      [{ ...free, external_id: 'user-test-x' }, 'bad_request'],
      [{ ...free, roles: ['nobody'] }, 'invalid_rbac_role_id'],
      [{ ...free, trusted_metadata: 7 }, 'metadata_invalid_format'],
      [{ ...free, email: other.emails[0].email, phone_number: '+12025550166' }, 'too_many_unverified_factors'],
    ]
    await leavingNoTrace(here, project, async () => {
      for (const [body, error_type] of cases) await refuse(here, project, route, body, 400, error_type)
    })
  })

  test('fifty calls at once for one address give one password', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const email of [newEmail(), (await newUser(here, project)).emails[0].email]) {
      here.clock.advance(SECOND)
      const bodies = Array.from({ length: 50 }, (_, n) => ({ email, ...md5, hash: String(n).padStart(32, '0') }))
      const answers = await Promise.all(bodies.map((body) => call(here, project, route, body)))
      const [won, ...others] = answers.filter(({ status }) => status === 200)
      assert.deepEqual(others, [])
      const refused = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error_type)
      assert.deepEqual(new Set(refused), new Set(['password_already_exists']))
      const stored = await storedPassword(here, project, won?.body.user_id)
      assert.equal(stored?.hash, `$md5$$$${bodies[answers.indexOf(won as (typeof answers)[0])]?.hash}`)
    }
  })

  test('takes a hundred a second from one environment, and no more', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    here.clock.advance(SECOND)
    const move = (to: typeof project) => call(here, to, route, { email: newEmail(), ...md5 })
    const answers = await Promise.all(Array.from({ length: 101 }, () => move(project)))
    const refused = answers.filter(({ status }) => status !== 200)
    assert.deepEqual(
      refused.map(({ status, body }) => [status, body.error_type]),
      [[429, 'too_many_requests']],
    )
    assert.equal((await move(other)).status, 200)
    here.clock.advance(SECOND)
    assert.equal((await move(project)).status, 200)
  })

  test('a number that somebody was given and has not proven in time is free, and none is in the way', async () => {
    const here = await world(engine)
    const project = await here.project()
    const migrate = async (email: string, phone_number: string) =>
      (await succeed(here, project, route, { email, ...md5, phone_number })).user
    await lapsedNumber(here, project, '+14155550123')
    assert.equal((await migrate('new@example.com', '+14155550123')).phone_numbers.length, 1)
    const email = 'host@example.com'
    const user_id = await provenUser(here, project, { email })
    await lapsedNumber(here, project, '+14155550124', user_id)
    await lapsedNumber(here, project, '+14155550125')
    const numbers = (await migrate(email, '+14155550125')).phone_numbers
    assert.deepEqual(
      numbers.map((entry: { phone_number: string }) => entry.phone_number),
      ['+14155550125'],
    )
  })
})
