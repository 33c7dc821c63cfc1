/** POST /v1/b2b/sessions/attest. What any trusted auth token must be is tested with the consumer operation. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { newToken } from '../../../../src/crypto/tokens.ts'
import { removeOrganization } from '../../../../src/domain/organizations/removal.ts'
import { updateProfile } from '../../../../src/domain/trusted_tokens/profile.ts'
import { HOUR, MINUTE } from '../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../support/call.ts'
import { trustMemberIssuer } from '../../../support/member_issuer.ts'
import { give, memberIn, memberSession, stored } from '../../../support/members.ts'
import { countOrganizations, environmentOf, newOrganization, setB2bPolicy } from '../../../support/organizations.ts'
import { type Engine, onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/b2b/sessions/attest'
const email = 'ada@example.com'

async function scene(engine: Engine, profile: Parameters<typeof trustMemberIssuer>[2] = {}, settings: object = {}) {
  const here = await world(engine)
  const project = await here.project('B2B')
  const organization = await newOrganization(here, project, { organization_external_id: 'acme', ...settings })
  const issuer = await trustMemberIssuer(here, project, profile)
  const organization_id = organization.organization_id as string
  const { profile_id } = issuer
  const attest = (token: string, fields: object = {}) => succeed(here, project, route, { profile_id, token, ...fields })
  const no = (token: string, status: number, error_type: string, fields: object = {}) =>
    refuse(here, project, route, { profile_id, token, ...fields }, status, error_type)
  /** How many members, the deleted ones too, organizations and sessions there are. */
  const count = async () => {
    const counts: number[] = []
    for (const table of ['members', 'organizations', 'sessions', 'spent_tokens']) {
      const rows = await here.app.store.read
        .selectFrom(table)
        .selectAll()
        .where('project_id', '=', project.id)
        .execute()
      counts.push(rows.length)
    }
    return counts
  }
  return { here, project, organization, organization_id, issuer, profile_id, attest, no, count }
}

