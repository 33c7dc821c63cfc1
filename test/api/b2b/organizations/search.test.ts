/** POST /v1/b2b/organizations/search: each filter, each refusal, and pages that neither skip nor repeat an organization. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { DAY } from '../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../support/call.ts'
import { addMember, newOrganization } from '../../../support/organizations.ts'
import { type Engine, onBothEngines, type TestProject, type World, world } from '../../../support/world.ts'

const route = 'POST /v1/b2b/organizations/search'

type Operand = { filter_name?: unknown; filter_value?: unknown }
const query = (...operands: Operand[]) => ({ query: { operator: 'AND', operands } })
const filter = (filter_name: string, filter_value: unknown): Operand => ({ filter_name, filter_value })

async function find(here: World, project: TestProject, body?: object): Promise<string[]> {
  const { organizations, results_metadata } = await succeed(here, project, route, body)
  assert.equal(results_metadata.total, organizations.length)
  assert.equal(results_metadata.next_cursor, null)
  return organizations.map(({ organization_id }: { organization_id: string }) => organization_id)
}

/** Three organizations, a day apart. */
async function three(engine: Engine) {
  const here = await world(engine)
  const project = await here.project('B2B')
  const acme = await newOrganization(here, project, {
    organization_name: 'Acme Ünlimited 100%',
    organization_slug: 'Acme_Inc',
    organization_external_id: 'crm|Acme',
    email_allowed_domains: ['acme.com', 'acme.co.uk'],
    claimed_email_domains: ['acme.com'],
  })
  await addMember(here, project, acme, { email_address: 'ada@acme.com' })
  await addMember(here, project, acme, { email_address: 'gone@acme.com', status: 'deleted' })
  here.clock.advance(DAY)
  const bolt = await newOrganization(here, project, {
    organization_name: 'Bolt',
    organization_slug: 'bolt-inc',
    email_allowed_domains: ['bolt.example'],
    claimed_email_domains: ['bolt.example', 'bolts.example'],
  })
  await addMember(here, project, bolt, { email_address: 'bob_b@bolt.example', status: 'invited' })
  await addMember(here, project, bolt, { email_address: 'ada@acme.com', status: 'pending' })
  here.clock.advance(DAY)
  const core = await newOrganization(here, project, { organization_name: 'Core', organization_slug: 'core' })
  return { here, project, acme, bolt, core }
}

