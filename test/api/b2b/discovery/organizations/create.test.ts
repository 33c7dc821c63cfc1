/** POST /v1/b2b/discovery/organizations/create. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { newToken } from '../../../../../src/crypto/tokens.ts'
import { MINUTE, rfc3339 } from '../../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../../support/call.ts'
import { assertSignedIn, assertWithheld, createRoute, discoveryScene, password } from '../../../../support/discovery.ts'
import { lastMessage } from '../../../../support/inbox.ts'
import { newAddress, traces } from '../../../../support/links.ts'
import { race } from '../../../../support/members.ts'
import { toPeriodStart } from '../../../../support/one_time_codes.ts'
import { countOrganizations, organizationsRoute } from '../../../../support/organizations.ts'
import { smsRoute } from '../../../../support/second_factor.ts'
import { onBothEngines } from '../../../../support/world.ts'

onBothEngines('discovery.organizations.create', (engine) => {
  test('the organization is as asked for, its creator an administrator with a session', async () => {
    const { here, project, proven, create, refuseCreate } = await discoveryScene(engine)
    const email_address = newAddress()
    const token = await proven(email_address)
    const settings = {
      organization_name: 'Acme & Sons',
      organization_slug: `acme-${randomUUID()}`,
      organization_external_id: `own-${randomUUID()}`,
      organization_logo_url: 'https://example.com/logo.png',
      trusted_metadata: { tier: 'gold' },
      sso_jit_provisioning: 'NOT_ALLOWED',
      email_allowed_domains: ['example.com'],
      email_jit_provisioning: 'RESTRICTED',
      email_invites: 'RESTRICTED',
      auth_methods: 'RESTRICTED',
      allowed_auth_methods: ['magic_link', 'sso'],
      mfa_policy: 'OPTIONAL',
      mfa_methods: 'RESTRICTED',
      allowed_mfa_methods: ['totp'],
      rbac_email_implicit_role_assignments: [{ domain: 'example.com', role_id: 'stytch_admin' }],
      oauth_tenant_jit_provisioning: 'RESTRICTED',
      allowed_oauth_tenants: { slack: ['T1'] },
      first_party_connected_apps_allowed_type: 'NOT_ALLOWED',
      allowed_first_party_connected_apps: [],
      third_party_connected_apps_allowed_type: 'RESTRICTED',
      allowed_third_party_connected_apps: ['app-1'],
    }
    const more = { session_duration_minutes: 30, session_custom_claims: { plan: 'pro' }, telemetry_id: 'x' }
    const reply = await create(token, { ...settings, ...more })
    assertSignedIn(reply)
    for (const [name, value] of Object.entries(settings)) assert.deepEqual(reply.organization[name], value, name)
    assert.deepEqual(reply.organization.claimed_email_domains, [])
    const { member, member_session } = reply
    assert.deepEqual(
      [member.email_address, member.status, member.email_address_verified],
      [email_address, 'active', true],
    )
    assert.equal(member.is_admin, true)
    assert.deepEqual(member_session.roles, ['stytch_member', 'stytch_admin'])
    assert.deepEqual([member_session.custom_claims, member_session.member_id], [{ plan: 'pro' }, member.member_id])
    assert.equal(member_session.expires_at, rfc3339(here.clock.now() + 30 * MINUTE))
    const { organization_id } = reply.organization
    assert.equal(reply.organization_id, organization_id)
    const path = `GET /v1/b2b/organizations/${organization_id}`
    assert.deepEqual((await succeed(here, project, path)).organization, reply.organization)
    const admin = member.roles.find(({ role_id }: { role_id: string }) => role_id === 'stytch_admin')
    assert.ok(admin.sources.some(({ type }: { type: string }) => type === 'direct_assignment'))
    await refuseCreate({ intermediate_session_token: token }, 404, 'intermediate_session_not_found')
    assert.equal(await countOrganizations(here, project), 1)
  })

  test('without a name it is called after the domain, or after the person where many share the domain', async () => {
    const { proven, create } = await discoveryScene(engine)
    const cases = [
      ['ada@acme.com', 'acme', 'acme'],
      ['ada@mail.globex.co.uk', 'globex', 'globex'],
      ['ada@x.io', 'x', 'org-x'],
      ['ada.lovelace+work@gmail.com', 'ada.lovelace', 'ada.lovelace'],
      ['bob@yahoo.co.uk', 'bob', 'bob'],
      ['grace@cs.yale.edu', 'grace', 'grace'],
      ['lin@uni.edu.au', 'lin', 'lin'],
      ['+@gmail.com', '+', 'organization'],
    ] as const
    for (const [email_address, name, slug] of cases) {
      const { organization } = await create(await proven(email_address), {
        organization_name: '',
        organization_slug: '',
      })
      assert.deepEqual([organization.organization_name, organization.organization_slug], [name, slug])
      assert.deepEqual([organization.email_invites, organization.mfa_policy], ['ALL_ALLOWED', 'OPTIONAL'])
    }
  })

  test('a slug that is taken gets four drawn letters; one that was asked for is refused', async () => {
    const { here, project, proven, create, refuseCreate } = await discoveryScene(engine)
    const slugs = new Set<string>()
    for (let n = 0; n < 3; n++) {
      const { organization } = await create(await proven(`${n}@acme.com`))
      slugs.add(organization.organization_slug)
    }
    const [first, ...others] = slugs
    assert.deepEqual([first, others.length], ['acme', 2])
    for (const slug of others) assert.match(slug, /^acme-[a-z0-9]{4}$/)
    const { organization } = await create(await proven(newAddress()), { organization_name: 'ACME' })
    assert.match(organization.organization_slug, /^acme-[a-z0-9]{4}$/)
    const intermediate_session_token = await proven(newAddress())
    const before = await traces(here, project)
    const taken = { intermediate_session_token, organization_slug: 'Acme' }
    await refuseCreate(taken, 400, 'organization_slug_already_used')
    assert.deepEqual(await traces(here, project), before)
  })

  test('a second factor that the organization asks of everybody is asked of its creator, too', async () => {
    const { here, project, proven, create } = await discoveryScene(engine)
    toPeriodStart(here, 600)
    const token = await proven(newAddress())
    const reply = await create(token, { mfa_policy: 'REQUIRED_FOR_ALL' })
    assertWithheld(reply, token)
    assert.deepEqual(reply.mfa_required, { member_options: null, secondary_auth_initiated: null })
    assert.deepEqual([reply.primary_required, reply.member.status, reply.member.is_admin], [null, 'active', true])
    const { organization_id, member_id } = reply
    const named = { organization_id, member_id, intermediate_session_token: token }
    const phone = '+14155550133'
    await succeed(here, project, 'POST /v1/b2b/otps/sms/send', { ...named, mfa_phone_number: phone })
    const { code } = await lastMessage(here, phone, project)
    const done = await succeed(here, project, smsRoute, { ...named, code })
    assert.deepEqual(done.member_session.roles, ['stytch_member', 'stytch_admin'])
  })

  test('own settings that exclude the method leave organization and a pending administrator, who may go on', async () => {
    const { proven, create, exchange, list } = await discoveryScene(engine)
    const email_address = newAddress()
    const token = await proven(email_address)
    const reply = await create(token, { auth_methods: 'RESTRICTED', allowed_auth_methods: ['email_otp', 'sso'] })
    assertWithheld(reply, token)
    assert.deepEqual(reply.primary_required, { allowed_auth_methods: ['email_otp', 'sso'] })
    assert.deepEqual([reply.member.status, reply.member.is_admin], ['pending', true])
    const { discovered_organizations } = await list({ intermediate_session_token: token })
    assert.equal(discovered_organizations[0].membership.type, 'pending_member')
    const code = { type: 'email_otp', delivery_method: 'email', email_factor: { email_id: '', email_address } } as const
    assertSignedIn(await exchange(await proven(email_address, code), reply.organization))
  })

  test('an address that was not proven founds an organization, but is not let in', async () => {
    const { proven, create } = await discoveryScene(engine)
    const email_address = newAddress()
    const token = await proven(email_address, password)
    const reply = await create(token)
    assertWithheld(reply, token)
    assert.ok(reply.primary_required.allowed_auth_methods.includes('magic_link'))
    assert.deepEqual([reply.member.status, reply.member.email_address_verified], ['pending', false])
    assertSignedIn(await create(await proven(newAddress(), password, true)))
  })

  test('whatever refuses leaves no organization, no member and the intermediate session as it was', async () => {
    const { here, project, proven, create, refuseCreate, organization } = await discoveryScene(engine)
    await organization({ organization_external_id: 'taken' })
    const intermediate_session_token = await proven(newAddress())
    const before = await traces(here, project)
    const cases: [object, string][] = [
      [{ organization_name: ' ' }, 'invalid_organization_name'],
      [{ organization_name: 'x'.repeat(129) }, 'invalid_organization_name'],
      [{ organization_slug: 'a b' }, 'invalid_organization_slug'],
      [{ organization_external_id: 'a b' }, 'invalid_organization_external_id'],
      [{ organization_external_id: 'taken' }, 'organization_external_id_already_used'],
      [{ organization_logo_url: 'x'.repeat(3000) }, 'organization_logo_url_too_long'],
      [{ trusted_metadata: { a: 'x'.repeat(5000) } }, 'metadata_too_large'],
      [{ trusted_metadata: 'x' }, 'metadata_invalid_format'],
      [{ auth_methods: 'RESTRICTED' }, 'allowed_auth_methods_required_for_restricted'],
      [{ auth_methods: 'NONE' }, 'bad_request'],
      [{ allowed_auth_methods: ['carrier_pigeon'] }, 'invalid_organization_allowed_auth_methods'],
      [{ mfa_policy: 'SOMETIMES' }, 'invalid_organization_mfa_policy'],
      [{ mfa_methods: 'RESTRICTED' }, 'allowed_mfa_methods_required_for_restricted'],
      [{ email_allowed_domains: ['gmail.com'] }, 'organization_settings_domain_too_common'],
      [{ email_jit_provisioning: 'RESTRICTED' }, 'invalid_restricted_email_setting'],
      [{ oauth_tenant_jit_provisioning: 'RESTRICTED' }, 'invalid_restricted_oauth_tenants_setting'],
      [{ rbac_email_implicit_role_assignments: [{ domain: 'a.com', role_id: 'no' }] }, 'invalid_rbac_role_assignment'],
      [{ session_duration_minutes: 4 }, 'invalid_session_duration_minutes'],
      [{ session_custom_claims: { 'https://stytch.com/x': 1 } }, 'stytch_claims_in_custom_claims'],
    ]
    for (const [fields, type] of cases) await refuseCreate({ intermediate_session_token, ...fields }, 400, type)
    assert.deepEqual(await traces(here, project), before)
    assertSignedIn(await create(intermediate_session_token))
  })

  test('a domain that an organization has claimed founds no other', async () => {
    const { here, project, organization, proven, refuseCreate, create } = await discoveryScene(engine)
    await organization({ claimed_email_domains: ['example.com'] })
    const intermediate_session_token = await proven(newAddress())
    const before = await traces(here, project)
    await refuseCreate({ intermediate_session_token }, 400, 'action_not_allowed_email_domain_is_claimed')
    assert.deepEqual(await traces(here, project), before)
    assertSignedIn(await create(await proven('ada@sub.example.com')))
  })

  test('dead tokens, those of other projects, and those that count in one organization only found nothing', async () => {
    const { here, project, organization, boundTo, proven, create, refuseCreate } = await discoveryScene(engine)
    const other = await discoveryScene(engine)
    const acme = await organization()
    const email_address = newAddress()
    const bound = await boundTo(acme, email_address, true)
    const late = await proven(email_address)
    here.clock.advance(10 * MINUTE)
    const free = await boundTo(acme, email_address, false)
    const theirs = await other.proven(email_address)
    const before = await traces(here, project)
    for (const intermediate_session_token of ['', 'short', newToken(), theirs, late]) {
      await refuseCreate({ intermediate_session_token }, 404, 'intermediate_session_not_found')
    }
    await refuseCreate({}, 400, 'bad_request')
    const stillBound = await boundTo(acme, email_address, true)
    await refuseCreate({ intermediate_session_token: bound }, 404, 'intermediate_session_not_found')
    const elsewhere = 'invalid_intermediate_session_token_for_organization'
    await refuseCreate({ intermediate_session_token: stillBound }, 400, elsewhere)
    const { organizations } = (await traces(here, project)) as { organizations: unknown[] }
    assert.deepEqual(organizations, (before as { organizations: unknown[] }).organizations)
    await refuse(
      here,
      await here.project(),
      createRoute,
      { intermediate_session_token: free },
      400,
      'invalid_b2b_endpoint',
    )
    assertSignedIn(await create(free))
  })

  test('of many calls at once with one intermediate session one founds an organization, the others leave nothing', async () => {
    const { here, project, proven } = await discoveryScene(engine)
    const intermediate_session_token = await proven('ada@acme.com')
    const counts = await race(
      here,
      project,
      () => createRoute,
      (index) => ({ intermediate_session_token, ...(index % 2 ? { organization_name: `Acme ${index}` } : {}) }),
      25,
    )
    assert.deepEqual(counts, { 200: 1, intermediate_session_not_found: 24 })
    const { organizations, members, sessions } = (await traces(here, project)) as Record<string, unknown[]>
    assert.deepEqual([organizations?.length, members?.length, sessions?.length], [1, 1, 1])
  })

  test('an exchange and a creation at once make one session', async () => {
    const { here, project, organization, member, proven } = await discoveryScene(engine)
    const acme = await organization()
    const { email_address } = await member(acme)
    const intermediate_session_token = await proven(email_address)
    const exchange = 'POST /v1/b2b/discovery/intermediate_sessions/exchange'
    const counts = await race(
      here,
      project,
      (index) => (index % 2 ? exchange : createRoute),
      () => ({ intermediate_session_token, organization_id: acme.organization_id }),
      20,
    )
    assert.deepEqual(counts, { 200: 1, intermediate_session_not_found: 19 })
    const { sessions } = (await traces(here, project)) as Record<string, unknown[]>
    assert.equal(sessions?.length, 1)
  })

  test('people of one domain who found organizations at once all get one', async () => {
    const { here, project, proven } = await discoveryScene(engine)
    const tokens = await Promise.all(Array.from({ length: 10 }, (_, n) => proven(`person${n}@acme.com`)))
    const answers = await Promise.all(
      tokens.map((intermediate_session_token) => call(here, project, createRoute, { intermediate_session_token })),
    )
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    assert.equal(new Set(answers.map(({ body }) => body.organization.organization_slug)).size, 10)
    const direct = await succeed(here, project, organizationsRoute, { organization_name: 'acme' })
    assert.equal(direct.organization.organization_slug, 'acme-2')
  })
})
