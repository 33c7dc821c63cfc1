/** The official Node client against a listening server: what a backend engineer does with sessions of members. */
import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { SignJWT } from 'jose'
import type { B2BClient } from 'stytch'
import { type OpenIdProvider, startOpenIdProvider } from '../fakes/openid_provider.ts'
import { memberIn, memberSession } from '../support/members.ts'
import { b2bClientOf, expectRefusal, listening, manage } from '../support/sdk.ts'
import { engines, preparedKeyPair, type TestProject, type World, world } from '../support/world.ts'

const issuer = 'https://issuer.example.com'
const audience = 'sdk-tests'

for (const engine of engines) {
  describe(`sessions of members with the official client (${engine})`, () => {
    let here: World
    let project: TestProject
    let base: string
    let client: B2BClient
    let private_pem: string
    let profile_id: string
    let provider: OpenIdProvider
    let stop: () => Promise<void>

    before(async () => {
      here = await world(engine)
      project = await here.project('B2B')
      ;({ url: base, stop } = await listening(here))
      client = b2bClientOf(project, base)
      provider = await startOpenIdProvider({ sub: 'legacy|1', email: 'Ada@example.com', email_verified: true })
      private_pem = (await preparedKeyPair()).private_pem
      const pem = createPublicKey(private_pem).export({ type: 'spki', format: 'pem' })
      const { profile } = await manage(here, base, 'POST', `${project.path}/trusted_token_profiles`, {
        name: 'SDK tests',
        issuer,
        audience,
        can_jit_provision: true,
        public_key_type: 'PEM',
        pem_files: [pem],
        attribute_mapping: {
          email: 'email',
          token_id: 'jti',
          organization_id: 'tenant',
          external_member_id: 'sub',
          role_ids: 'roles',
        },
      })
      profile_id = profile.profile_id
    })
    after(async () => {
      await provider.stop()
      await stop()
    })

    const sign = (email: string, tenant: string, claims: Record<string, unknown> = {}) =>
      new SignJWT({ email, tenant, jti: randomUUID(), iss: issuer, aud: audience, ...claims })
        .setProtectedHeader({ alg: 'RS256' })
        .setExpirationTime(Math.floor(here.clock.now() / 1000) + 300)
        .sign(createPrivateKey(private_pem))
    const attest = async (email: string, tenant: string, claims?: Record<string, unknown>) =>
      client.sessions.attest({ profile_id, token: await sign(email, tenant, claims) })

    test('attests organization and member into being, and verifies the JWT locally with its organization', async () => {
      const attested = await attest('ada@example.com', 'local', { sub: 'ada', roles: ['stytch_admin'] })
      assert.equal(attested.organization.organization_external_id, 'local')
      assert.equal(attested.member.external_id, 'ada')
      const { session_jwt, member_session, organization } = attested
      // The client judges by its own clock; this one has been moved.
      const current_date = new Date(here.clock.now())
      const local = await client.sessions.authenticateJwtLocal({ session_jwt, current_date })
      assert.equal(local.member_session_id, member_session.member_session_id)
      assert.equal(local.member_id, attested.member_id)
      assert.equal(local.organization_id, organization.organization_id)
      assert.equal(local.organization_slug, organization.organization_slug)
      assert.deepEqual(local.roles, ['stytch_member', 'stytch_admin'])
      const [head, payload = '', signature] = session_jwt.split('.')
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
      claims['https://stytch.com/organization'].organization_id = 'organization-test-other'
      const forged = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
      await assert.rejects(client.sessions.authenticateJwtLocal({ session_jwt: forged, current_date }))
      const late = new Date(current_date.getTime() + 6 * 60_000)
      await assert.rejects(client.sessions.authenticateJwtLocal({ session_jwt, current_date: late }))
      const remote = await client.sessions.authenticateJwt({ session_jwt, max_token_age_seconds: 0 })
      assert.equal(remote.member_session.member_session_id, member_session.member_session_id)
    })

    test('checks a permission on the server and locally, in the own organization only', async () => {
      const { session_token, session_jwt, organization } = await attest('eve@example.com', 'checks')
      const { organization_id } = organization
      const check = { organization_id, resource_id: 'stytch.self', action: 'update.info.name' }
      const { verdict } = await client.sessions.authenticate({ session_token, authorization_check: check })
      assert.deepEqual(verdict, { authorized: true, granting_roles: ['stytch_member'] })
      const refused = (authorization_check: typeof check) =>
        client.sessions.authenticate({ session_token, authorization_check })
      await expectRefusal(refused({ ...check, resource_id: 'stytch.member' }), 403, 'session_authorization_error')
      const { organization: other } = await attest('eve@example.com', 'elsewhere')
      const foreign = { ...check, organization_id: other.organization_id }
      await expectRefusal(refused(foreign), 403, 'session_authorization_tenancy_error')
      const current_date = new Date(here.clock.now())
      const locally = (authorization_check: typeof check) =>
        client.sessions.authenticateJwtLocal({ session_jwt, current_date, authorization_check })
      await locally(check)
      await assert.rejects(locally({ ...check, resource_id: 'stytch.member' }))
      await assert.rejects(locally(foreign))
    })

    test('extends, merges claims, lists, revokes, and is refused on the very next call', async () => {
      const { session_token, member_session, member_id, organization } = await attest('life@example.com', 'life')
      const { organization_id } = organization
      const extended = await client.sessions.authenticate({
        session_token,
        session_duration_minutes: 120,
        session_custom_claims: { plan: 'pro' },
      })
      assert.ok(String(extended.member_session.expires_at) > String(member_session.expires_at))
      assert.deepEqual(extended.member_session.custom_claims, { plan: 'pro' })
      const ids = async () => {
        const { member_sessions } = await client.sessions.get({ organization_id, member_id })
        return member_sessions.map(({ member_session_id }) => member_session_id)
      }
      assert.deepEqual(await ids(), [member_session.member_session_id])
      await client.sessions.revoke({ session_token })
      await expectRefusal(client.sessions.authenticate({ session_token }), 404, 'session_not_found')
      await attest('life@example.com', 'life')
      await attest('life@example.com', 'life')
      assert.equal((await ids()).length, 2)
      await client.sessions.revoke({ member_id })
      assert.deepEqual(await ids(), [])
      const again = await attest('life@example.com', 'life')
      const authorization = { session_token: again.session_token }
      await client.sessions.revoke({ member_id }, { authorization })
      assert.deepEqual(await ids(), [])
    })

    test('exchanges a session for one in another organization, and is told what is still required', async () => {
      const open = await client.organizations.create({ organization_name: 'Open' })
      const strict = await client.organizations.create({
        organization_name: 'Strict',
        auth_methods: 'RESTRICTED',
        allowed_auth_methods: ['sso'],
        mfa_policy: 'REQUIRED_FOR_ALL',
      })
      const home = await client.organizations.create({ organization_name: 'Home' })
      const email_address = 'switcher@example.com'
      const source = await memberIn(here, project, home.organization, { email_address })
      for (const { organization } of [open, strict]) await memberIn(here, project, organization, { email_address })
      const { session_token } = await memberSession(here, project, home.organization, source)
      const exchanged = await client.sessions.exchange({
        organization_id: open.organization.organization_slug,
        session_token,
      })
      assert.equal(exchanged.member_authenticated, true)
      const current_date = new Date(here.clock.now())
      const { session_jwt } = exchanged
      const local = await client.sessions.authenticateJwtLocal({ session_jwt, current_date })
      assert.equal(local.organization_id, open.organization.organization_id)
      const { organization_id } = strict.organization
      const halted = await client.sessions.exchange({ organization_id, session_token, locale: 'pt-br' })
      assert.equal(halted.member_authenticated, false)
      assert.deepEqual(halted.primary_required, { allowed_auth_methods: ['sso'] })
      assert.deepEqual(halted.mfa_required, { member_options: null, secondary_auth_initiated: null })
      assert.match(halted.intermediate_session_token, /^[\w-]{44}$/)
      const nowhere = client.sessions.exchange({ organization_id: 'nobody', session_token })
      await expectRefusal(nowhere, 404, 'organization_not_found')
      await client.sessions.authenticate({ session_token })
    })

    test('migrates a session of a real OpenID provider for a member who exists', async () => {
      const session_token = await provider.accessToken()
      await manage(here, base, 'PATCH', project.path, { zero_downtime_session_migration_url: provider.userinfo_url })
      const { organization } = await client.organizations.create({ organization_name: 'Migrating' })
      const { organization_id } = organization
      const migrate = () => client.sessions.migrate({ organization_id, session_token })
      await expectRefusal(migrate(), 404, 'migrate_from_external_email_does_not_exist')
      const { member_id } = await memberIn(here, project, organization, { email_address: 'ada@example.com' })
      const migrated = await migrate()
      assert.equal(migrated.member_id, member_id)
      assert.equal(migrated.member_session?.authentication_factors[0]?.type, 'imported')
      await client.sessions.authenticate({ session_jwt: migrated.session_jwt })
    })
  })
}