onBothEngines('organizations.search', (engine) => {
  test('without operands it answers all organizations, oldest first, as they are read', async () => {
    const { here, project, acme, bolt, core } = await three(engine)
    const all = [acme, bolt, core].map(({ organization_id }) => organization_id)
    const bodies = [
      undefined,
      {},
      { query: null, cursor: null, limit: null },
      { query: {} },
      { query: { operator: 'AND', operands: [] } },
      { query: { operator: 'OR', operands: null } },
      { cursor: '', limit: 0 },
      { limit: 1000 },
    ]
    for (const body of bodies) assert.deepEqual(await find(here, project, body), all)
    const { organizations } = await succeed(here, project, route)
    assert.deepEqual(organizations, [acme, bolt, core])
  })

  test('each filter finds what it describes', async () => {
    const { here, project, acme, bolt, core } = await three(engine)
    const rows: [operand: Operand, found: (typeof acme)[]][] = [
      [filter('organization_ids', [core.organization_id, acme.organization_id]), [acme, core]],
      [filter('organization_ids', ['ACME_inc', 'nobody']), [acme]],
      [filter('organization_ids', ['crm|Acme', bolt.organization_id]), [acme, bolt]],
      [filter('organization_ids', ['crm|acme']), []],
      [filter('organization_slugs', ['acme_INC', 'core']), [acme, core]],
      [filter('organization_slugs', ['acme']), []],
      [filter('organization_slug_fuzzy', 'INC'), [acme, bolt]],
      [filter('organization_slug_fuzzy', 'e_i'), [acme]],
      [filter('organization_slug_fuzzy', 't_i'), []],
      [filter('organization_name_fuzzy', 'ünl'), [acme]],
      [filter('organization_name_fuzzy', 'ÜNL'), [acme]],
      [filter('organization_name_fuzzy', '00%'), [acme]],
      [filter('organization_name_fuzzy', 'B%t'), []],
      [filter('member_emails', ['Ada@Acme.com']), [acme, bolt]],
      [filter('member_emails', ['bob_b@bolt.example']), [bolt]],
      [filter('member_emails', ['gone@acme.com', 'ada@acme']), []],
      [filter('member_email_fuzzy', 'B_B@'), [bolt]],
      [filter('member_email_fuzzy', 'a_a'), []],
      [filter('member_email_fuzzy', 'acme'), [acme, bolt]],
      [filter('member_email_fuzzy', 'gone'), []],
      [filter('allowed_domains', ['ACME.com', 'bolt.example']), [acme, bolt]],
      [filter('allowed_domains', ['co.uk', 'bolts.example']), []],
      [filter('allowed_domain_fuzzy', '.CO.'), [acme]],
      [filter('claimed_email_domains', ['Bolts.example']), [bolt]],
      [filter('claimed_email_domains', ['acme.co.uk']), []],
      [filter('has_active_sso_connection', false), [acme, bolt, core]],
      [filter('has_active_sso_connection', true), []],
      [filter('sso_connection_id', `saml-connection-test-${randomUUID()}`), []],
    ]
    for (const [operand, found] of rows) {
      const ids = found.map(({ organization_id }) => organization_id)
      assert.deepEqual(await find(here, project, query(operand)), ids, JSON.stringify(operand))
    }
  })

  test('AND asks for all operands, OR for one of them', async () => {
    const { here, project, acme, bolt, core } = await three(engine)
    const operands = [filter('organization_slug_fuzzy', 'inc'), filter('organization_name_fuzzy', 'olt')]
    const both = await find(here, project, { query: { operator: 'AND', operands } })
    assert.deepEqual(both, [bolt.organization_id])
    const one = await find(here, project, {
      query: { operator: 'OR', operands: [...operands, filter('organization_ids', ['core'])] },
    })
    assert.deepEqual(one, [acme.organization_id, bolt.organization_id, core.organization_id])
  })

  test('a search ends at the border of the project, whatever it names', async () => {
    const { here, project, acme } = await three(engine)
    const other = await here.project('B2B')
    const operands = [
      filter('organization_ids', [acme.organization_id, 'acme_inc', 'crm|Acme']),
      filter('organization_slugs', ['acme_inc']),
      filter('organization_slug_fuzzy', 'acme'),
      filter('organization_name_fuzzy', 'acme'),
      filter('member_emails', ['ada@acme.com']),
      filter('member_email_fuzzy', 'ada@'),
      filter('allowed_domains', ['acme.com']),
      filter('allowed_domain_fuzzy', 'acme'),
      filter('claimed_email_domains', ['acme.com']),
      filter('has_active_sso_connection', false),
    ]
    const any = { query: { operator: 'OR', operands } }
    assert.deepEqual(await find(here, other), [])
    assert.deepEqual(await find(here, other, any), [])
    const twin = await newOrganization(here, other, { organization_slug: 'acme_inc' })
    assert.deepEqual(await find(here, other, any), [twin.organization_id])
    assert.equal((await find(here, project, any)).includes(twin.organization_id), false)
    await refuse(here, await here.project(), route, {}, 400, 'invalid_b2b_endpoint')
  })

  test('refuses operands that are no filter with a value', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const operands: [operand: unknown, error_type: string][] = [
      ['organization_ids', 'bad_request'],
      [{}, 'organization_search_missing_filter_name'],
      [filter('', ['x']), 'organization_search_missing_filter_name'],
      [{ filter_name: null, filter_value: 'x' }, 'organization_search_missing_filter_name'],
      [{ filter_name: 7, filter_value: 'x' }, 'organization_search_filter_name_must_be_string'],
      [filter('organization_id', ['x']), 'organization_search_filter_name_not_recognized'],
      [filter('constructor', 'x'), 'organization_search_filter_name_not_recognized'],
    ]
    for (const [operand, error_type] of operands) {
      await refuse(here, project, route, query(operand as Operand), 400, error_type)
    }
  })

  test('each filter refuses a missing value with its own type, and values of the wrong kind', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const lists = [
      'organization_ids',
      'organization_slugs',
      'member_emails',
      'allowed_domains',
      'claimed_email_domains',
    ]
    const fuzzy = ['organization_slug_fuzzy', 'organization_name_fuzzy', 'member_email_fuzzy', 'allowed_domain_fuzzy']
    for (const name of [...lists, ...fuzzy, 'has_active_sso_connection', 'sso_connection_id']) {
      for (const operand of [{ filter_name: name }, filter(name, null), filter(name, [])]) {
        await refuse(here, project, route, query(operand), 400, `organization_search_missing_${name}`)
      }
    }
    const rows: [operand: Operand, error_type: string][] = [
      ...lists.flatMap((name): [Operand, string][] => [
        [filter(name, 'acme'), 'organization_search_expected_array_of_strings'],
        [filter(name, ['acme', 7]), 'organization_search_expected_array_of_strings'],
        [filter(name, Array(101).fill('acme')), 'bad_request'],
        [filter(name, ['x'.repeat(1025)]), 'bad_request'],
      ]),
      ...fuzzy.flatMap((name): [Operand, string][] => [
        [filter(name, 7), 'organization_search_expected_string'],
        [filter(name, ['acme']), 'organization_search_expected_string'],
        [filter(name, 'ab'), `organization_search_${name}_too_short`],
        [filter(name, 'x'.repeat(65)), 'bad_request'],
      ]),
      [filter('has_active_sso_connection', 'true'), 'organization_search_expected_boolean'],
      [filter('sso_connection_id', ['x']), 'organization_search_expected_string'],
      [filter('organization_ids', [`organization-live-${randomUUID()}`]), 'live_id_used_in_test_environment'],
      [filter('sso_connection_id', `saml-connection-live-${randomUUID()}`), 'live_id_used_in_test_environment'],
    ]
    for (const [operand, error_type] of rows) await refuse(here, project, route, query(operand), 400, error_type)
  })

  test('refuses operators, operands, limits and cursors that are none', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const operands = [filter('organization_slugs', ['acme'])]
    const bodies: [body: object, error_type: string][] = [
      [{ query: { operator: 'XOR', operands } }, 'user_search_invalid_operator'],
      [{ query: { operator: 7, operands } }, 'user_search_invalid_operator'],
      [{ query: { operands } }, 'bad_request'],
      [{ query: 'acme' }, 'bad_request'],
      [{ query: { operator: 'AND', operands: {} } }, 'bad_request'],
      [{ query: { operator: 'OR', operands: Array(101).fill(operands[0]) } }, 'bad_request'],
      [
        { query: { operator: 'OR', operands: Array(11).fill(filter('organization_name_fuzzy', 'acme')) } },
        'bad_request',
      ],
      ...[-1, 1001, 1.5, '10', true].map((limit): [object, string] => [{ limit }, 'user_search_invalid_limit']),
      ...[7, true, 'x', 'x.y'].map((cursor): [object, string] => [{ cursor }, 'user_search_invalid_cursor']),
    ]
    for (const [body, error_type] of bodies) await refuse(here, project, route, body, 400, error_type)
  })

  test('pages neither skip nor repeat organizations of the same millisecond, whatever comes and goes meanwhile', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project('B2B'), await here.project('B2B')]
    const made = await Promise.all(Array.from({ length: 25 }, () => newOrganization(here, project)))
    const expected = made.map(({ organization_id }) => organization_id).sort()
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const { organizations, results_metadata } = await succeed(here, project, route, { limit: 10, cursor })
      seen.push(...organizations.map(({ organization_id }: { organization_id: string }) => organization_id))
      const first = cursor === null
      cursor = results_metadata.next_cursor
      if (first) {
        assert.equal(results_metadata.total, 25)
        await succeed(here, project, `DELETE /v1/b2b/organizations/${seen[0]}`)
        await refuse(here, other, route, { cursor }, 400, 'user_search_invalid_cursor')
        const filtered = { cursor, ...query(filter('organization_name_fuzzy', 'Acme')) }
        await refuse(here, project, route, filtered, 400, 'user_search_invalid_cursor')
      }
    } while (cursor !== null)
    assert.deepEqual(seen, expected)
  })

  test('counts against the limit of searches', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const answers = await Promise.all(Array.from({ length: 151 }, () => call(here, project, route)))
    assert.ok(answers.some(({ status }) => status === 200))
    const refused = answers.filter(({ status }) => status !== 200)
    assert.deepEqual([...new Set(refused.map(({ body }) => body.error_type))], ['too_many_requests'])
  })
})
