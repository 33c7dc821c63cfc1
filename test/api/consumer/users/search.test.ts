/** POST /v1/users/search: each filter, each refusal, and pages that neither skip nor repeat anybody. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { createUser } from '../../../../src/domain/users/user.ts'
import { DAY, rfc3339, SECOND } from '../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../support/call.ts'
import { lockUser } from '../../../support/lock.ts'
import { toPeriodStart } from '../../../support/one_time_codes.ts'
import { defineRoles, give, liveCredentials, newUser } from '../../../support/users.ts'
import { type Engine, onBothEngines, type TestProject, type World, world } from '../../../support/world.ts'

const route = 'POST /v1/users/search'

type Operand = { filter_name?: unknown; filter_value?: unknown }
const query = (...operands: Operand[]) => ({ query: { operator: 'AND', operands } })
const filter = (filter_name: string, filter_value: unknown): Operand => ({ filter_name, filter_value })

async function find(here: World, project: TestProject, body?: object): Promise<string[]> {
  const { results, results_metadata } = await succeed(here, project, route, body)
  assert.equal(results_metadata.total, results.length)
  assert.equal(results_metadata.next_cursor, null)
  return results.map(({ user_id }: { user_id: string }) => user_id)
}

/** Three users a day apart: Ada has proven everything, Bob has everything and proven nothing, Eve has an address only. */
async function people(engine: Engine) {
  const here = await world(engine)
  const project = await here.project()
  const ada = await newUser(here, project, {
    email: 'Ada.Lovelace@example.com',
    phone_number: '+14155550123',
    name: { first_name: 'Ada', middle_name: 'King', last_name: 'Lovelace' },
    external_id: 'ada|1',
  })
  here.clock.advance(DAY)
  const bob = await newUser(here, project, {
    email: 'bob_b@mail.example.com',
    phone_number: '+12125550199',
    name: { first_name: 'Bob', last_name: 'Adams' },
    external_id: 'bob|1',
    create_user_as_pending: true,
  })
  here.clock.advance(DAY)
  const eve = await newUser(here, project, { email: '100%eve@example.org' })

  const parts = async (user: typeof ada, verified: boolean, provider_type: string) => {
    const ids = {
      totp_id: `totp-test-${randomUUID()}`,
      webauthn_registration_id: `webauthn-registration-test-${randomUUID()}`,
      biometric_registration_id: `biometric-registration-test-${randomUUID()}`,
      crypto_wallet_id: `crypto-wallet-test-${randomUUID()}`,
      crypto_wallet_address: `0x${randomUUID().replaceAll('-', '')}`,
    }
    const { totp_id, webauthn_registration_id, biometric_registration_id, ...wallet } = ids
    const authenticator = { domain: 'example.com', user_agent: '', authenticator_type: '', name: '' }
    const registration = { provider_type, provider_subject: user.user_id, profile_picture_url: '', locale: '' }
    await give(
      here,
      project,
      user.user_id,
      {
        emails: [{ ...user.emails[0], verified }],
        phone_numbers: [{ ...user.phone_numbers[0], verified }],
        totps: [{ totp_id, verified }],
        webauthn_registrations: [{ webauthn_registration_id, verified, ...authenticator }],
        biometric_registrations: [{ biometric_registration_id, verified }],
        crypto_wallets: [{ ...wallet, crypto_wallet_type: 'ethereum', verified }],
        providers: [{ oauth_user_registration_id: `oauth-user-test-${randomUUID()}`, ...registration }],
        password: verified ? { password_id: `password-test-${randomUUID()}`, requires_reset: false } : null,
      },
      ids,
    )
    return { ...ids, email_id: user.emails[0].email_id, phone_id: user.phone_numbers[0].phone_id }
  }
  const idsOfAda = await parts(ada, true, 'Google')
  const idsOfBob = await parts(bob, false, 'GitHub')
  return { here, project, ada, bob, eve, idsOfAda, idsOfBob }
}

