/** POST /v1/b2b/organizations: what a new organization has, every refusal, and that a refused one leaves nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../support/call.ts'
import {
  countOrganizations,
  newOrganization,
  organizationsRoute,
  setB2bPolicy,
} from '../../../support/organizations.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const route = organizationsRoute
const named = (settings: object) => ({ organization_name: 'Acme', ...settings })

onBothEngines('organizations.create', (engine) => {
  test('a name is enough: the rest has its defaults, and everybody can be invited', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const { organization } = await succeed(here, project, route, { organization_name: 'Acme Inc.' })
    const { organization_id, created_at, updated_at, ...rest } = organization
    assert.match(organization_id, /^organization-test-[0-9a-f-]{36}$/)
    assert.equal(created_at, updated_at)
    assert.deepEqual(rest, {
      organization_name: 'Acme Inc.',
      organization_slug: 'acme-inc.',
      organization_logo_url: '',
      organization_external_id: null,
      trusted_metadata: {},
      sso_default_connection_id: null,
      sso_jit_provisioning: 'ALL_ALLOWED',
      sso_jit_provisioning_allowed_connections: [],
      sso_active_connections: [],
      scim_active_connection: null,
      email_allowed_domains: [],
      email_jit_provisioning: 'NOT_ALLOWED',
      email_invites: 'ALL_ALLOWED',
      oauth_tenant_jit_provisioning: 'NOT_ALLOWED',
      allowed_oauth_tenants: {},
      claimed_email_domains: [],
      auth_methods: 'ALL_ALLOWED',
      allowed_auth_methods: [],
      mfa_policy: 'OPTIONAL',
      mfa_methods: 'ALL_ALLOWED',
      allowed_mfa_methods: [],
      rbac_email_implicit_role_assignments: [],
      first_party_connected_apps_allowed_type: 'ALL_ALLOWED',
      allowed_first_party_connected_apps: [],
      third_party_connected_apps_allowed_type: 'ALL_ALLOWED',
      allowed_third_party_connected_apps: [],
      custom_roles: [],
    })
    const read = await succeed(here, project, `GET /v1/b2b/organizations/${organization_id}`)
    assert.deepEqual(read.organization, organization)
  })

  test('keeps everything that is given, domains in lower case', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    await setB2bPolicy(here, project, { custom_roles: [{ role_id: 'editor', description: '', permissions: [] }] })
    const given = {
      organization_name: 'Überorganisation',
      organization_slug: 'Acme~1',
      organization_logo_url: 'https://example.com/logo.png',
      organization_external_id: 'crm|7',
      trusted_metadata: { plan: 'pro' },
      sso_jit_provisioning: 'NOT_ALLOWED',
      email_allowed_domains: ['acme.com', 'acme.de'],
      email_jit_provisioning: 'RESTRICTED',
      email_invites: 'RESTRICTED',
      oauth_tenant_jit_provisioning: 'RESTRICTED',
      allowed_oauth_tenants: { slack: ['T1'], github: ['1', '2'] },
      claimed_email_domains: ['acme.com'],
      auth_methods: 'RESTRICTED',
      allowed_auth_methods: ['magic_link', 'google_oauth'],
      mfa_policy: 'REQUIRED_FOR_ALL',
      mfa_methods: 'RESTRICTED',
      allowed_mfa_methods: ['totp'],
      rbac_email_implicit_role_assignments: [
        { domain: 'acme.com', role_id: 'editor' },
        { domain: 'acme.com', role_id: 'stytch_admin' },
      ],
      first_party_connected_apps_allowed_type: 'RESTRICTED',
      allowed_first_party_connected_apps: ['connected-app-test-1'],
      third_party_connected_apps_allowed_type: 'NOT_ALLOWED',
      allowed_third_party_connected_apps: ['connected-app-test-2'],
    }
    const { organization } = await succeed(here, project, route, {
      ...given,
      email_allowed_domains: [' ACME.com', 'acme.DE'],
      claimed_email_domains: ['Acme.com'],
      rbac_email_implicit_role_assignments: [
        { domain: 'Acme.com', role_id: 'editor' },
        { domain: 'acme.com', role_id: 'stytch_admin' },
        { domain: 'acme.com', role_id: 'editor' },
      ],
    })
    for (const [name, value] of Object.entries(given)) assert.deepEqual(organization[name], value, name)
  })

  test('any setting about who comes in turns invitations off, unless they are set, too', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const invites = async (settings: object) => (await newOrganization(here, project, settings)).email_invites
    const deciding = [
      { sso_jit_provisioning: 'ALL_ALLOWED' },
      { email_allowed_domains: ['acme.com'] },
      { email_jit_provisioning: 'NOT_ALLOWED' },
      { auth_methods: 'ALL_ALLOWED' },
      { allowed_auth_methods: ['password'] },
      { mfa_policy: 'OPTIONAL' },
      { mfa_methods: 'ALL_ALLOWED' },
      { allowed_mfa_methods: [] },
      { oauth_tenant_jit_provisioning: 'NOT_ALLOWED' },
      { allowed_oauth_tenants: {} },
    ]
    for (const settings of deciding) assert.equal(await invites(settings), 'NOT_ALLOWED', JSON.stringify(settings))
    assert.equal(await invites({ mfa_policy: 'OPTIONAL', email_invites: 'ALL_ALLOWED' }), 'ALL_ALLOWED')
    const others = { claimed_email_domains: ['acme.com'], organization_logo_url: 'x', mfa_policy: null }
    assert.equal(await invites(others), 'ALL_ALLOWED')
  })

  test('derives a slug from the name, and another one when it is taken', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const slugOf = async (organization_name: string, organization_slug?: string | null) =>
      (await newOrganization(here, project, { organization_name, organization_slug })).organization_slug
    assert.equal(await slugOf('  Café & Söhne — GmbH  '), 'cafe-sohne-gmbh')
    assert.equal(await slugOf('CAFE SOHNE GMBH', ''), 'cafe-sohne-gmbh-2')
    assert.equal(await slugOf('Cafe.Sohne', null), 'cafe.sohne')
    assert.equal(await slugOf('X'), 'org-x')
    assert.equal(await slugOf('株式会社'), 'organization')
    assert.equal(await slugOf('…'), 'organization-2')
    assert.equal(await slugOf('Organization Test 1'), 'org-organization-test-1')
    const long = 'a'.repeat(128)
    assert.equal(await slugOf(long), long)
    assert.equal(await slugOf(long), `${'a'.repeat(126)}-2`)
    for (let n = 0; n < 12; n++) assert.match(await slugOf('Popular'), n < 9 ? /^popular(-\d)?$/ : /^popular-\d{5,9}$/)
  })

  test('refuses a name that is none', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    for (const body of [
      undefined,
      {},
      { organization_name: '' },
      { organization_name: null },
      { organization_name: 7 },
    ]) {
      await refuse(here, project, route, body, 400, 'organization_name_missing')
    }
    for (const organization_name of ['  ', 'n'.repeat(129), '🦊'.repeat(129)]) {
      await refuse(here, project, route, { organization_name }, 400, 'invalid_organization_name')
    }
    assert.equal(await countOrganizations(here, project), 0)
    await newOrganization(here, project, { organization_name: '🦊'.repeat(128) })
  })

  test('refuses what has the wrong form, and creates nothing', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const many = Array.from({ length: 101 }, (_, index) => `d${index}.example`)
    const rows: [body: object, error_type: string][] = [
      ...['a', '--', 'a b', 'a/b', 'ä-b', 's'.repeat(129), 'organization-test-1', 'Organization-Live-1'].map(
        (organization_slug): [object, string] => [{ organization_slug }, 'invalid_organization_slug'],
      ),
      [{ organization_slug: `user-live-${'00000000-0000-4000-8000-000000000000'}` }, 'invalid_organization_slug'],
      [{ organization_slug: 7 }, 'bad_request'],
      [{ organization_external_id: 'a b' }, 'invalid_organization_external_id'],
      [{ organization_external_id: 'e'.repeat(129) }, 'invalid_organization_external_id'],
      [{ organization_external_id: 'organization-test-1' }, 'bad_request'],
      [{ organization_external_id: 'member-live-1' }, 'bad_request'],
      [{ organization_logo_url: 'l'.repeat(2049) }, 'organization_logo_url_too_long'],
      [{ trusted_metadata: [] }, 'metadata_invalid_format'],
      [{ trusted_metadata: { text: 'x'.repeat(4096) } }, 'metadata_too_large'],
      [{ trusted_metadata: Object.fromEntries(many.slice(0, 21).map((key) => [key, 1])) }, 'metadata_too_many_keys'],
      [{ sso_jit_provisioning: 'SOME' }, 'bad_request'],
      [{ email_jit_provisioning: 'ALL_ALLOWED' }, 'bad_request'],
      [{ email_invites: 'all_allowed' }, 'bad_request'],
      [{ oauth_tenant_jit_provisioning: 'ALL_ALLOWED' }, 'bad_request'],
      [{ auth_methods: 'NOT_ALLOWED' }, 'bad_request'],
      [{ first_party_connected_apps_allowed_type: 'x' }, 'bad_request'],
      [{ third_party_connected_apps_allowed_type: 'x' }, 'bad_request'],
      [{ allowed_first_party_connected_apps: [''] }, 'bad_request'],
      [{ allowed_third_party_connected_apps: many }, 'bad_request'],
      [{ mfa_policy: 'REQUIRED' }, 'invalid_organization_mfa_policy'],
      [{ mfa_methods: 'NOT_ALLOWED' }, 'invalid_organization_mfa_factor_setting'],
      [{ allowed_auth_methods: 'password' }, 'invalid_organization_allowed_auth_methods'],
      [{ allowed_auth_methods: ['passkey'] }, 'invalid_organization_allowed_auth_methods'],
      [{ allowed_mfa_methods: ['sms'] }, 'invalid_organization_allowed_mfa_methods'],
      [{ allowed_mfa_methods: [null] }, 'invalid_organization_allowed_mfa_methods'],
      [{ allowed_oauth_tenants: [] }, 'invalid_oauth_allowed_tenants_format'],
      [{ allowed_oauth_tenants: { google: ['a'] } }, 'invalid_oauth_allowed_tenants_format'],
      [{ allowed_oauth_tenants: { slack: 'a' } }, 'invalid_oauth_allowed_tenants_format'],
      [{ allowed_oauth_tenants: { slack: [7] } }, 'invalid_oauth_allowed_tenants_format'],
      [{ allowed_oauth_tenants: { slack: [''] } }, 'invalid_oauth_allowed_tenants_format'],
      [{ allowed_oauth_tenants: { slack: many } }, 'invalid_oauth_allowed_tenants_format'],
      [{ email_allowed_domains: ['acme'] }, 'organization_settings_invalid_domain'],
      [{ email_allowed_domains: ['ada@acme.com'] }, 'organization_settings_invalid_domain'],
      [{ email_allowed_domains: ['@acme.com'] }, 'organization_settings_invalid_domain'],
      [{ email_allowed_domains: ['https://acme.com'] }, 'organization_settings_invalid_domain'],
      [{ email_allowed_domains: ['*.acme.com'] }, 'organization_settings_invalid_domain'],
      [{ email_allowed_domains: ['Gmail.com'] }, 'organization_settings_domain_too_common'],
      [{ email_allowed_domains: ['acme.com', 'ACME.com'] }, 'organization_settings_duplicate_domain'],
      [{ email_allowed_domains: many }, 'too_many_domains'],
      [{ claimed_email_domains: ['acme'] }, 'organization_settings_invalid_claimed_domain'],
      [{ claimed_email_domains: ['yahoo.co.uk'] }, 'organization_settings_claimed_domain_too_common'],
      [{ claimed_email_domains: ['acme.com', 'acme.com'] }, 'organization_settings_duplicate_claimed_domain'],
      [{ claimed_email_domains: many }, 'too_many_domains'],
      [{ rbac_email_implicit_role_assignments: [{ domain: 'acme.com' }] }, 'bad_request'],
      [
        { rbac_email_implicit_role_assignments: [{ domain: 'acme.com', role_id: 'editor' }] },
        'invalid_rbac_role_assignment',
      ],
      [{ rbac_email_implicit_role_assignments: [{ domain: 'acme', role_id: 'stytch_admin' }] }, 'rbac_invalid_domain'],
      [
        { rbac_email_implicit_role_assignments: [{ domain: 'gmail.com', role_id: 'stytch_admin' }] },
        'rbac_domain_too_common',
      ],
      [
        { rbac_email_implicit_role_assignments: many.map((domain) => ({ domain, role_id: 'stytch_admin' })) },
        'too_many_domains',
      ],
    ]
    for (const [body, error_type] of rows) await refuse(here, project, route, named(body), 400, error_type)
    assert.equal(await countOrganizations(here, project), 0)
  })

  test('refuses settings that contradict each other, and creates nothing', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const rows: [body: object, error_type: string][] = [
      [{ sso_jit_provisioning: 'NOT_ALLOWED' }, 'invalid_organization_auth_factor_setting'],
      [{ sso_jit_provisioning: 'RESTRICTED' }, 'invalid_restricted_sso_setting'],
      [{ email_invites: 'RESTRICTED' }, 'invalid_restricted_email_setting'],
      [{ email_jit_provisioning: 'RESTRICTED', email_allowed_domains: [] }, 'invalid_restricted_email_setting'],
      [{ oauth_tenant_jit_provisioning: 'RESTRICTED' }, 'invalid_restricted_oauth_tenants_setting'],
      [
        { oauth_tenant_jit_provisioning: 'RESTRICTED', allowed_oauth_tenants: { slack: [] } },
        'invalid_restricted_oauth_tenants_setting',
      ],
      [{ auth_methods: 'RESTRICTED' }, 'allowed_auth_methods_required_for_restricted'],
      [{ mfa_methods: 'RESTRICTED', allowed_mfa_methods: [] }, 'allowed_mfa_methods_required_for_restricted'],
    ]
    for (const [body, error_type] of rows) await refuse(here, project, route, named(body), 400, error_type)
    assert.equal(await countOrganizations(here, project), 0)
    await newOrganization(here, project, { sso_jit_provisioning: 'NOT_ALLOWED', email_invites: 'ALL_ALLOWED' })
  })

  test('refuses a slug, external id or domain that another organization has; other projects do not matter', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project('B2B'), await here.project('B2B')]
    const taken = {
      organization_slug: 'Acme',
      organization_external_id: 'crm|7',
      claimed_email_domains: ['acme.com', 'acme.de'],
    }
    await newOrganization(here, project, taken)
    const rows: [body: object, error_type: string][] = [
      [{ organization_slug: 'aCME' }, 'organization_slug_already_used'],
      [{ organization_external_id: 'crm|7' }, 'organization_external_id_already_used'],
      [{ claimed_email_domains: ['spare.example', 'acme.de'] }, 'organization_settings_duplicate_claimed_domain'],
    ]
    for (const [body, error_type] of rows) {
      await refuse(here, project, route, { organization_name: 'Second', ...body }, 400, error_type)
    }
    assert.equal(await countOrganizations(here, project), 1)
    await newOrganization(here, other, taken)
    // What a refused call had claimed already is free.
    await newOrganization(here, project, {
      organization_name: 'Second',
      organization_external_id: 'crm|8',
      claimed_email_domains: ['spare.example'],
      email_allowed_domains: ['acme.com'],
    })
  })

  for (const [what, body, error_type] of [
    ['slug', { organization_slug: 'acme' }, 'organization_slug_already_used'],
    ['external id', { organization_external_id: 'acme' }, 'organization_external_id_already_used'],
    ['claimed domain', { claimed_email_domains: ['acme.com'] }, 'organization_settings_duplicate_claimed_domain'],
  ] as const) {
    test(`of 100 calls at once with one ${what}, exactly one succeeds`, async () => {
      const here = await world(engine)
      const project = await here.project('B2B')
      const answers = await Promise.all(Array.from({ length: 100 }, () => call(here, project, route, named(body))))
      const refused = answers.filter(({ status }) => status !== 200)
      assert.equal(refused.length, 99)
      assert.deepEqual([...new Set(refused.map(({ body }) => body.error_type))], [error_type])
      assert.equal(await countOrganizations(here, project), 1)
    })
  }

  test('50 calls at once with one name and no slug all succeed, with a slug each', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const made = await Promise.all(Array.from({ length: 50 }, () => newOrganization(here, project)))
    assert.equal(new Set(made.map(({ organization_slug }) => organization_slug)).size, 50)
  })

  test('is for B2B projects', async () => {
    const here = await world(engine)
    await refuse(here, await here.project(), route, named({}), 400, 'invalid_b2b_endpoint')
  })
})
