/** PUT /v1/users/{user_id}: what a change merges, what it replaces, and that a refused one writes nothing. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { defineRoles, newUser } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('users.update', (engine) => {
  test('changes only what is given, and answers with the user and its lists', async () => {
    const here = await world(engine)
    const project = await here.project()
    const before = await newUser(here, project, {
      phone_number: '+14155550123',
      name: { first_name: 'Ada', middle_name: 'King', last_name: 'Byron' },
      trusted_metadata: { plan: 'pro' },
      untrusted_metadata: { theme: 'dark' },
      external_id: 'ada',
    })
    for (const body of [
      undefined,
      {},
      {
        name: null,
        attributes: null,
        roles: null,
        external_id: null,
        trusted_metadata: null,
        untrusted_metadata: null,
      },
      {
        name: {},
        external_id: '',
        trusted_metadata: {},
        untrusted_metadata: {},
        email: 'eve@example.com',
        status: 'x',
      },
    ]) {
      const { user, user_id, emails, phone_numbers, crypto_wallets } = await succeed(
        here,
        project,
        'PUT /v1/users/ada',
        body,
      )
      assert.deepEqual(user, before)
      assert.deepEqual(
        { user_id, emails, phone_numbers, crypto_wallets },
        {
          user_id: before.user_id,
          emails: before.emails,
          phone_numbers: before.phone_numbers,
          crypto_wallets: before.crypto_wallets,
        },
      )
    }
  })

  test('merges a name part by part; an empty text clears one', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project, { name: { first_name: 'Ada', middle_name: 'King' } })
    const name = { last_name: 'Lovelace', middle_name: '', first_name: null }
    const { user } = await succeed(here, project, `PUT /v1/users/${user_id}`, { name })
    assert.deepEqual(user.name, { first_name: 'Ada', middle_name: '', last_name: 'Lovelace' })
  })

  test('merges metadata by top-level key: null deletes, a nested value is replaced as a whole', async () => {
    const here = await world(engine)
    const project = await here.project()
    const metadata = { keep: 1, drop: 2, nested: { a: 1, b: { c: 2 } }, list: [1, 2] }
    const { user_id } = await newUser(here, project, { trusted_metadata: metadata, untrusted_metadata: metadata })
    const change = { drop: null, absent: null, nested: { b: { d: null } }, list: [], new: false }
    const after = { keep: 1, nested: { b: { d: null } }, list: [], new: false }
    const first = await succeed(here, project, `PUT /v1/users/${user_id}`, { trusted_metadata: change })
    assert.deepEqual(first.user.trusted_metadata, after)
    assert.deepEqual(first.user.untrusted_metadata, metadata)
    const second = await succeed(here, project, `PUT /v1/users/${user_id}`, { untrusted_metadata: change })
    assert.deepEqual(second.user.untrusted_metadata, after)
    const { status_code, request_id, ...read } = await succeed(here, project, `GET /v1/users/${user_id}`)
    assert.deepEqual(read, second.user)
  })

  for (const field of ['trusted_metadata', 'untrusted_metadata']) {
    test(`${field}: 20 keys and 4096 bytes of the merged result are the bounds`, async () => {
      const here = await world(engine)
      const project = await here.project()
      const keys = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, index) => [`k${index}`, index]))
      const { user_id } = await newUser(here, project, { [field]: keys(19) })
      const put = `PUT /v1/users/${user_id}`
      const full = await succeed(here, project, put, { [field]: { k19: 19 } })
      assert.deepEqual(full.user[field], keys(20))
      await refuse(here, project, put, { [field]: { k20: 20 } }, 400, 'metadata_too_many_keys')
      const swapped = await succeed(here, project, put, { [field]: { k19: null, k20: 20 } })
      assert.deepEqual(swapped.user[field], { ...keys(19), k20: 20 })

      const one = await newUser(here, project, { [field]: { x: 'é'.repeat(1000) } })
      // {"x":"é…","y":"…"} has 15 bytes beside the texts.
      const y = 'y'.repeat(4096 - 2000 - 15)
      await refuse(
        here,
        project,
        `PUT /v1/users/${one.user_id}`,
        { [field]: { y: `${y}y` } },
        400,
        'metadata_too_large',
      )
      const largest = await succeed(here, project, `PUT /v1/users/${one.user_id}`, { [field]: { y } })
      assert.equal(Buffer.byteLength(JSON.stringify(largest.user[field])), 4096)
    })
  }

  test('refuses what does not fit, and writes no part of the change', async () => {
    const here = await world(engine)
    const project = await here.project()
    await defineRoles(here, project, 'editor')
    await newUser(here, project, { external_id: 'taken' })
    const before = await newUser(here, project, { external_id: 'ada', trusted_metadata: { plan: 'pro' } })
    const put = `PUT /v1/users/${before.user_id}`
    const fine = {
      name: { first_name: 'New' },
      trusted_metadata: { plan: 'free' },
      external_id: 'new',
      roles: ['editor'],
    }
    const keys = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`k${index}`, index]))
    const bodies: [body: object, error_type: string][] = [
      [{ ...fine, roles: ['editor', 'nobody'] }, 'invalid_rbac_role_id'],
      [{ ...fine, roles: ['stytch_user'] }, 'cannot_assign_default_rbac_role_id'],
      [{ ...fine, roles: [7] }, 'bad_request'],
      [{ ...fine, external_id: 'taken' }, 'duplicate_user_external_id'],
      [{ ...fine, external_id: 'user-test-7' }, 'bad_request'],
      [{ ...fine, external_id: `user-live-${randomUUID()}` }, 'bad_request'],
      [{ ...fine, external_id: 'x'.repeat(129) }, 'bad_request'],
      [{ ...fine, external_id: 'a b' }, 'bad_request'],
      [{ ...fine, name: { last_name: 'x'.repeat(257) } }, 'bad_request'],
      [{ ...fine, name: [] }, 'bad_request'],
      [{ ...fine, trusted_metadata: [] }, 'metadata_invalid_format'],
      [{ ...fine, untrusted_metadata: 7 }, 'metadata_invalid_format'],
      [{ ...fine, untrusted_metadata: keys }, 'metadata_too_many_keys'],
      [{ ...fine, untrusted_metadata: { x: 'x'.repeat(4096) } }, 'metadata_too_large'],
      [{ ...fine, attributes: { ip_address: 'x' } }, 'invalid_ip_address'],
      [{ ...fine, attributes: { user_agent: 'a\nb' } }, 'invalid_user_agent'],
    ]
    for (const [body, error_type] of bodies) await refuse(here, project, put, body, 400, error_type)
    const { status_code, request_id, ...after } = await succeed(here, project, 'GET /v1/users/ada')
    assert.deepEqual(after, before)
    await refuse(here, project, 'GET /v1/users/new', undefined, 404, 'user_not_found')
  })

  test('a new external id replaces the old one, which is free again', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project, { external_id: 'old' })
    const { user } = await succeed(here, project, 'PUT /v1/users/old', { external_id: 'new' })
    assert.equal(user.external_id, 'new')
    await refuse(here, project, 'GET /v1/users/old', undefined, 404, 'user_not_found')
    assert.equal((await succeed(here, project, 'GET /v1/users/new')).user_id, user_id)
    await succeed(here, project, 'PUT /v1/users/new', { external_id: 'new' })
    await newUser(here, project, { external_id: 'old' })
  })

  test('the role list is replaced as a whole', async () => {
    const here = await world(engine)
    const project = await here.project()
    await defineRoles(here, project, 'editor', 'viewer')
    const { user_id } = await newUser(here, project, { roles: ['editor'] })
    const roles = async (body: object) => (await succeed(here, project, `PUT /v1/users/${user_id}`, body)).user.roles
    assert.deepEqual(await roles({ roles: ['viewer', 'viewer'] }), ['stytch_user', 'viewer'])
    assert.deepEqual(await roles({ name: { first_name: 'Ada' } }), ['stytch_user', 'viewer'])
    assert.deepEqual(await roles({ roles: [] }), ['stytch_user'])
  })

  test('refuses users that do not exist here', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const before = await newUser(here, project, { external_id: 'ada' })
    const body = { name: { first_name: 'Eve' } }
    for (const reference of [before.user_id, 'ada', `user-test-${randomUUID()}`]) {
      await refuse(here, other, `PUT /v1/users/${reference}`, body, 404, 'user_not_found')
    }
    await refuse(here, project, 'PUT /v1/users/user-test-7', body, 400, 'invalid_user_id')
    const live_id = `user-live-${randomUUID()}`
    await refuse(here, project, `PUT /v1/users/${live_id}`, body, 400, 'live_id_used_in_test_environment')
    const { status_code, request_id, ...after } = await succeed(here, project, 'GET /v1/users/ada')
    assert.deepEqual(after, before)
  })

  test('50 changes of different metadata keys at once are all there afterwards', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const change = (index: number) =>
      index % 3 === 0
        ? { name: { first_name: `Ada ${index}` } }
        : { [index % 3 === 1 ? 'trusted_metadata' : 'untrusted_metadata']: { [`k${index}`]: index } }
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => succeed(here, project, `PUT /v1/users/${user_id}`, change(index))),
    )
    const { trusted_metadata, untrusted_metadata, name } = await succeed(here, project, `GET /v1/users/${user_id}`)
    const expected = (rest: number) =>
      Object.fromEntries(
        Array.from({ length: 50 }, (_, index) => index)
          .filter((index) => index % 3 === rest)
          .map((index) => [`k${index}`, index]),
      )
    assert.deepEqual(trusted_metadata, expected(1))
    assert.deepEqual(untrusted_metadata, expected(2))
    assert.match(name.first_name, /^Ada \d+$/)
  })
})