onBothEngines('sessions.attest of members', (engine) => {
  test('provisions an active member with a verified address in the organization, and a session of an hour', async () => {
    const { here, project, organization, issuer, attest } = await scene(engine)
    await setB2bPolicy(here, project, { custom_roles: [{ role_id: 'editor', description: '', permissions: [] }] })
    const roles = ['editor', 'stytch_admin', 'editor', 'stytch_member']
    const token = await issuer.token('Ada@Example.com', 'acme', { jti: 'token-1', external: 'ext-1', roles })
    const reply = await attest(token, { telemetry_id: 'x', session_custom_claims: { plan: 'pro' } })
    const { member, member_session } = reply
    assert.deepEqual(
      [member.email_address, member.email_address_verified, member.status, member.external_id],
      [email, true, 'active', 'ext-1'],
    )
    assert.equal(reply.member_id, member.member_id)
    assert.deepEqual(reply.organization, organization)
    assert.deepEqual(member_session.roles, ['stytch_member', 'editor', 'stytch_admin'])
    assert.equal(member.is_admin, true)
    const [{ created_at, updated_at, last_authenticated_at, ...factor }, ...others] =
      member_session.authentication_factors
    assert.deepEqual(factor, {
      type: 'trusted_auth_token',
      delivery_method: 'trusted_token_exchange',
      trusted_auth_token_factor: { token_id: 'token-1' },
      sequence_order: 'PRIMARY',
    })
    assert.deepEqual(others, [])
    assert.deepEqual([updated_at, last_authenticated_at], [created_at, created_at])
    assert.equal(Date.parse(member_session.expires_at) - Date.parse(member_session.started_at), HOUR)
    assert.deepEqual(member_session.custom_claims, { plan: 'pro' })
    assert.equal(reply.member_device, null)
    const { session_token } = reply
    await succeed(here, project, 'POST /v1/b2b/sessions/authenticate', { session_token })
  })

  test('the organization of the token by id and external id; the one of the request by slug, too', async () => {
    const { organization, organization_id, issuer, attest, no } = await scene(engine)
    for (const claim of [organization_id, 'acme']) {
      const { member } = await attest(await issuer.token(email, claim))
      assert.equal(member.organization_id, organization_id)
      for (const name of [organization_id, organization.organization_slug, 'acme', '', null]) {
        await attest(await issuer.token(email, claim), { organization_id: name })
      }
    }
    const unnamed = await issuer.token(email, undefined)
    await no(unnamed, 400, 'token_missing_organization_id_claim')
    await no(unnamed, 400, 'token_missing_organization_id_claim', { organization_id })
  })

  test('without provisioning the request may name the organization; members must exist', async () => {
    const one = await scene(engine, { can_jit_provision: false })
    const { here, project, organization, organization_id, issuer, attest, no, count } = one
    const before = await count()
    const unnamed = await issuer.token(email, undefined)
    await no(unnamed, 400, 'token_missing_organization_id_claim')
    await no(unnamed, 404, 'member_not_found', { organization_id })
    await no(unnamed, 404, 'organization_not_found', { organization_id: 'nobody' })
    await no(await issuer.token(email, 'acme'), 404, 'member_not_found')
    await no(await issuer.token(email, 'nobody'), 404, 'organization_not_found')
    assert.deepEqual(await count(), before)
    const { member_id } = await memberIn(here, project, organization, { email_address: email })
    assert.equal((await attest(unnamed, { organization_id: organization.organization_slug })).member_id, member_id)
  })

  test('provisions an organization for an external id that nobody has', async () => {
    const { here, project, issuer, attest } = await scene(engine)
    const { organization, member } = await attest(await issuer.token(email, 'Tenant|42', { roles: ['stytch_admin'] }))
    assert.deepEqual(
      [organization.organization_external_id, organization.organization_name, organization.organization_slug],
      ['Tenant|42', 'Tenant|42', 'tenant-42'],
    )
    assert.equal(member.organization_id, organization.organization_id)
    assert.equal(await countOrganizations(here, project), 2)
    const again = await attest(await issuer.token('eve@example.com', 'Tenant|42'), { organization_id: 'Tenant|42' })
    assert.equal(again.organization.organization_id, organization.organization_id)
    const named = await attest(await issuer.token(email, 'Tenant|43'), { organization_id: 'Tenant|43' })
    assert.equal(named.organization.organization_external_id, 'Tenant|43')
  })

  test('an organization claim that can be none, that is a slug, or that another name contradicts', async () => {
    const { here, project, organization_id, issuer, no, count } = await scene(engine)
    const other = await newOrganization(here, project)
    const before = await count()
    for (const claim of [
      7,
      {},
      ['acme'],
      '',
      'a b',
      'ü',
      'x'.repeat(129),
      'organization-test-7',
      `member-test-${randomUUID()}`,
    ]) {
      await no(await issuer.token(email, claim), 400, 'invalid_token_organization_id_claim')
    }
    const unknown = `organization-test-${randomUUID()}`
    await no(await issuer.token(email, unknown), 404, 'organization_not_found')
    const live = `organization-live-${randomUUID()}`
    await no(await issuer.token(email, live), 400, 'live_id_used_in_test_environment')
    for (const [claim, name] of [
      ['acme', other.organization_id],
      [organization_id, other.organization_slug],
      ['acme', 'nobody'],
      ['unheard-of', organization_id],
      ['unheard-of', 'also-unheard-of'],
    ]) {
      const fields = { organization_id: name }
      await no(await issuer.token(email, claim), 400, 'invalid_token_organization_id_claim', fields)
    }
    await no(await issuer.token(email, 'acme'), 400, 'invalid_organization_id', { organization_id: 'a b' })
    const slug = await issuer.token(email, other.organization_slug)
    await no(slug, 400, 'invalid_token_organization_id_claim')
    assert.deepEqual(await count(), before)
  })

  test('only what the profile maps is read', async () => {
    const { organization_id, issuer, no } = await scene(engine, {
      attribute_mapping: { email: 'email', organization_id: 'tenant.id' },
    })
    const sentence = await no(await issuer.token(email, organization_id), 400, 'invalid_trusted_auth_token')
    assert.match(sentence.error_message, /token id/)
    const bare = await scene(engine, { attribute_mapping: undefined, can_jit_provision: false })
    const token = await bare.issuer.token(email, 'acme')
    await bare.no(token, 400, 'invalid_trusted_auth_token', { organization_id: bare.organization_id })
    const plain = await scene(engine, { attribute_mapping: { email: 'mail', token_id: 'sid', organization_id: 'org' } })
    const claims = { mail: email, sid: 'session-1', org: 'acme', roles: ['nobody'], external: 'ignored' }
    const { member, member_session } = await plain.attest(await plain.issuer.token('x', undefined, claims))
    assert.deepEqual([member.email_address, member.external_id], [email, null])
    assert.equal(member_session.authentication_factors[0].trusted_auth_token_factor.token_id, 'session-1')
  })

  test('by external id first, whose address must be the token’s; else by address, attaching the external id', async () => {
    const { here, project, organization, issuer, attest, no } = await scene(engine)
    const known = await memberIn(here, project, organization, { email_address: email, external_id: 'ext-1' })
    const plain = await memberIn(here, project, organization, { email_address: 'eve@example.com' })
    const token = (address: string, external?: unknown) => issuer.token(address, 'acme', { external })
    assert.equal((await attest(await token('ADA@example.com', 'ext-1'))).member_id, known.member_id)
    assert.equal((await attest(await token(email))).member.external_id, 'ext-1')
    await no(await token('eve@example.com', 'ext-1'), 400, 'invalid_trusted_auth_token')
    await no(await token('new@example.com', 'ext-1'), 400, 'invalid_trusted_auth_token')
    await no(await token(email, 'ext-2'), 400, 'invalid_trusted_auth_token')
    for (const external of [7, '', 'a b', `member-test-${randomUUID()}`]) {
      await no(await token('eve@example.com', external), 400, 'invalid_trusted_auth_token')
    }
    assert.equal((await stored(here, project, plain.member_id)).external_id, null)
    const attached = await attest(await token('eve@example.com', 'ext-3'))
    assert.deepEqual([attached.member_id, attached.member.external_id], [plain.member_id, 'ext-3'])
    const elsewhere = await attest(await issuer.token(email, 'other', { external: 'ext-1' }))
    assert.notEqual(elsewhere.member_id, known.member_id)
    assert.equal(elsewhere.member.external_id, 'ext-1')
  })

  test('adds roles and takes none; an unknown one is refused, and leaves nobody behind', async () => {
    const { here, project, organization, issuer, attest, no, count } = await scene(engine, {}, {})
    const role = (role_id: string) => ({ role_id, description: '', permissions: [] })
    await setB2bPolicy(here, project, { custom_roles: [role('editor'), role('viewer')] })
    const { member_id } = await memberIn(here, project, organization, { email_address: email, roles: ['viewer'] })
    const token = (address: string, roles: unknown, tenant = 'acme') => issuer.token(address, tenant, { roles })
    const { member } = await attest(await token(email, ['editor', 'viewer']))
    assert.deepEqual(
      member.roles.map(({ role_id }: { role_id: string }) => role_id),
      ['stytch_member', 'viewer', 'editor'],
    )
    const before = await count()
    for (const address of [email, 'new@example.com']) {
      for (const tenant of ['acme', 'unheard-of']) {
        await no(await token(address, ['editor', 'nobody'], tenant), 400, 'invalid_rbac_role_assignment')
      }
      await no(await token(address, 'editor'), 400, 'invalid_trusted_auth_token')
    }
    assert.deepEqual(await count(), before)
    assert.deepEqual((await stored(here, project, member_id)).assigned_roles, ['viewer', 'editor'])
  })

  test('invited and pending members are let in; an active one’s address becomes no more verified', async () => {
    const { here, project, organization, issuer, attest } = await scene(engine, { can_jit_provision: false })
    for (const status of ['invited', 'pending'] as const) {
      const { email_address } = await memberIn(here, project, organization, { status, email_address_verified: false })
      const { member } = await attest(await issuer.token(email_address, 'acme'))
      assert.deepEqual([member.status, member.email_address_verified], ['active', true])
    }
    const { email_address } = await memberIn(here, project, organization, { email_address_verified: false })
    const { member } = await attest(await issuer.token(email_address, 'acme'))
    assert.equal(member.email_address_verified, false)
  })

  test('settings about methods, second factors and joining do not apply; a claimed domain does', async () => {
    const { here, project, organization_id, issuer, attest, no, count } = await scene(
      engine,
      {},
      {
        auth_methods: 'RESTRICTED',
        allowed_auth_methods: ['sso'],
        mfa_policy: 'REQUIRED_FOR_ALL',
        email_jit_provisioning: 'NOT_ALLOWED',
        email_invites: 'NOT_ALLOWED',
      },
    )
    await attest(await issuer.token(email, 'acme'))
    const other = await newOrganization(here, project, { organization_external_id: 'other' })
    await memberIn(here, project, other, { email_address: 'old@acme.example' })
    const claims = { claimed_email_domains: ['acme.example'] }
    await succeed(here, project, `PUT /v1/b2b/organizations/${organization_id}`, claims)
    await attest(await issuer.token('ada@acme.example', 'acme'))
    const before = await count()
    for (const tenant of ['other', 'unheard-of']) {
      const token = await issuer.token('eve@acme.example', tenant)
      await no(token, 400, 'action_not_allowed_email_domain_is_claimed')
    }
    assert.deepEqual(await count(), before)
    await attest(await issuer.token('old@acme.example', 'other'))
  })

  test('an address that another member has retired is not given away', async () => {
    const { here, project, organization, issuer, no, count } = await scene(engine)
    const old = await memberIn(here, project, organization, { email_address: email })
    await give(here, project, old.member_id, {
      email_address: 'new@example.com',
      retired_email_addresses: [{ email_id: old.email_id, email_address: email }],
    })
    const before = await count()
    await no(await issuer.token(email, 'acme'), 400, 'retired_member_email')
    assert.deepEqual(await count(), before)
  })

  test('onto a session of the same member: one more factor, extended only with a duration', async () => {
    const { here, project, organization, issuer, attest } = await scene(engine)
    const member = await memberIn(here, project, organization, { email_address: email })
    const { session_token, member_session } = await memberSession(here, project, organization, member)
    here.clock.advance(MINUTE)
    const reply = await attest(await issuer.token(email, 'acme'), { session_token, session_custom_claims: { a: 1 } })
    assert.equal(reply.session_token, session_token)
    assert.equal(reply.member_session.member_session_id, member_session?.member_session_id)
    assert.equal(reply.member_session.expires_at, member_session?.expires_at)
    assert.deepEqual(
      reply.member_session.authentication_factors.map(({ type }: { type: string }) => type),
      ['magic_link', 'trusted_auth_token'],
    )
    assert.deepEqual(reply.member_session.custom_claims, { a: 1 })
    const { session_jwt } = reply
    const fields = { session_jwt, session_duration_minutes: 600 }
    const longer = await attest(await issuer.token(email, 'acme'), fields)
    assert.ok(longer.member_session.expires_at > reply.member_session.expires_at)
  })

  test('a session of anybody else is refused, and nothing is provisioned', async () => {
    const { here, project, organization, issuer, no, count } = await scene(engine)
    const other = await newOrganization(here, project)
    const eve = await memberIn(here, project, organization)
    const elsewhere = await memberIn(here, project, other, { email_address: email })
    const sessions = [
      await memberSession(here, project, organization, eve),
      await memberSession(here, project, other, elsewhere),
    ]
    const before = await count()
    for (const { session_token } of sessions) {
      for (const tenant of ['acme', 'unheard-of']) {
        const token = await issuer.token(email, tenant)
        await no(token, 400, 'member_session_member_id_mismatch', { session_token })
      }
    }
    assert.deepEqual(await count(), before)
  })

  test('bad fields are refused before anything is provisioned or spent', async () => {
    const { here, project, organization, issuer, profile_id, no, count } = await scene(engine)
    await updateProfile(here.app, project.environment, 'B2B', profile_id, { single_use_token_ids: true })
    const member = await memberIn(here, project, organization)
    const { session_token, session_jwt } = await memberSession(here, project, organization, member)
    const token = await issuer.token(email, 'acme')
    const before = await count()
    const cases: [object, number, string][] = [
      [{ session_token, session_jwt }, 400, 'too_many_session_arguments'],
      [{ session_token: 'short' }, 400, 'invalid_session_token'],
      [{ session_token: newToken() }, 404, 'session_not_found'],
      [{ session_jwt: 'a.b.c' }, 400, 'unable_to_parse_session_jwt'],
      [{ session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ session_custom_claims: { a: 'x'.repeat(5000) } }, 400, 'custom_claims_too_large'],
      [{ session_token }, 400, 'member_session_member_id_mismatch'],
      [{ profile_id: 'nonsense' }, 404, 'trusted_token_profile_not_found'],
      [{ profile_id: undefined }, 400, 'bad_request'],
      [{ token: `${token}x` }, 400, 'invalid_trusted_auth_token'],
      [{ token: undefined }, 400, 'bad_request'],
    ]
    for (const [fields, status, error_type] of cases) await no(token, status, error_type, fields)
    assert.deepEqual(await count(), before)
    const stranger = await here.project('B2B')
    await refuse(here, stranger, route, { profile_id, token }, 404, 'trusted_token_profile_not_found')
    await succeed(here, project, route, { profile_id, token })
    await no(token, 400, 'invalid_trusted_auth_token')
  })

  test('a token counts again until it expires; the same one renews its factor', async () => {
    const { here, issuer, attest, no } = await scene(engine)
    const token = await issuer.token(email, 'acme')
    const { session_token } = await attest(token)
    await attest(token)
    here.clock.advance(MINUTE)
    const { member_session } = await attest(token, { session_token })
    assert.equal(member_session.authentication_factors.length, 1)
    here.clock.advance(5 * MINUTE)
    await no(token, 400, 'invalid_trusted_auth_token')
  })

  test('a locked member is refused', async () => {
    const { here, project, organization, issuer, no, count } = await scene(engine)
    const { member_id } = await memberIn(here, project, organization, { email_address: email })
    const now = here.clock.now()
    await give(here, project, member_id, { lock_created_at: now, lock_expires_at: now + HOUR })
    const before = await count()
    await no(await issuer.token(email, 'acme', { external: 'ext-1' }), 429, 'user_lock_limit_reached')
    assert.deepEqual(await count(), before)
    assert.equal((await stored(here, project, member_id)).external_id, null)
  })

  test('a deleted organization of that external id is made anew, and an id of it is unknown', async () => {
    const { here, project, organization_id, issuer, attest, no } = await scene(engine)
    await removeOrganization(here.app, await environmentOf(here, project), organization_id)
    await no(await issuer.token(email, organization_id), 404, 'organization_not_found')
    const { organization } = await attest(await issuer.token(email, 'acme'))
    assert.notEqual(organization.organization_id, organization_id)
  })

  test('many first attests at once make one organization and one member', async () => {
    const { here, project, issuer, profile_id, count } = await scene(engine)
    const [members = 0, organizations = 0] = await count()
    const tokens = await Promise.all(
      Array.from({ length: 40 }, () => issuer.token(email, 'brand-new', { external: 'ext-1' })),
    )
    const answers = await Promise.all(tokens.map((token) => call(here, project, route, { profile_id, token })))
    assert.deepEqual([...new Set(answers.map(({ status, body }) => body.error_type ?? status))], [200])
    assert.equal(new Set(answers.map(({ body }) => body.member_id)).size, 1)
    assert.deepEqual((await count()).slice(0, 3), [members + 1, organizations + 1, 40])
  })

  test('an external id that two members are given at once belongs to one of them', async () => {
    const { here, project, organization, issuer, profile_id } = await scene(engine)
    const people = ['a@example.com', 'b@example.com', 'c@example.com']
    for (const email_address of people) await memberIn(here, project, organization, { email_address })
    const tokens = await Promise.all(people.map((address) => issuer.token(address, 'acme', { external: 'ext-1' })))
    const answers = await Promise.all(tokens.map((token) => call(here, project, route, { profile_id, token })))
    const outcomes = answers.map(({ status, body }) => body.error_type ?? status).sort()
    assert.deepEqual(outcomes, [200, 'invalid_trusted_auth_token', 'invalid_trusted_auth_token'])
  })
})
