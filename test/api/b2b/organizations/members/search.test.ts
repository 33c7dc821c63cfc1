/** POST /v1/b2b/organizations/members/search: each filter, each refusal, and pages that neither skip nor repeat anybody. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { DAY, MINUTE, SECOND } from '../../../../../src/values/time.ts'
import { refuse, succeed } from '../../../../support/call.ts'
import { give, newMember, organizationIn, provenMember, readMember } from '../../../../support/members.ts'
import { toPeriodStart } from '../../../../support/one_time_codes.ts'
import { newOrganization, setB2bPolicy } from '../../../../support/organizations.ts'
import { type Credentials, type Engine, onBothEngines, type World } from '../../../../support/world.ts'

const route = 'POST /v1/b2b/organizations/members/search'

type Operand = { filter_name?: unknown; filter_value?: unknown }
type Found = { member_id: string }
const query = (...operands: Operand[]) => ({ query: { operator: 'AND', operands } })
const filter = (filter_name: string, filter_value: unknown): Operand => ({ filter_name, filter_value })

async function find(here: World, project: Credentials, body: object): Promise<string[]> {
  const { members, results_metadata } = await succeed(here, project, route, body)
  assert.equal(results_metadata.total, members.length)
  assert.equal(results_metadata.next_cursor, null)
  return members.map(({ member_id }: Found) => member_id)
}

/** Ada has everything, Bob is pending in the same organization, Eve is in another one, Dan was deleted from the first. */
async function people(engine: Engine) {
  const { here, project, organization, members } = await organizationIn(engine, {
    rbac_email_implicit_role_assignments: [{ domain: 'example.com', role_id: 'stytch_admin' }],
  })
  const roles = ['Editor', 'editor', 'a|b%'].map((role_id) => ({ role_id, description: '', permissions: [] }))
  await setB2bPolicy(here, project, { custom_roles: roles })
  const other = await newOrganization(here, project, { organization_slug: `Other-${randomUUID()}` })
  const ada = await provenMember(here, project, organization, {
    email_address: 'Ada.Lovelace@example.com',
    mfa_phone_number: '+14155550123',
    external_id: 'ada|1',
    is_breakglass: true,
    roles: ['Editor'],
  })
  here.clock.advance(DAY)
  const bob = await newMember(here, project, organization, {
    email_address: 'bob_b@example.com',
    mfa_phone_number: '+12125550199',
    external_id: 'bob|1',
    create_member_as_pending: true,
    roles: ['a|b%'],
  })
  here.clock.advance(DAY)
  const eve = await newMember(here, project, other, { email_address: '100%eve@example.org', roles: ['editor'] })
  const dan = await provenMember(here, project, organization, { email_address: 'dan@example.com', external_id: 'dan' })
  await succeed(here, project, `DELETE ${members}/${dan.member_id}`)
  await give(here, project, ada.member_id, {
    password: { password_id: `member-password-test-${randomUUID()}`, inherited: false },
    totp: { totp_id: `member-totp-test-${randomUUID()}`, verified: true },
    oauth_registrations: [
      {
        provider_type: 'Google',
        provider_subject: 'ada',
        member_oauth_registration_id: `oauth-user-test-${randomUUID()}`,
      },
    ],
  })
  await give(here, project, bob.member_id, { totp: { totp_id: `member-totp-test-${randomUUID()}`, verified: false } })
  const organization_ids = [organization.organization_id, other.organization_id]
  return { here, project, organization, other, ada, bob, eve, dan, organization_ids }
}

