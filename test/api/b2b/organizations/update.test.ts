/** PUT /v1/b2b/organizations/{organization_id}: what a change replaces, what it merges, and that a refused one writes nothing. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { SECOND } from '../../../../src/values/time.ts'
import { call, operationAt, refuse, succeed } from '../../../support/call.ts'
import { memberIn } from '../../../support/members.ts'
import { actingWith, addMember, newOrganization, setB2bPolicy } from '../../../support/organizations.ts'
import { startSession } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const put = (reference: string) => `PUT /v1/b2b/organizations/${encodeURIComponent(reference)}`
const get = (reference: string) => `GET /v1/b2b/organizations/${encodeURIComponent(reference)}`

const settings = {
  organization_slug: 'acme',
  organization_logo_url: 'https://example.com/logo.png',
  organization_external_id: 'crm|7',
  trusted_metadata: { plan: 'pro', seats: 5 },
  email_allowed_domains: ['acme.com', 'acme.de'],
  email_jit_provisioning: 'RESTRICTED',
  email_invites: 'RESTRICTED',
  claimed_email_domains: ['acme.com'],
  auth_methods: 'RESTRICTED',
  allowed_auth_methods: ['magic_link'],
  oauth_tenant_jit_provisioning: 'RESTRICTED',
  allowed_oauth_tenants: { slack: ['T1'] },
}

onBothEngines('organizations.update', (engine) => {
  test('what is absent or null stays, and so do slug and external id when they are empty', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const { updated_at, ...before } = await newOrganization(here, project, settings)
    const nothing = Object.fromEntries(Object.keys(before).map((name) => [name, null]))
    for (const body of [undefined, {}, nothing, { organization_slug: '', organization_external_id: '', unknown: 1 }]) {
      here.clock.advance(SECOND)
      const { organization } = await succeed(here, project, put('acme'), body)
      const { updated_at: written, ...after } = organization
      assert.deepEqual(after, before)
      assert.ok(written > updated_at)
    }
  })

  test('changes each field by itself: lists and maps as a whole, metadata by key', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    await setB2bPolicy(here, project, { custom_roles: [{ role_id: 'editor', description: '', permissions: [] }] })
    let known = await newOrganization(here, project, settings)
    const changes: [change: object, result?: object][] = [
      [{ organization_name: 'Acme Two' }],
      [{ organization_slug: 'ACME' }],
      [{ organization_slug: 'acme-2' }],
      [{ organization_logo_url: '' }],
      [{ organization_external_id: 'crm|8' }],
      [{ trusted_metadata: { seats: null, theme: 'dark' } }, { trusted_metadata: { plan: 'pro', theme: 'dark' } }],
      [{ email_allowed_domains: ['Acme.DE'] }, { email_allowed_domains: ['acme.de'] }],
      [{ email_jit_provisioning: 'NOT_ALLOWED' }],
      [{ email_invites: 'ALL_ALLOWED' }],
      [{ email_allowed_domains: [] }],
      [{ claimed_email_domains: ['acme.com', 'acme.de'] }],
      [{ claimed_email_domains: ['acme.de'] }],
      [{ allowed_auth_methods: ['sso', 'password'] }],
      [{ auth_methods: 'ALL_ALLOWED', allowed_auth_methods: [] }],
      [{ mfa_policy: 'REQUIRED_FOR_ALL' }],
      [{ mfa_methods: 'RESTRICTED', allowed_mfa_methods: ['totp', 'sms_otp'] }],
      [{ allowed_oauth_tenants: { github: ['1'] } }],
      [{ oauth_tenant_jit_provisioning: 'NOT_ALLOWED', allowed_oauth_tenants: {} }],
      [{ rbac_email_implicit_role_assignments: [{ domain: 'acme.com', role_id: 'editor' }] }],
      [{ rbac_email_implicit_role_assignments: [] }],
      [{ sso_jit_provisioning: 'NOT_ALLOWED' }],
      [{ sso_default_connection_id: '' }, { sso_default_connection_id: null }],
      [{ sso_jit_provisioning_allowed_connections: [] }],
      [{ first_party_connected_apps_allowed_type: 'NOT_ALLOWED', allowed_first_party_connected_apps: ['a'] }],
      [{ third_party_connected_apps_allowed_type: 'RESTRICTED', allowed_third_party_connected_apps: ['b', 'c'] }],
    ]
    for (const [change, result = change] of changes) {
      here.clock.advance(SECOND)
      const { organization } = await succeed(here, project, put(known.organization_id), change)
      assert.deepEqual(
        organization,
        { ...known, ...result, updated_at: organization.updated_at },
        JSON.stringify(change),
      )
      const read = await succeed(here, project, get(known.organization_id))
      assert.deepEqual(read.organization, organization)
      known = organization
    }
  })

  test('an old slug, external id and claim are free for others; the new ones are not', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const old = { organization_slug: 'old', organization_external_id: 'old-id', claimed_email_domains: ['old.example'] }
    const current = {
      organization_slug: 'new',
      organization_external_id: 'new-id',
      claimed_email_domains: ['new.example'],
    }
    await newOrganization(here, project, old)
    await succeed(here, project, put('old'), current)
    for (const reference of ['old', 'old-id']) {
      await refuse(here, project, get(reference), undefined, 404, 'organization_not_found')
    }
    const second = await newOrganization(here, project, old)
    const taken: [body: object, error_type: string][] = [
      [{ organization_slug: 'NEW' }, 'organization_slug_already_used'],
      [{ organization_external_id: 'new-id' }, 'organization_external_id_already_used'],
      [{ claimed_email_domains: ['new.example'] }, 'organization_settings_duplicate_claimed_domain'],
    ]
    for (const [body, error_type] of taken) {
      await refuse(here, project, put('old'), { organization_name: 'Changed', ...body }, 400, error_type)
    }
    assert.deepEqual((await succeed(here, project, get('old'))).organization, second)
    // Nothing that was claimed or released on the way has stuck.
    await succeed(here, project, put('new'), current)
    await succeed(here, project, put('old'), old)
  })

  test('no organization can take the external id of another for a slug, or the other way round', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const victim = await newOrganization(here, project, {
      organization_slug: 'victim',
      organization_external_id: 'Crm-7',
    })
    const thief = await newOrganization(here, project, { organization_slug: 'thief' })
    await refuse(here, project, put('thief'), { organization_slug: 'Crm-7' }, 400, 'organization_slug_already_used')
    const external = { organization_external_id: 'victim' }
    await refuse(here, project, put('thief'), external, 400, 'organization_external_id_already_used')
    assert.deepEqual((await succeed(here, project, get('thief'))).organization, thief)
    assert.deepEqual((await succeed(here, project, get('Crm-7'))).organization, victim)
    // Not even in another case, a new slug derived from a name, or at the same moment.
    await succeed(here, project, put('thief'), { organization_slug: 'crm-7' })
    assert.deepEqual((await succeed(here, project, get('Crm-7'))).organization, victim)
    await newOrganization(here, project, { organization_slug: 'x-1', organization_external_id: 'two-words' })
    const derived = await newOrganization(here, project, { organization_name: 'Two words' })
    assert.equal(derived.organization_slug, 'two-words-2')
    const [one, two] = [await newOrganization(here, project), await newOrganization(here, project)]
    const answers = await Promise.all([
      call(here, project, put(one.organization_id), { organization_slug: 'wanted' }),
      call(here, project, put(two.organization_id), { organization_external_id: 'wanted' }),
    ])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400])
  })

  test('refuses what does not fit, also together with what is kept, and writes no part of the change', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const before = await newOrganization(here, project, settings)
    const rows: [body: object, error_type: string][] = [
      [{ organization_name: '' }, 'organization_name_missing'],
      [{ organization_name: ' ' }, 'invalid_organization_name'],
      [{ organization_name: 7 }, 'bad_request'],
      [{ organization_slug: 'a' }, 'invalid_organization_slug'],
      [{ organization_external_id: 'a b' }, 'invalid_organization_external_id'],
      [{ organization_external_id: 'organization-test-7' }, 'bad_request'],
      [{ organization_logo_url: 'l'.repeat(2049) }, 'organization_logo_url_too_long'],
      [{ trusted_metadata: 'x' }, 'metadata_invalid_format'],
      [{ trusted_metadata: { more: 'x'.repeat(4080) } }, 'metadata_too_large'],
      [{ email_allowed_domains: [] }, 'invalid_restricted_email_setting'],
      [{ email_allowed_domains: ['gmail.com'] }, 'organization_settings_domain_too_common'],
      [{ claimed_email_domains: ['gmail.com'] }, 'organization_settings_claimed_domain_too_common'],
      [{ allowed_auth_methods: [] }, 'allowed_auth_methods_required_for_restricted'],
      [{ allowed_auth_methods: ['x'] }, 'invalid_organization_allowed_auth_methods'],
      [{ mfa_methods: 'RESTRICTED' }, 'allowed_mfa_methods_required_for_restricted'],
      [{ allowed_oauth_tenants: {} }, 'invalid_restricted_oauth_tenants_setting'],
      [{ allowed_oauth_tenants: { slack: null } }, 'invalid_restricted_oauth_tenants_setting'],
      [{ sso_jit_provisioning: 'RESTRICTED' }, 'invalid_restricted_sso_setting'],
      [
        { sso_jit_provisioning: 'NOT_ALLOWED', email_jit_provisioning: 'NOT_ALLOWED', email_invites: 'NOT_ALLOWED' },
        'invalid_organization_auth_factor_setting',
      ],
      [{ sso_default_connection_id: 'saml-connection-test-1' }, 'invalid_sso_default_connection_id'],
      [{ sso_jit_provisioning_allowed_connections: ['x'] }, 'invalid_connection_for_jit_provisioning'],
      [
        { rbac_email_implicit_role_assignments: [{ domain: 'acme.com', role_id: 'nobody' }] },
        'invalid_rbac_role_assignment',
      ],
    ]
    for (const [body, error_type] of rows) {
      const change = { trusted_metadata: { changed: true }, organization_slug: 'changed', ...body }
      await refuse(here, project, put('acme'), change, 400, error_type)
    }
    assert.deepEqual((await succeed(here, project, get('acme'))).organization, before)
  })

  test('an organization of another project is not there', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project('B2B'), await here.project('B2B')]
    const { organization_id } = await newOrganization(here, project, settings)
    for (const reference of [organization_id, 'acme', 'crm|7']) {
      await refuse(here, other, put(reference), { organization_name: 'x' }, 404, 'organization_not_found')
    }
    await refuse(here, other, put('organization-test-7'), {}, 400, 'invalid_organization_id')
  })

  test('of 100 organizations that take one slug at once, exactly one gets it', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const all = await Promise.all(Array.from({ length: 100 }, () => newOrganization(here, project)))
    const answers = await Promise.all(
      all.map(({ organization_id }) => call(here, project, put(organization_id), { organization_slug: 'wanted' })),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    const refused = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error_type)
    assert.deepEqual([...new Set(refused)], ['organization_slug_already_used'])
  })

  test('changes of different fields at the same time all count', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const { organization_id } = await newOrganization(here, project)
    const changes = Array.from({ length: 10 }, (_, index) => ({ trusted_metadata: { [`k${index}`]: index } }))
    await Promise.all(changes.map((change) => succeed(here, project, put(organization_id), change)))
    const { organization } = await succeed(here, project, get(organization_id))
    assert.equal(Object.keys(organization.trusted_metadata).length, 10)
  })

  test('members need the action of every field they change, and never reach metadata or another organization', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const changes: [field: string, value: unknown, action: string][] = [
      ['organization_name', 'Acme Two', 'update.info.name'],
      ['organization_slug', 'acme-two', 'update.info.slug'],
      ['organization_logo_url', 'x', 'update.info.logo-url'],
      ['organization_external_id', 'crm|8', '*'],
      ['claimed_email_domains', [], '*'],
      ['sso_default_connection_id', '', 'update.settings.default-sso-connection'],
      ['sso_jit_provisioning', 'ALL_ALLOWED', 'update.settings.sso-jit-provisioning'],
      ['sso_jit_provisioning_allowed_connections', [], 'update.settings.sso-jit-provisioning'],
      ['email_allowed_domains', ['acme.com'], 'update.settings.allowed-domains'],
      ['email_jit_provisioning', 'NOT_ALLOWED', 'update.settings.email-jit-provisioning'],
      ['email_invites', 'ALL_ALLOWED', 'update.settings.email-invites'],
      ['auth_methods', 'ALL_ALLOWED', 'update.settings.allowed-auth-methods'],
      ['allowed_auth_methods', [], 'update.settings.allowed-auth-methods'],
      ['mfa_policy', 'OPTIONAL', 'update.settings.mfa-policy'],
      ['mfa_methods', 'ALL_ALLOWED', 'update.settings.allowed-mfa-methods'],
      ['allowed_mfa_methods', [], 'update.settings.allowed-mfa-methods'],
      ['rbac_email_implicit_role_assignments', [], 'update.settings.implicit-roles'],
      ['oauth_tenant_jit_provisioning', 'NOT_ALLOWED', 'update.settings.oauth-tenant-jit-provisioning'],
      ['allowed_oauth_tenants', {}, 'update.settings.allowed-oauth-tenants'],
      ['first_party_connected_apps_allowed_type', 'ALL_ALLOWED', 'update.settings.allowed-first-party-connected-apps'],
      ['allowed_first_party_connected_apps', [], 'update.settings.allowed-first-party-connected-apps'],
      ['third_party_connected_apps_allowed_type', 'ALL_ALLOWED', 'update.settings.allowed-third-party-connected-apps'],
      ['allowed_third_party_connected_apps', [], 'update.settings.allowed-third-party-connected-apps'],
    ]
    assert.deepEqual(
      changes.map(([field]) => field).sort(),
      Object.keys(operationAt('PUT', '/v1/b2b/organizations/x')?.body.shape ?? {})
        .filter((field) => field !== 'trusted_metadata')
        .sort(),
    )
    const permission = (actions: string[]) => [{ resource_id: 'stytch.organization', actions }]
    const actions = [...new Set(changes.map(([, , action]) => action))]
    await setB2bPolicy(here, project, {
      custom_roles: actions.flatMap((action, index) => {
        const others = actions.filter((one) => one !== '*' && one !== action)
        return [
          { role_id: `only${index}`, description: '', permissions: permission([action]) },
          { role_id: `not${index}`, description: '', permissions: permission(others) },
        ]
      }),
    })
    const organization = await newOrganization(here, project)
    const other = await newOrganization(here, project)
    const tokenWith = async (role_id: string) => {
      const { member_id } = await addMember(here, project, organization, { assigned_roles: [role_id] })
      return actingWith(here, await startSession(here, project, member_id))
    }
    const route = put(organization.organization_id)
    for (const [field, value, action] of changes) {
      const index = actions.indexOf(action)
      const able = await tokenWith(`only${index}`)
      const change = { [field]: value }
      await refuse(await tokenWith(`not${index}`), project, route, change, 403, 'session_authorization_error')
      await succeed(able, project, route, change)
      const more = { ...change, trusted_metadata: { a: 1 } }
      await refuse(able, project, route, more, 401, 'cannot_update_trusted_metadata')
      await refuse(able, project, put(other.organization_id), change, 403, 'session_authorization_tenancy_error')
    }
    const admin = await tokenWith('stytch_admin')
    await succeed(admin, project, route, Object.fromEntries(changes))
    const { organization: untouched } = await succeed(here, project, get(other.organization_id))
    assert.deepEqual(untouched, other)
  })

  test('a member claims no domain but that of the own proven address: anybody could keep a company out', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const { organization_id } = await newOrganization(here, project, { claimed_email_domains: ['before.example'] })
    const route = put(organization_id)
    const admin = async (email_address_verified: boolean) => {
      const given = { email_address: `${randomUUID()}@own.example`, email_address_verified, roles: ['stytch_admin'] }
      const { member_id } = await memberIn(here, project, { organization_id }, given)
      return actingWith(here, await startSession(here, project, member_id))
    }
    const [proven, unproven] = [await admin(true), await admin(false)]
    const own = { claimed_email_domains: ['before.example', 'own.example'] }
    const foreign = { claimed_email_domains: ['before.example', 'company.example'] }
    await refuse(unproven, project, route, own, 403, 'session_authorization_error')
    await refuse(proven, project, route, foreign, 403, 'session_authorization_error')
    await succeed(proven, project, route, own)
    await succeed(unproven, project, route, { claimed_email_domains: ['own.example'] })
    await succeed(here, project, route, foreign)
  })
})
