/** The official Node client against a listening server: what a backend engineer does with consumer sessions. */
import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { exportJWK, SignJWT } from 'jose'
import type { Client } from 'stytch'
import { rotateKeys } from '../../src/domain/signing_keys/signing_key.ts'
import { clientOf, expectRefusal, listening, manage } from '../support/sdk.ts'
import { engines, preparedKeyPair, type TestProject, type World, world } from '../support/world.ts'

const issuer = 'https://issuer.example.com'
const audience = 'sdk-tests'
const read = { resource_id: 'documents', action: 'read' }
const write = { resource_id: 'documents', action: 'write' }
const policy = {
  custom_resources: [{ resource_id: 'documents', description: '', available_actions: ['read', 'write'] }],
  stytch_user: { permissions: [{ resource_id: 'documents', actions: ['read'] }] },
}

for (const engine of engines) {
  describe(`consumer sessions with the official client (${engine})`, () => {
    let here: World
    let project: TestProject
    let base: string
    let client: Client
    let private_pem: string
    let stop: () => Promise<void>

    before(async () => {
      here = await world(engine)
      project = await here.project()
      ;({ url: base, stop } = await listening(here))
      client = clientOf(project, base)
      private_pem = (await preparedKeyPair()).private_pem
    })
    after(() => stop())

    const trust = async (profile: Record<string, unknown>) => {
      const body = { name: 'SDK tests', issuer, audience, can_jit_provision: true, pem_files: [], ...profile }
      const reply = await manage(here, base, 'POST', `${project.path}/trusted_token_profiles`, body)
      return reply.profile.profile_id as string
    }
    const sign = (email: string, header: { kid?: string } = {}) =>
      new SignJWT({ email, jti: randomUUID(), iss: issuer, aud: audience })
        .setProtectedHeader({ alg: 'RS256', ...header })
        .setExpirationTime(Math.floor(here.clock.now() / 1000) + 300)
        .sign(createPrivateKey(private_pem))
    const pemProfile = async () => {
      const pem = createPublicKey(private_pem).export({ type: 'spki', format: 'pem' })
      return trust({ public_key_type: 'PEM', pem_files: [pem] })
    }
    const signIn = async (email: string) =>
      client.sessions.attest({ profile_id: await pemProfile(), token: await sign(email), session_duration_minutes: 60 })

    test('attests with a PEM profile, authenticates by token and by JWT, also by an expired one', async () => {
      const attested = await signIn('ada@example.com')
      assert.equal(attested.user.emails[0]?.email, 'ada@example.com')
      const byToken = await client.sessions.authenticate({ session_token: attested.session_token })
      assert.equal(byToken.session.session_id, attested.session?.session_id)
      const byJwt = await client.sessions.authenticate({ session_jwt: byToken.session_jwt })
      assert.equal(byJwt.session_token, attested.session_token)
      here.clock.advance(10 * 60_000)
      const renewed = await client.sessions.authenticate({ session_jwt: attested.session_jwt })
      assert.notEqual(renewed.session_jwt, attested.session_jwt)
      assert.equal(renewed.session_token, attested.session_token)
    })

    test('attests with a JWK profile whose keys are served on loopback', async () => {
      const jwk = { ...(await exportJWK(createPublicKey(private_pem))), kid: 'first', alg: 'RS256', use: 'sig' }
      const keys = createServer((_request, response) => {
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }))
      })
      await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve))
      const jwks_url = `http://127.0.0.1:${(keys.address() as AddressInfo).port}/jwks.json`
      try {
        const profile_id = await trust({ public_key_type: 'JWK', jwks_url })
        const token = await sign('jwk@example.com', { kid: 'first' })
        const { session } = await client.sessions.attest({ profile_id, token, session_duration_minutes: 60 })
        assert.equal(session?.authentication_factors[0]?.type, 'trusted_auth_token')
      } finally {
        keys.closeAllConnections()
        keys.close()
      }
    })

    test('verifies JWT and permission locally, against the served keys and policy', async () => {
      await manage(here, base, 'PUT', `${project.path}/rbac_policy`, policy)
      const { session_jwt, session, user_id } = await signIn('local@example.com')
      // The client judges by its own clock; this one has been moved.
      const current_date = new Date(here.clock.now())
      const local = await client.sessions.authenticateJwtLocal({ session_jwt, current_date })
      assert.equal(local.session_id, session?.session_id)
      assert.equal(local.user_id, user_id)
      assert.deepEqual(local.roles, ['stytch_user'])
      assert.deepEqual(local.authentication_factors, session?.authentication_factors)
      const check = (authorization_check: { resource_id: string; action: string }) =>
        client.sessions.authenticateJwtLocal({ session_jwt, current_date, authorization_check })
      await check(read)
      await assert.rejects(check(write), /permission/i)
      const [head, payload = '', signature] = session_jwt.split('.')
      const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), sub: 'user-test-other' }
      const forged = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
      await assert.rejects(client.sessions.authenticateJwtLocal({ session_jwt: forged, current_date }))
      const late = new Date(current_date.getTime() + 6 * 60_000)
      await assert.rejects(client.sessions.authenticateJwtLocal({ session_jwt, current_date: late }))
      const remote = await client.sessions.authenticateJwt({ session_jwt, max_token_age_seconds: 0 })
      assert.equal(remote.session.session_id, session?.session_id)
    })

    test('verifies JWTs of an ES256 key locally, once the server signs with one', async () => {
      const { session_token } = await signIn('elliptic@example.com')
      await rotateKeys(here.app, project.environment, { at_once: true, algorithm: 'ES256' })
      const { session_jwt, session } = await client.sessions.authenticate({ session_token })
      const { alg } = JSON.parse(Buffer.from(session_jwt.split('.')[0] ?? '', 'base64url').toString())
      assert.equal(alg, 'ES256')
      // Another client, as the first one has fetched the keys a moment ago.
      const current_date = new Date(here.clock.now())
      const local = await clientOf(project, base).sessions.authenticateJwtLocal({ session_jwt, current_date })
      assert.equal(local.session_id, session.session_id)
      assert.equal((await client.sessions.authenticate({ session_jwt })).session_token, session_token)
    })

    test('passes and fails a permission check on the server', async () => {
      await manage(here, base, 'PUT', `${project.path}/rbac_policy`, policy)
      const { session_token } = await signIn('rbac@example.com')
      const { verdict } = await client.sessions.authenticate({ session_token, authorization_check: read })
      assert.deepEqual(verdict, { authorized: true, granting_roles: ['stytch_user'] })
      const refused = client.sessions.authenticate({ session_token, authorization_check: write })
      await expectRefusal(refused, 403, 'consumer_session_authorization_error')
      const served = await client.rbac.policy()
      assert.equal(served.policy?.resources[0]?.resource_id, 'documents')
    })

    test('extends, merges claims, lists, revokes, and is refused on the very next call', async () => {
      const { session_token, session_jwt, user_id, session } = await signIn('life@example.com')
      const extended = await client.sessions.authenticate({
        session_token,
        session_duration_minutes: 120,
        session_custom_claims: { plan: 'pro', seats: { used: 1 } },
      })
      assert.ok(String(extended.session.expires_at) > String(session?.expires_at))
      const merged = await client.sessions.authenticate({
        session_token,
        session_custom_claims: { plan: null, seats: { max: 5 } },
      })
      assert.deepEqual(merged.session.custom_claims, { seats: { used: 1, max: 5 } })
      const { sessions } = await client.sessions.get({ user_id })
      assert.deepEqual(
        sessions.map(({ session_id }) => session_id),
        [session?.session_id],
      )
      await client.sessions.revoke({ session_token })
      await expectRefusal(client.sessions.authenticate({ session_token }), 404, 'session_not_found')
      await expectRefusal(client.sessions.authenticate({ session_jwt }), 404, 'session_not_found')
      assert.deepEqual((await client.sessions.get({ user_id })).sessions, [])
    })

    test('users: created, read, changed, searched, deleted', async () => {
      const created = await client.users.create({ email: 'user@example.com', name: { first_name: 'Ada' } })
      assert.equal(created.status_code, 201)
      await client.users.update({ user_id: created.user_id, external_id: 'ext-1', trusted_metadata: { plan: 'pro' } })
      const read = await client.users.get({ user_id: 'ext-1' })
      assert.deepEqual([read.user_id, read.trusted_metadata], [created.user_id, { plan: 'pro' }])
      const { results } = await client.users.search({
        query: { operator: 'AND', operands: [{ filter_name: 'email_address', filter_value: ['user@example.com'] }] },
      })
      assert.deepEqual(
        results.map(({ user_id }) => user_id),
        [created.user_id],
      )
      await client.users.create({ phone_number: '+14155550123' })
      let found = 0
      for await (const page of client.users.searchAll({ limit: 1 })) found += page.length
      assert.equal(found, (await client.users.search({})).results_metadata.total)
      await client.users.deleteExternalId({ user_id: created.user_id })
      await client.users.deleteEmail({ email_id: created.email_id })
      await client.users.delete({ user_id: created.user_id })
      const gone = client.users.get({ user_id: created.user_id })
      await expectRefusal(gone, 404, 'user_not_found')
      await expectRefusal(client.users.get({ user_id: 'user-test-nonsense' }), 400, 'invalid_user_id')
    })

    test('the credentials themselves', async () => {
      assert.equal((await client.debug.whoami()).project_id, project.id)
      assert.equal((await client.project.metrics()).project_id, project.id)
      const stranger = clientOf({ ...project, secret: 'secret-test-wrong' }, base)
      await expectRefusal(stranger.debug.whoami(), 401, 'unauthorized_credentials')
    })
  })
}