onBothEngines('users.search', (engine) => {
  test('without operands it answers everybody, newest first', async () => {
    const { here, project, ada, bob, eve } = await people(engine)
    const everybody = [eve.user_id, bob.user_id, ada.user_id]
    const bodies = [
      undefined,
      {},
      { query: null, cursor: null, limit: null },
      { query: {} },
      { query: { operands: [] } },
      { query: { operands: null } },
      { query: { operator: 'AND', operands: [] } },
      { query: { operator: 'OR', operands: [] } },
      { query: { operator: 'OR' } },
      { cursor: '', limit: 0 },
      { limit: 1000 },
    ]
    for (const body of bodies) assert.deepEqual(await find(here, project, body), everybody)
  })

  test('answers whole users: locks of the moment, roles of the policy', async () => {
    const here = await world(engine)
    const project = await here.project()
    await defineRoles(here, project, 'editor')
    const { user_id } = await newUser(here, project, { roles: ['editor'], trusted_metadata: { plan: 'pro' } })
    await lockUser(here, project, user_id)
    const { status_code, request_id, ...read } = await succeed(here, project, `GET /v1/users/${user_id}`)
    assert.equal(read.is_locked, true)
    assert.deepEqual((await succeed(here, project, route)).results, [read])
  })

  test('each filter finds whom it describes', async () => {
    const { here, project, ada, bob, eve, idsOfAda, idsOfBob } = await people(engine)
    const after = (user: typeof ada) => rfc3339(Date.parse(user.created_at) + SECOND)
    const before = (user: typeof ada) => user.created_at
    const rows: [operand: Operand, found: (typeof ada)[]][] = [
      [filter('created_at_greater_than', after(bob)), [eve]],
      [filter('created_at_less_than', before(bob)), [ada]],
      [filter('created_at_between', { greater_than: after(ada), less_than: before(eve) }), [bob]],
      [filter('created_at_between', { greater_than: after(eve), less_than: before(ada) }), []],
      [filter('user_id', [ada.user_id, eve.user_id, `user-test-${randomUUID()}`]), [eve, ada]],
      [filter('user_id', ['bob|1', 'nobody']), [bob]],
      [filter('full_name_fuzzy', 'ADA'), [bob, ada]],
      [filter('full_name_fuzzy', 'king'), [ada]],
      [filter('full_name_fuzzy', 'ada love'), [ada]],
      [filter('full_name_fuzzy', 'king lovelace'), []],
      [filter('full_name_fuzzy', 'ada\nking'), []],
      [filter('status', 'active'), [eve, ada]],
      [filter('status', 'pending'), [bob]],
      [filter('phone_number', ['+14155550123', '+14155550199']), [ada]],
      [filter('phone_number', ['4155550123']), []],
      [filter('phone_number_fuzzy', '5550'), [bob, ada]],
      [filter('phone_number_fuzzy', '+1212'), [bob]],
      [filter('phone_id', [idsOfAda.phone_id]), [ada]],
      [filter('phone_verified', true), [ada]],
      [filter('phone_verified', false), [bob]],
      [filter('email_address', ['ADA.lovelace@Example.com', '100%eve@example.org', 'x']), [eve, ada]],
      [filter('email_address_fuzzy', 'LOVE'), [ada]],
      [filter('email_address_fuzzy', '@example.'), [eve, ada]],
      [filter('email_domain', ['EXAMPLE.com']), [ada]],
      [filter('email_domain', ['ample.com', 'com']), []],
      [filter('email_domain', ['mail.example.com', 'example.org']), [eve, bob]],
      [filter('email_id', [idsOfBob.email_id, idsOfAda.phone_id]), [bob]],
      [filter('email_verified', true), [ada]],
      [filter('email_verified', false), [eve, bob]],
      [filter('oauth_provider', ['google']), [ada]],
      [filter('oauth_provider', ['google', 'GitHub', 'slack']), [bob, ada]],
      [filter('webauthn_registration_id', [idsOfAda.webauthn_registration_id]), [ada]],
      [filter('webauthn_registration_verified', true), [ada]],
      [filter('webauthn_registration_verified', false), [bob]],
      [filter('biometric_registration_id', [idsOfBob.biometric_registration_id]), [bob]],
      [filter('biometric_verified', true), [ada]],
      [filter('biometric_verified', false), [bob]],
      [filter('crypto_wallet_id', [idsOfAda.crypto_wallet_id]), [ada]],
      [filter('crypto_wallet_address', [idsOfBob.crypto_wallet_address]), [bob]],
      [filter('crypto_wallet_verified', true), [ada]],
      [filter('crypto_wallet_verified', false), [bob]],
      [filter('totp_id', [idsOfAda.totp_id, idsOfBob.totp_id]), [bob, ada]],
      [filter('totp_verified', true), [ada]],
      [filter('totp_verified', false), [bob]],
      [filter('password_exists', true), [ada]],
      [filter('password_exists', false), [eve, bob]],
    ]
    const ids = (users: (typeof ada)[]) => users.map(({ user_id }) => user_id)
    for (const [operand, found] of rows) {
      assert.deepEqual(await find(here, project, query(operand)), ids(found), JSON.stringify(operand))
    }
  })

  test('AND asks for all operands, OR for one of them', async () => {
    const { here, project, ada, bob, eve } = await people(engine)
    const operands = [filter('status', 'active'), filter('email_domain', ['example.org', 'mail.example.com'])]
    assert.deepEqual(await find(here, project, { query: { operator: 'AND', operands } }), [eve.user_id])
    const everybody = [eve.user_id, bob.user_id, ada.user_id]
    assert.deepEqual(await find(here, project, { query: { operator: 'OR', operands } }), everybody)
  })

  test('created_at bounds are exclusive, and compare the second that is shown', async () => {
    const here = await world(engine)
    const project = await here.project()
    const environment = await here.app.environment(project.id)
    assert.ok(environment)
    const created_at = Date.parse('2031-01-01T00:00:00.500Z')
    const app = { ...here.app, now: () => created_at }
    const { user_id } = await createUser(app, environment, { email: 'ada@example.com', status: 'active' })
    const rows: [name: string, value: string, found: boolean][] = [
      ['created_at_greater_than', '2030-12-31T23:59:59.999Z', true],
      ['created_at_greater_than', '2031-01-01T00:00:00Z', false],
      ['created_at_greater_than', '2031-01-01T00:00:00.499Z', false],
      ['created_at_greater_than', '2031-01-01T01:59:59+02:00', true],
      ['created_at_less_than', '2031-01-01T00:00:00.001Z', true],
      ['created_at_less_than', '2031-01-01T00:00:00Z', false],
      ['created_at_less_than', '2031-01-01T00:00:01Z', true],
    ]
    for (const [name, value, found] of rows) {
      assert.deepEqual(await find(here, project, query(filter(name, value))), found ? [user_id] : [], value)
    }
  })

  test('%, _ and \\ in a value stand for themselves', async () => {
    const { here, project, bob, eve } = await people(engine)
    const odd = await newUser(here, project, { name: { first_name: 'a\\b%c_d', last_name: 'Åsa' } })
    const rows: [operand: Operand, found: string[]][] = [
      [filter('full_name_fuzzy', 'a%a'), []],
      [filter('full_name_fuzzy', 'a_a'), []],
      [filter('full_name_fuzzy', '%%%'), []],
      [filter('full_name_fuzzy', '\\b%'), [odd.user_id]],
      [filter('full_name_fuzzy', 'C_D å'), [odd.user_id]],
      [filter('full_name_fuzzy', "' or 1=1 --"), []],
      [filter('email_address_fuzzy', '00%'), [eve.user_id]],
      [filter('email_address_fuzzy', '0%e%'), []],
      [filter('email_address_fuzzy', 'b_b@'), [bob.user_id]],
      [filter('email_address_fuzzy', 'a_a'), []],
      [filter('email_domain', ['%.com', '_xample.com', '%']), []],
      [filter('phone_number_fuzzy', '+1%'), []],
      [filter('phone_number_fuzzy', '\\+1'), []],
    ]
    for (const [operand, found] of rows) {
      assert.deepEqual(await find(here, project, query(operand)), found, JSON.stringify(operand))
    }
  })

  test('a search ends at the border of the project, whatever it names', async () => {
    const { here, project, ada, bob, idsOfAda } = await people(engine)
    const other = await here.project()
    const operands = [
      filter('user_id', [ada.user_id]),
      filter('email_address', ['ada.lovelace@example.com']),
      filter('email_address_fuzzy', 'ada'),
      filter('totp_id', [idsOfAda.totp_id]),
      filter('full_name_fuzzy', 'ada'),
      filter('password_exists', true),
      filter('password_exists', false),
    ]
    assert.deepEqual(await find(here, other), [])
    assert.deepEqual(await find(here, other, { query: { operator: 'OR', operands } }), [])
    const twin = await newUser(here, other, { email: 'ada.lovelace@example.com', external_id: 'bob|1' })
    assert.deepEqual(await find(here, other, { query: { operator: 'OR', operands } }), [twin.user_id])
    assert.deepEqual(await find(here, project, query(filter('user_id', ['bob|1']))), [bob.user_id])
    const b2b = await here.project('B2B')
    await refuse(here, b2b, route, {}, 400, 'invalid_consumer_endpoint')
  })

  test('refuses operands that are no filter with a value', async () => {
    const here = await world(engine)
    const project = await here.project()
    const operands: [operand: unknown, error_type: string][] = [
      ['status', 'bad_request'],
      [null, 'bad_request'],
      [{}, 'user_search_missing_filter_name'],
      [{ filter_value: 'active' }, 'user_search_missing_filter_name'],
      [filter('', 'active'), 'user_search_missing_filter_name'],
      [{ filter_name: null, filter_value: 'active' }, 'user_search_missing_filter_name'],
      [{ filter_name: 7, filter_value: 'active' }, 'user_search_filter_name_must_be_string'],
      [{ filter_name: ['status'], filter_value: 'active' }, 'user_search_filter_name_must_be_string'],
      [filter('email', ['ada@example.com']), 'user_search_filter_name_not_recognized'],
      [filter('constructor', 'x'), 'user_search_filter_name_not_recognized'],
      [filter('Status', 'active'), 'user_search_filter_name_not_recognized'],
    ]
    for (const [operand, error_type] of operands) {
      await refuse(here, project, route, query(operand as Operand), 400, error_type)
    }
    // One bad operand refuses the search, also where another would decide it.
    const mixed = { query: { operator: 'OR', operands: [filter('status', 'active'), {}] } }
    await refuse(here, project, route, mixed, 400, 'user_search_missing_filter_name')
  })

  test('each filter refuses a missing value with its own type', async () => {
    const here = await world(engine)
    const project = await here.project()
    const missing: Record<string, string> = {
      created_at_greater_than: 'user_search_missing_created_at_greater_than',
      created_at_less_than: 'user_search_missing_created_at_less_than',
      created_at_between: 'user_search_missing_filter_value',
      user_id: 'user_search_missing_user_ids',
      full_name_fuzzy: 'user_search_missing_full_name_fuzzy',
      status: 'user_search_missing_status',
      phone_number: 'user_search_missing_phone_numbers',
      phone_number_fuzzy: 'user_search_missing_phone_number_fuzzy',
      phone_id: 'user_search_missing_phone_ids',
      phone_verified: 'user_search_missing_phone_verified',
      email_address: 'user_search_missing_email_addresses',
      email_address_fuzzy: 'user_search_missing_email_address_fuzzy',
      email_domain: 'user_search_missing_email_domain',
      email_id: 'user_search_missing_email_ids',
      email_verified: 'user_search_missing_email_verified',
      oauth_provider: 'user_search_missing_oauth_providers',
      webauthn_registration_id: 'user_search_missing_webauthn_registration_ids',
      webauthn_registration_verified: 'user_search_missing_webauthn_verified',
      biometric_registration_id: 'user_search_missing_biometric_registration_ids',
      biometric_verified: 'user_search_missing_biometric_verified',
      crypto_wallet_id: 'user_search_missing_crypto_wallet_id',
      crypto_wallet_address: 'user_search_missing_crypto_wallet_address',
      crypto_wallet_verified: 'user_search_missing_crypto_wallet_verified',
      totp_id: 'user_search_missing_totp_ids',
      totp_verified: 'user_search_missing_totp_verified',
      password_exists: 'user_search_missing_password',
    }
    for (const [name, error_type] of Object.entries(missing)) {
      for (const operand of [{ filter_name: name }, filter(name, null), filter(name, [])]) {
        await refuse(here, project, route, query(operand), 400, error_type)
      }
    }
  })

  test('each filter refuses values of the wrong kind', async () => {
    const here = await world(engine)
    const project = await here.project()
    const ids = (n: number) => Array.from({ length: n }, () => `user-test-${randomUUID()}`)
    const operands: [operand: Operand, error_type: string][] = [
      ...['created_at_greater_than', 'created_at_less_than'].flatMap((name) =>
        [7, '', 'yesterday', '2025-02-30T00:00:00Z', { greater_than: '2025-01-01T00:00:00Z' }].map(
          (value): [Operand, string] => [filter(name, value), 'user_search_expected_timestamp'],
        ),
      ),
      [filter('created_at_between', '2025-01-01T00:00:00Z'), 'user_search_expected_object'],
      [filter('created_at_between', ['2025-01-01T00:00:00Z']), 'user_search_expected_object'],
      [filter('created_at_between', {}), 'user_search_missing_greater_than'],
      [filter('created_at_between', { less_than: '2025-01-01T00:00:00Z' }), 'user_search_missing_greater_than'],
      [filter('created_at_between', { greater_than: '2025-01-01T00:00:00Z' }), 'user_search_missing_less_than'],
      [filter('created_at_between', { greater_than: 1, less_than: 2 }), 'user_search_expected_timestamp'],
      ...['full_name_fuzzy', 'phone_number_fuzzy', 'email_address_fuzzy', 'status'].flatMap((name) =>
        [7, true, ['active'], { is: 'active' }].map((value): [Operand, string] => [
          filter(name, value),
          'user_search_expected_string',
        ]),
      ),
      ...['full_name_fuzzy', 'phone_number_fuzzy', 'email_address_fuzzy'].flatMap((name) =>
        ['', 'ab', '🙂🙂'].map((value): [Operand, string] => [filter(name, value), `user_search_${name}_too_short`]),
      ),
      [filter('full_name_fuzzy', 'x'.repeat(1025)), 'bad_request'],
      [filter('email_domain', ['x'.repeat(1025)]), 'bad_request'],
      [filter('status', 'ACTIVE'), 'user_search_invalid_status_filter'],
      [filter('status', 'deleted'), 'user_search_invalid_status_filter'],
      ...[
        'user_id',
        'phone_number',
        'phone_id',
        'email_address',
        'email_domain',
        'email_id',
        'oauth_provider',
        'webauthn_registration_id',
        'biometric_registration_id',
        'crypto_wallet_id',
        'crypto_wallet_address',
        'totp_id',
      ].flatMap((name): [Operand, string][] => [
        [filter(name, 'google'), 'user_search_expected_array_of_string'],
        [filter(name, { google: true }), 'user_search_expected_array_of_string'],
        [filter(name, ['google', 7]), 'user_search_expected_array_of_string'],
        [filter(name, [null]), 'user_search_expected_array_of_string'],
        [filter(name, Array(101).fill('google')), 'user_search_maximum_filter_value_count_exceeded'],
      ]),
      ...[
        'phone_verified',
        'email_verified',
        'webauthn_registration_verified',
        'biometric_verified',
        'crypto_wallet_verified',
        'totp_verified',
        'password_exists',
      ].flatMap((name) =>
        ['true', 1, [true]].map((value): [Operand, string] => [filter(name, value), 'user_search_expected_bool']),
      ),
      [filter('oauth_provider', ['google', 'myspace']), 'user_search_invalid_oauth_provider_filter'],
      [filter('user_id', [...ids(1), 'ada']), 'user_search_cannot_mix_internal_and_external_user_ids'],
      [filter('user_id', ['user-test-7']), 'invalid_user_id'],
      [filter('user_id', ['a b']), 'invalid_user_id'],
      [filter('user_id', [`user-live-${randomUUID()}`]), 'live_id_used_in_test_environment'],
      [filter('email_id', [`email-live-${randomUUID()}`]), 'live_id_used_in_test_environment'],
    ]
    for (const [operand, error_type] of operands) {
      await refuse(here, project, route, query(operand), 400, error_type)
    }
    assert.deepEqual(await find(here, project, query(filter('user_id', ids(100)))), [])
    const live = await liveCredentials(here, project)
    await refuse(here, live, route, query(filter('user_id', ids(1))), 400, 'test_id_used_in_live_environment')
  })

  test('refuses operators, operands and limits that are none', async () => {
    const here = await world(engine)
    const project = await here.project()
    const operands = [filter('status', 'active')]
    const bodies: [body: object, error_type: string][] = [
      [{ query: { operator: 'XOR', operands } }, 'user_search_invalid_operator'],
      [{ query: { operator: 'and', operands: [] } }, 'user_search_invalid_operator'],
      [{ query: { operator: '', operands } }, 'user_search_invalid_operator'],
      [{ query: { operator: 7, operands } }, 'user_search_invalid_operator'],
      [{ query: { operator: ['AND'], operands } }, 'user_search_invalid_operator'],
      [{ query: { operands } }, 'bad_request'],
      [{ query: { operator: null, operands } }, 'bad_request'],
      [{ query: 'status' }, 'bad_request'],
      [{ query: [] }, 'bad_request'],
      [{ query: { operator: 'AND', operands: {} } }, 'bad_request'],
      [{ query: { operator: 'OR', operands: Array(101).fill(operands[0]) } }, 'bad_request'],
      ...[-1, 1001, 1.5, '10', true, {}, 1e300].map((limit): [object, string] => [
        { limit },
        'user_search_invalid_limit',
      ]),
      ...[7, true, {}, ['x']].map((cursor): [object, string] => [{ cursor }, 'user_search_invalid_cursor']),
    ]
    for (const [body, error_type] of bodies) {
      const { error_message } = await refuse(here, project, route, body, 400, error_type)
      if (error_type === 'bad_request') assert.match(error_message, /query/)
    }
    const many = (count: number, operand: Operand) => ({
      query: { operator: 'OR', operands: Array(count).fill(operand) },
    })
    assert.deepEqual(await find(here, project, many(100, filter('email_address', ['nobody@example.com']))), [])
    // A fuzzy operand reads every user, so few are taken together, and none with a long text.
    const fuzzy = filter('full_name_fuzzy', 'x'.repeat(64))
    assert.deepEqual(await find(here, project, many(10, fuzzy)), [])
    await refuse(here, project, route, many(11, fuzzy), 400, 'bad_request')
    await refuse(here, project, route, many(1, filter('full_name_fuzzy', 'x'.repeat(65))), 400, 'bad_request')
  })

  test('pages neither skip nor repeat users of the same millisecond, whatever comes and goes meanwhile', async () => {
    const here = await world(engine)
    const project = await here.project()
    const environment = await here.app.environment(project.id)
    assert.ok(environment)
    const now = here.clock.now()
    const create = (index: number, at: number) =>
      createUser({ ...here.app, now: () => at }, environment, { email: `u${index}@example.com`, status: 'active' })
    const users = await Promise.all(Array.from({ length: 23 }, (_, index) => create(index, now + (index % 2))))
    const seen: string[] = []
    let cursor: string | null = null
    for (let pages = 0; ; pages++) {
      assert.ok(pages < 10)
      const page = await succeed(here, project, route, { limit: 5, cursor })
      seen.push(...page.results.map(({ user_id }: { user_id: string }) => user_id))
      if (pages === 0) {
        assert.equal(page.results.length, 5)
        assert.equal(page.results_metadata.total, 23)
        // Somebody new, and the very user at whom the page ended gone.
        await create(100, now + 2)
        await succeed(here, project, `DELETE /v1/users/${seen.at(-1)}`)
      }
      // Counted once, for the first page.
      assert.equal(page.results_metadata.total, 23)
      cursor = page.results_metadata.next_cursor
      if (cursor === null) break
      assert.equal(page.results.length, 5)
    }
    assert.equal(new Set(seen).size, seen.length)
    assert.deepEqual([...seen].sort(), users.map(({ user_id }) => user_id).sort())
  })

  test('the last page has no cursor, also when it is full', async () => {
    const { here, project } = await people(engine)
    const one = await succeed(here, project, route, { limit: 2 })
    const two = await succeed(here, project, route, { limit: 1, cursor: one.results_metadata.next_cursor })
    assert.equal(two.results_metadata.next_cursor, null)
    assert.equal(two.results_metadata.total, 3)
    const all = await succeed(here, project, route, { limit: 3 })
    assert.equal(all.results_metadata.next_cursor, null)
    assert.deepEqual([...one.results, ...two.results], all.results)
  })

  test('a page holds 100 users unless told otherwise', async () => {
    const here = await world(engine)
    const project = await here.project()
    const environment = await here.app.environment(project.id)
    assert.ok(environment)
    await here.app.transaction(async (app) => {
      for (let index = 0; index < 101; index++) {
        await createUser(app, environment, { email: `u${index}@example.com`, status: 'active' })
      }
    })
    for (const limit of [undefined, null, 0, 100]) {
      const { results, results_metadata } = await succeed(here, project, route, { limit })
      assert.deepEqual([results.length, results_metadata.total], [100, 101])
      const rest = await succeed(here, project, route, { limit, cursor: results_metadata.next_cursor })
      assert.equal(rest.results.length, 1)
    }
    assert.equal((await succeed(here, project, route, { limit: 1000 })).results.length, 101)
  })

  test('refuses a cursor that was changed, or belongs to another search or project', async () => {
    const { here, project } = await people(engine)
    const other = await here.project()
    const operands = [filter('full_name_fuzzy', 'ada')]
    const body = { query: { operator: 'AND', operands }, limit: 1 }
    const cursor: string = (await succeed(here, project, route, body)).results_metadata.next_cursor
    const [position = '', signature = ''] = cursor.split('.')
    const forged = Buffer.from(JSON.stringify([here.clock.now(), `user-test-${randomUUID()}`])).toString('base64url')
    const bad: [caller: TestProject, body: object][] = [
      [project, { ...body, cursor: 'x' }],
      [project, { ...body, cursor: '.' }],
      [project, { ...body, cursor: position }],
      [project, { ...body, cursor: `${position}.` }],
      [project, { ...body, cursor: `.${signature}` }],
      [project, { ...body, cursor: `${cursor}.x` }],
      [project, { ...body, cursor: `${cursor}\n` }],
      [project, { ...body, cursor: `${position}.${'é'.repeat(43)}` }],
      [project, { ...body, cursor: `${position}.${signature.slice(1)}${signature[0]}` }],
      [project, { ...body, cursor: `${forged}.${signature}` }],
      [project, { limit: 1, cursor }],
      [project, { ...body, query: { operator: 'OR', operands }, cursor }],
      [project, { ...body, query: { operator: 'AND', operands: [filter('full_name_fuzzy', 'adam')] }, cursor }],
      [other, { ...body, cursor }],
    ]
    for (const [caller, body] of bad) await refuse(here, caller, route, body, 400, 'user_search_invalid_cursor')
    // The same question in other words, and another limit, are the same search.
    const same = { query: { operands: [{ filter_value: 'ada', filter_name: 'full_name_fuzzy' }], operator: 'AND' } }
    assert.equal((await succeed(here, project, route, { ...same, limit: 7, cursor })).results.length, 1)
  })

  test('150 searches a minute for one environment; the next minute begins anew, others go on, bad ones do not count', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    toPeriodStart(here, 60)
    const answers = await Promise.all(Array.from({ length: 150 }, () => call(here, project, route, {})))
    assert.ok(answers.every(({ status }) => status === 200))
    await refuse(here, project, route, { limit: 1001 }, 400, 'user_search_invalid_limit')
    here.clock.advance(59 * SECOND)
    const { body, headers } = await call(here, project, route, {})
    assert.deepEqual([body.error_type, headers['retry-after']], ['too_many_requests', '1'])
    await find(here, other)
    here.clock.advance(SECOND)
    for (let n = 0; n < 150; n++) {
      if (n % 2) await refuse(here, project, route, { cursor: 'none' }, 400, 'user_search_invalid_cursor')
      await find(here, project)
    }
    await refuse(here, project, route, {}, 429, 'too_many_requests')
  })
})