onBothEngines('organizations.members.search', (engine) => {
  test('without operands it answers everybody who is not deleted, oldest first, with their organizations', async () => {
    const { here, project, organization, other, ada, bob, eve, organization_ids } = await people(engine)
    const everybody = [ada.member_id, bob.member_id, eve.member_id]
    const bodies = [
      {},
      { query: null, cursor: null, limit: null },
      { query: {} },
      { query: { operands: null } },
      { query: { operator: 'AND', operands: [] } },
      { query: { operator: 'OR', operands: [] } },
      { cursor: '', limit: 0 },
      { limit: 1000 },
    ]
    for (const body of bodies) assert.deepEqual(await find(here, project, { organization_ids, ...body }), everybody)
    const { members, organizations } = await succeed(here, project, route, { organization_ids })
    assert.deepEqual(members, [
      await readMember(here, project, ada),
      await readMember(here, project, bob),
      await readMember(here, project, eve),
    ])
    assert.deepEqual(Object.keys(organizations).sort(), organization_ids.toSorted())
    assert.equal(organizations[other.organization_id].organization_slug, other.organization_slug)
    const one = await succeed(here, project, route, { organization_ids: [organization.organization_id] })
    assert.deepEqual(Object.keys(one.organizations), [organization.organization_id])
    assert.equal(one.members.length, 2)
  })

  test('organizations are named by slug or external id too, and never those of elsewhere', async () => {
    const { here, project, organization, other, eve } = await people(engine)
    for (const name of [other.organization_slug, other.organization_slug.toLowerCase()]) {
      assert.deepEqual(await find(here, project, { organization_ids: [name, other.organization_id] }), [eve.member_id])
    }
    const elsewhere = await here.project('B2B')
    const body = { organization_ids: [organization.organization_id] }
    await refuse(here, elsewhere, route, body, 404, 'organization_not_found')
    const live = { organization_ids: [`organization-live-${randomUUID()}`] }
    await refuse(here, project, route, live, 400, 'live_id_used_in_test_environment')
    await refuse(here, project, route, { organization_ids: [] }, 400, 'member_search_organization_ids_empty')
    await refuse(here, project, route, {}, 400, 'bad_request')
    await refuse(here, project, route, { organization_ids: 'acme' }, 400, 'bad_request')
    const many = { organization_ids: Array.from({ length: 101 }, (_, index) => `acme-${index}`) }
    await refuse(here, project, route, many, 400, 'bad_request')
  })

  test('each filter finds whom it describes', async () => {
    const { here, project, other, ada, bob, eve, dan, organization_ids } = await people(engine)
    const rows: [operand: Operand, found: Found[]][] = [
      [filter('member_ids', [ada.member_id, eve.member_id, `member-test-${randomUUID()}`]), [ada, eve]],
      [filter('member_ids', ['bob|1', 'nobody']), [bob]],
      [filter('member_ids', ['dan']), []],
      [filter('member_emails', [' ADA.lovelace@Example.com', '100%eve@example.org', 'x']), [ada, eve]],
      [filter('member_emails', ['dan@example.com']), []],
      [filter('member_email_fuzzy', 'LOVE'), [ada]],
      [filter('member_email_fuzzy', '@example.'), [ada, bob, eve]],
      [filter('member_email_fuzzy', '100%'), [eve]],
      [filter('member_email_fuzzy', 'b_b'), [bob]],
      [filter('member_email_fuzzy', 'a_l'), []],
      [filter('member_is_breakglass', true), [ada]],
      [filter('member_is_breakglass', false), [bob, eve]],
      [filter('statuses', ['active']), [ada, eve]],
      [filter('statuses', ['pending', 'invited']), [bob]],
      [filter('statuses', ['deleted']), [dan]],
      [filter('statuses', ['deleted', 'active']), [ada, eve, dan]],
      [filter('status', 'pending'), [bob]],
      [filter('member_mfa_phone_numbers', ['+14155550123', '+14155550199']), [ada]],
      [filter('member_mfa_phone_numbers', ['4155550123']), []],
      [filter('member_phone_numbers', ['+12125550199']), [bob]],
      [filter('member_mfa_phone_number_fuzzy', '5550'), [ada, bob]],
      [filter('member_phone_number_fuzzy', '+1212'), [bob]],
      [filter('member_mfa_phone_number_fuzzy', 'phone'), []],
      [filter('member_password_exists', true), [ada]],
      [filter('member_password_exists', false), [bob, eve]],
      [filter('totp_exists', true), [ada]],
      [filter('totp_exists', false), [bob, eve]],
      [filter('oauth_providers', ['google', 'slack']), [ada]],
      [filter('oauth_providers', ['GitHub']), []],
      [filter('member_roles', ['stytch_member']), [ada, bob, eve]],
      [filter('member_roles', ['Editor']), [ada]],
      [filter('member_roles', ['editor']), [eve]],
      [filter('member_roles', ['a|b%', 'editor']), [bob, eve]],
      [filter('member_roles', ['stytch_admin']), [ada]],
      [filter('member_roles', ['password', 'nothing']), []],
      [filter('organization_id', other.organization_id), [eve]],
      [filter('organization_id', `organization-test-${randomUUID()}`), []],
      [filter('organization_slug', other.organization_slug.toUpperCase()), [eve]],
      [filter('organization_slug_fuzzy', 'OTHER-'), [eve]],
      [filter('organization_slug_fuzzy', 'nowhere'), []],
    ]
    const ids = (members: Found[]) => members.map(({ member_id }) => member_id)
    for (const [operand, found] of rows) {
      const body = { organization_ids, ...query(operand) }
      assert.deepEqual((await find(here, project, body)).sort(), ids(found).sort(), JSON.stringify(operand))
    }
  })

  test('a role that no policy defines any more is nobody’s', async () => {
    const { here, project, organization_ids } = await people(engine)
    await setB2bPolicy(here, project, { custom_roles: [] })
    assert.deepEqual(await find(here, project, { organization_ids, ...query(filter('member_roles', ['Editor'])) }), [])
  })

  test('AND asks for all operands, OR for one of them', async () => {
    const { here, project, ada, bob, eve, organization_ids } = await people(engine)
    const operands = [filter('statuses', ['active']), filter('member_email_fuzzy', '@example.com')]
    const and = { organization_ids, query: { operator: 'AND', operands } }
    assert.deepEqual(await find(here, project, and), [ada.member_id])
    const or = { organization_ids, query: { operator: 'OR', operands } }
    assert.deepEqual(await find(here, project, or), [ada.member_id, bob.member_id, eve.member_id])
  })

  test('pages follow each other without gap or repetition, members of one moment included', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const other = await newOrganization(here, project)
    const all: string[] = []
    for (let n = 0; n < 7; n++) {
      if (n === 5) here.clock.advance(SECOND)
      all.push((await newMember(here, project, n % 2 ? organization : other)).member_id)
    }
    const organization_ids = [organization.organization_id, other.organization_id]
    const seen: string[] = []
    let cursor: string | null = null
    const sizes: number[] = []
    do {
      const body: object = { organization_ids: organization_ids.reverse(), limit: 3, cursor }
      const { members, results_metadata } = await succeed(here, project, route, body)
      assert.equal(results_metadata.total, 7)
      sizes.push(members.length)
      seen.push(...members.map(({ member_id }: Found) => member_id))
      cursor = results_metadata.next_cursor
    } while (cursor)
    assert.deepEqual(sizes, [3, 3, 1])
    assert.deepEqual(seen.toSorted(), all.toSorted())
    assert.deepEqual(seen.slice(5).toSorted(), all.slice(5).toSorted())
  })

  test('a cursor continues its own search only', async () => {
    const { here, project, organization_ids } = await people(engine)
    const first = await succeed(here, project, route, { organization_ids, limit: 1 })
    const cursor = first.results_metadata.next_cursor
    const [text = '', signature = ''] = String(cursor).split('.')
    const forged = `${Buffer.from(JSON.stringify([0, ''])).toString('base64url')}.${signature}`
    const users = await here.project()
    const bodies = [
      { organization_ids, cursor: 'nonsense' },
      { organization_ids, cursor: forged },
      { organization_ids, cursor: `${text}.${signature}x` },
      { organization_ids: organization_ids.slice(0, 1), cursor },
      { organization_ids, cursor, ...query(filter('statuses', ['active'])) },
      { organization_ids, cursor: 7 },
    ]
    for (const body of bodies) await refuse(here, project, route, body, 400, 'user_search_invalid_cursor')
    await refuse(here, users, 'POST /v1/users/search', { cursor }, 400, 'user_search_invalid_cursor')
    assert.equal((await succeed(here, project, route, { organization_ids, cursor })).members.length, 2)
  })

  test('refuses what it does not understand', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const organization_ids = [organization.organization_id]
    const ids = [`member-test-${randomUUID()}`, 'external']
    const missing = {
      organization_id: 'organization_id',
      organization_slug: 'organization_slug',
      organization_slug_fuzzy: 'organization_slug_fuzzy',
      status: 'status',
      statuses: 'statuses',
      member_ids: 'member_ids',
      member_emails: 'member_emails',
      member_email_fuzzy: 'member_email_fuzzy',
      member_is_breakglass: 'is_breakglass',
      member_mfa_phone_numbers: 'mfa_member_phone_numbers',
      member_mfa_phone_number_fuzzy: 'mfa_member_phone_number_fuzzy',
      member_password_exists: 'password_exists',
      totp_exists: 'totp_exists',
      member_roles: 'member_roles',
      oauth_providers: 'oauth_providers',
    }
    const strings = ['organization_id', 'organization_slug', 'organization_slug_fuzzy', 'status', 'member_email_fuzzy']
    const lists = ['statuses', 'member_ids', 'member_emails', 'member_mfa_phone_numbers', 'member_roles']
    const rows: [body: object, error_type: string][] = [
      [{ limit: -1 }, 'user_search_invalid_limit'],
      [{ limit: 1001 }, 'user_search_invalid_limit'],
      [{ limit: 'x' }, 'user_search_invalid_limit'],
      [{ query: { operator: 'XOR', operands: [] } }, 'user_search_invalid_operator'],
      [{ query: { operator: 7 } }, 'user_search_invalid_operator'],
      [{ query: { operands: [filter('status', 'active')] } }, 'bad_request'],
      [query({ filter_value: 'x' }), 'member_search_missing_filter_name'],
      [query({ filter_name: '', filter_value: 'x' }), 'member_search_missing_filter_name'],
      [query({ filter_name: 7, filter_value: 'x' }), 'member_search_filter_name_must_be_string'],
      [query(filter('shoe_size', 42)), 'member_search_filter_name_not_recognized'],
      [query(filter('constructor', 42)), 'member_search_filter_name_not_recognized'],
      ...Object.entries(missing).flatMap(([name, type]): [object, string][] => [
        [query({ filter_name: name }), `member_search_missing_${type}`],
        [query(filter(name, null)), `member_search_missing_${type}`],
        [query(filter(name, [])), `member_search_missing_${type}`],
      ]),
      ...strings.map((name): [object, string] => [query(filter(name, 7)), 'member_search_expected_string']),
      ...lists.flatMap((name): [object, string][] => [
        [query(filter(name, 'x')), 'member_search_expected_array_of_strings'],
        [query(filter(name, ['x', 7])), 'member_search_expected_array_of_strings'],
      ]),
      [query(filter('member_is_breakglass', 'true')), 'member_search_expected_boolean'],
      [query(filter('member_password_exists', 1)), 'member_search_expected_boolean'],
      [query(filter('totp_exists', 'no')), 'member_search_expected_boolean'],
      [query(filter('status', 'asleep')), 'search_invalid_status_filter'],
      [query(filter('statuses', ['active', 'asleep'])), 'search_invalid_status_filter'],
      [query(filter('member_ids', ids)), 'member_search_cannot_mix_internal_and_external_member_ids'],
      [query(filter('member_ids', [`member-live-${randomUUID()}`])), 'live_id_used_in_test_environment'],
      [query(filter('member_email_fuzzy', 'ab')), 'member_search_member_email_fuzzy_too_short'],
      [query(filter('member_phone_number_fuzzy', '+1')), 'member_search_member_mfa_phone_number_fuzzy_too_short'],
      [query(filter('organization_slug_fuzzy', 'ab')), 'member_search_organization_slug_fuzzy_too_short'],
      [query(filter('member_email_fuzzy', 'x'.repeat(65))), 'bad_request'],
      [
        query(
          filter(
            'member_emails',
            Array.from({ length: 101 }, (_, index) => `${index}`),
          ),
        ),
        'bad_request',
      ],
      [query(filter('member_emails', ['x'.repeat(1025)])), 'bad_request'],
      [query(...Array.from({ length: 101 }, () => filter('status', 'active'))), 'bad_request'],
      [query(...Array.from({ length: 11 }, () => filter('member_email_fuzzy', 'abc'))), 'bad_request'],
    ]
    for (const [body, type] of rows) await refuse(here, project, route, { organization_ids, ...body }, 400, type)
  })

  test('an environment searches a hundred and fifty times a minute', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const body = { organization_ids: [organization.organization_id] }
    toPeriodStart(here, 60)
    await Promise.all(Array.from({ length: 150 }, () => succeed(here, project, route, body)))
    await refuse(here, project, route, body, 429, 'too_many_requests')
    here.clock.advance(MINUTE)
    await succeed(here, project, route, body)
  })
})
