/** POST /v1/sessions/attest: trusted auth tokens, good and bad. */
import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { exportJWK, SignJWT } from 'jose'
import { newToken } from '../../../../src/crypto/tokens.ts'
import { setPolicy } from '../../../../src/domain/rbac/policy.ts'
import { addPemFile, updateProfile } from '../../../../src/domain/trusted_tokens/profile.ts'
import { MINUTE, SECOND } from '../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../support/call.ts'
import { audience, issuer as issuerName, signToken, startSession, trustIssuer } from '../../../support/issuer.ts'
import { lockUser } from '../../../support/lock.ts'
import { type Engine, onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/sessions/attest'

async function scene(engine: Engine, profile: Parameters<typeof trustIssuer>[2] = {}) {
  const here = await world(engine)
  const project = await here.project()
  const issuer = await trustIssuer(here, project, profile)
  const { profile_id } = issuer.profile
  const attest = (token: string, fields: Record<string, unknown> = {}) =>
    succeed(here, project, route, { profile_id, token, ...fields })
  const refuseToken = (token: string, fields: Record<string, unknown> = {}) =>
    refuse(here, project, route, { profile_id, token, ...fields }, 400, 'invalid_trusted_auth_token')
  const userCount = async () => (await succeed(here, project, 'GET /v1/projects/metrics')).metrics[0].count
  return { here, project, issuer, profile_id, attest, refuseToken, userCount }
}

onBothEngines('sessions.attest', (engine) => {
  test('provisions an active user with a verified address and starts a session with that one factor', async () => {
    const { issuer, attest } = await scene(engine)
    const token = await issuer.token('Ada@Example.com', { jti: 'token-1', external: 'ext-1' })
    const reply = await attest(token, { session_duration_minutes: 30, telemetry_id: 'anything' })
    assert.equal(reply.user.status, 'active')
    assert.equal(reply.user.external_id, 'ext-1')
    assert.deepEqual(
      reply.user.emails.map(({ email, verified }: { email: string; verified: boolean }) => ({ email, verified })),
      [{ email: 'ada@example.com', verified: true }],
    )
    const [factor] = reply.session.authentication_factors
    const { created_at, updated_at, last_authenticated_at, ...proof } = factor
    assert.deepEqual(proof, {
      type: 'trusted_auth_token',
      delivery_method: 'trusted_token_exchange',
      trusted_auth_token_factor: { token_id: 'token-1' },
    })
    assert.deepEqual([updated_at, last_authenticated_at], [created_at, created_at])
    assert.match(reply.session_token, /^[A-Za-z0-9_-]{44}$/)
    assert.deepEqual(reply.session.attributes, { ip_address: '', user_agent: '' })
    assert.equal(reply.session.custom_claims, null)
    assert.equal(reply.user_device, null)
  })

  test('without a duration and without a session there is no session', async () => {
    const { here, project, issuer, attest } = await scene(engine)
    const reply = await attest(await issuer.token('ada@example.com'), { session_custom_claims: { ignored: true } })
    assert.deepEqual([reply.session, reply.session_token, reply.session_jwt], [null, '', ''])
    assert.deepEqual((await succeed(here, project, `GET /v1/sessions?user_id=${reply.user_id}`)).sessions, [])
  })

  test('onto an existing session: same id and token, one more factor, expiry unchanged; a duration moves it', async () => {
    const { here, project, issuer, attest } = await scene(engine)
    const started = await startSession(here, project, issuer, 'ada@example.com')
    here.clock.advance(MINUTE)
    const next = await attest(await issuer.token('ada@example.com', { jti: 'second' }), {
      session_token: started.session_token,
      session_custom_claims: { plan: 'pro' },
    })
    assert.equal(next.session.session_id, started.session.session_id)
    assert.equal(next.session_token, started.session_token)
    assert.equal(next.session.expires_at, started.session.expires_at)
    assert.equal(next.session.authentication_factors.length, 2)
    assert.deepEqual(next.session.custom_claims, { plan: 'pro' })
    here.clock.advance(10 * MINUTE)
    // The JWT has expired meanwhile; its session has not.
    const shorter = await attest(await issuer.token('ada@example.com', { jti: 'second' }), {
      session_jwt: next.session_jwt,
      session_duration_minutes: 5,
    })
    assert.equal(shorter.session.session_id, started.session.session_id)
    assert.ok(shorter.session.expires_at < started.session.expires_at)
  })

  test('the same proof again is renewed in place and keeps when it was made first', async () => {
    const { here, project, issuer, attest } = await scene(engine)
    const token = await issuer.token('ada@example.com', { jti: 'same' })
    const { session_token, session } = await attest(token, { session_duration_minutes: 60 })
    here.clock.advance(MINUTE)
    const again = await attest(token, { session_token })
    const [factor, ...others] = again.session.authentication_factors
    assert.deepEqual(others, [])
    assert.equal(factor.created_at, session.authentication_factors[0].created_at)
    assert.equal(factor.last_authenticated_at, again.session.last_accessed_at)
    assert.ok(factor.updated_at > factor.created_at)
    assert.equal((await succeed(here, project, `GET /v1/sessions?user_id=${again.user_id}`)).sessions.length, 1)
  })

  test("another user's session is ignored and stays untouched", async () => {
    const { here, project, issuer, attest } = await scene(engine)
    const theirs = await startSession(here, project, issuer, 'other@example.com')
    const none = await attest(await issuer.token('ada@example.com'), { session_token: theirs.session_token })
    assert.equal(none.session, null)
    const own = await attest(await issuer.token('ada@example.com'), {
      session_token: theirs.session_token,
      session_duration_minutes: 60,
    })
    assert.notEqual(own.session.session_id, theirs.session.session_id)
    const { sessions } = await succeed(here, project, `GET /v1/sessions?user_id=${theirs.user_id}`)
    assert.deepEqual(sessions, [theirs.session])
  })

  test('session fields are refused before anything is provisioned', async () => {
    const { here, project, issuer, profile_id, userCount } = await scene(engine)
    const { session_token, session_jwt } = await startSession(here, project, issuer, 'dead@example.com')
    await succeed(here, project, 'POST /v1/sessions/revoke', { session_token })
    const before = await userCount()
    const cases: [Record<string, unknown>, number, string][] = [
      [{ session_token, session_jwt }, 400, 'too_many_session_arguments'],
      [{ session_token: 'short' }, 400, 'invalid_session_token'],
      [{ session_jwt: 'a.b.c' }, 400, 'unable_to_parse_session_jwt'],
      [{ session_token: newToken() }, 404, 'session_not_found'],
      [{ session_token }, 404, 'session_not_found'],
      [{ session_jwt }, 404, 'session_not_found'],
      [{ session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ session_duration_minutes: 527_041 }, 400, 'invalid_session_duration_minutes'],
      [
        { session_duration_minutes: 60, session_custom_claims: { a: 'x'.repeat(5000) } },
        400,
        'custom_claims_too_large',
      ],
      [
        { session_duration_minutes: 60, session_custom_claims: { 'https://stytch.com/x': 1 } },
        400,
        'stytch_claims_in_custom_claims',
      ],
    ]
    for (const [fields, status, error_type] of cases) {
      const token = await issuer.token('new@example.com')
      await refuse(here, project, route, { profile_id, token, ...fields }, status, error_type)
    }
    assert.equal(await userCount(), before)
  })

  test('an impersonated session gains no factor', async () => {
    const { here, project, issuer, profile_id } = await scene(engine)
    const started = await startSession(here, project, issuer, 'ada@example.com')
    await here.app.store.write
      .updateTable('sessions')
      .set({ authentication_factors: JSON.stringify([{ type: 'impersonated', delivery_method: 'impersonation' }]) })
      .where('session_id', '=', started.session.session_id)
      .execute()
    const token = await issuer.token('ada@example.com')
    const body = { profile_id, token, session_token: started.session_token }
    await refuse(here, project, route, body, 400, 'session_not_mutable')
  })

  test('profile_id and token are required, and an unknown profile is not found, whatever its form', async () => {
    const { here, project, issuer, profile_id } = await scene(engine)
    const token = await issuer.token('ada@example.com')
    assert.match((await refuse(here, project, route, { token }, 400, 'bad_request')).error_message, /profile_id/)
    assert.match((await refuse(here, project, route, { profile_id }, 400, 'bad_request')).error_message, /token/)
    const other = await here.project()
    for (const unknown of ['nonsense', `trusted-auth-token-profile-test-${randomUUID()}`]) {
      const body = { profile_id: unknown, token }
      await refuse(here, project, route, body, 404, 'trusted_token_profile_not_found')
    }
    await refuse(here, other, route, { profile_id, token }, 404, 'trusted_token_profile_not_found')
  })

  test('issuer, audience and times must be right, with thirty seconds of leeway', async () => {
    const { here, issuer, attest, refuseToken } = await scene(engine)
    const now = Math.floor(here.clock.now() / SECOND)
    const token = (claims: Record<string, unknown>) => issuer.token('ada@example.com', claims)
    for (const bad of [
      { iss: 'https://somebody.example.com' },
      { iss: `${issuerName}/` },
      { iss: undefined },
      { aud: 'another' },
      { aud: undefined },
      { exp: undefined },
      { exp: now - 31 },
      { nbf: now + 60 },
      { iat: now + 60 },
      { exp: 'tomorrow' },
    ]) {
      await refuseToken(await token(bad))
    }
    for (const good of [
      { exp: now - 20 },
      { nbf: now + 20 },
      { iat: now + 20 },
      { aud: ['x', audience] },
      { iat: undefined },
    ]) {
      await attest(await token(good))
    }
  })

  test('only asymmetric signatures of the profile’s keys count', async () => {
    const { here, issuer, attest, refuseToken } = await scene(engine)
    const good = await issuer.token('ada@example.com')
    const [header = '', payload = '', signature = ''] = good.split('.')
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const pem = issuer.profile.pem_files[0]?.public_key as string
    const hmac = await new SignJWT({ email: 'ada@example.com', jti: 'x', iss: issuerName, aud: audience })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('5m')
      .sign(Buffer.from(pem))
    for (const bad of [
      'garbage',
      'a.b.c',
      `${encode({ alg: 'none' })}.${payload}.`,
      hmac,
      await signToken(here, other, { email: 'ada@example.com', jti: 'x' }),
      `${header}.${encode({ email: 'root@example.com' })}.${signature}`,
      `${header}.${payload}`,
    ]) {
      await refuseToken(bad)
    }
    for (const alg of ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']) {
      await attest(await issuer.token('ada@example.com', {}, { alg }))
    }
  })

  test('elliptic and Edwards keys sign with their own algorithm; any of five PEM files counts, unreadable ones do not', async () => {
    const { here, project, profile_id, attest, refuseToken } = await scene(engine)
    const keys = {
      ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
      EdDSA: generateKeyPairSync('ed25519'),
    }
    const token = (alg: keyof typeof keys) =>
      signToken(here, keys[alg].privateKey, { email: 'ada@example.com', jti: alg }, { alg })
    await addPemFile(here.app, project.environment, profile_id, 'not a key at all')
    for (const alg of Object.keys(keys) as (keyof typeof keys)[]) {
      await refuseToken(await token(alg))
      const pem = keys[alg].publicKey.export({ type: 'spki', format: 'pem' }).toString()
      await addPemFile(here.app, project.environment, profile_id, pem)
      await attest(await token(alg))
    }
  })

  test('email and token id must be there; mapped claims may lie on a dotted path', async () => {
    const { issuer, attest, refuseToken } = await scene(engine, {
      attribute_mapping: { email: 'contact.email', token_id: 'https://example.com/sid' },
    })
    const claims = { contact: { email: 'ada@example.com' }, 'https://example.com/sid': 'sid-1' }
    const reply = await attest(await issuer.token('ignored@example.com', claims), { session_duration_minutes: 5 })
    assert.equal(reply.user.emails[0].email, 'ada@example.com')
    assert.equal(reply.session.authentication_factors[0].trusted_auth_token_factor.token_id, 'sid-1')
    for (const bad of [
      { contact: undefined },
      { contact: { email: 7 } },
      { contact: { email: 'nonsense' } },
      { contact: { email: '' } },
      { 'https://example.com/sid': undefined },
      { 'https://example.com/sid': '' },
      { 'https://example.com/sid': 7 },
    ]) {
      await refuseToken(await issuer.token('ignored@example.com', { ...claims, ...bad }))
    }
  })

  test('without a mapping, the claims email and jti count', async () => {
    const { issuer, attest } = await scene(engine, { attribute_mapping: undefined })
    const token = await issuer.token('ada@example.com', { jti: 'plain', external: 'ignored' })
    const reply = await attest(token, { session_duration_minutes: 5 })
    assert.equal(reply.session.authentication_factors[0].trusted_auth_token_factor.token_id, 'plain')
    assert.equal(reply.user.external_id, null)
  })

  test('without provisioning the user must exist; its address is not verified by this, and pending becomes active', async () => {
    const { here, project, issuer, profile_id, attest, userCount } = await scene(engine, { can_jit_provision: false })
    const token = await issuer.token('ada@example.com')
    await refuse(here, project, route, { profile_id, token }, 404, 'user_not_found')
    assert.equal(await userCount(), 0)
    const body = { email: 'ada@example.com', create_user_as_pending: true }
    const { user_id } = await succeed(here, project, 'POST /v1/users', body)
    const reply = await attest(token)
    assert.equal(reply.user_id, user_id)
    assert.equal(reply.user.status, 'active')
    assert.equal(reply.user.emails[0].verified, false)
  })

  test('identity: external id first with the same address, else the address, attaching the external id', async () => {
    const { here, project, issuer, attest, refuseToken } = await scene(engine)
    const create = async (email: string, external_id?: string) =>
      (await succeed(here, project, 'POST /v1/users', { email, external_id })).user_id
    const ada = await create('ada@example.com', 'ext-ada')
    const bob = await create('bob@example.com')
    assert.equal((await attest(await issuer.token('ADA@example.com', { external: 'ext-ada' }))).user_id, ada)
    await refuseToken(await issuer.token('bob@example.com', { external: 'ext-ada' }))
    await refuseToken(await issuer.token('ada@example.com', { external: 'ext-new' }))
    await refuseToken(await issuer.token('bob@example.com', { external: 'not legal!' }))
    await refuseToken(await issuer.token('bob@example.com', { external: 'user-test-7' }))
    assert.equal((await succeed(here, project, `GET /v1/users/${bob}`)).external_id, null)
    const attached = await attest(await issuer.token('bob@example.com', { external: 'ext-bob' }))
    assert.deepEqual([attached.user_id, attached.user.external_id], [bob, 'ext-bob'])
    assert.equal((await succeed(here, project, 'GET /v1/users/ext-bob')).user_id, bob)
  })

  test('role ids are added to those assigned; an unknown one leaves no user behind', async () => {
    const { here, project, issuer, profile_id, attest, refuseToken, userCount } = await scene(engine)
    const role = (role_id: string) => ({ role_id, description: '', permissions: [] })
    await setPolicy(here.app, project.id, 'CONSUMER', { custom_roles: [role('a'), role('b')] })
    const first = await attest(await issuer.token('ada@example.com', { roles: ['a'] }))
    assert.deepEqual(first.user.roles, ['stytch_user', 'a'])
    const second = await attest(await issuer.token('ada@example.com', { roles: ['b'] }))
    assert.deepEqual(second.user.roles, ['stytch_user', 'a', 'b'])
    const token = await issuer.token('new@example.com', { roles: ['a', 'unknown'] })
    await refuse(here, project, route, { profile_id, token }, 400, 'invalid_rbac_role_id')
    await refuseToken(await issuer.token('new@example.com', { roles: 'a' }))
    assert.equal(await userCount(), 1)
  })

  test('a locked user is refused until the lock ends', async () => {
    const { here, project, issuer, profile_id, attest } = await scene(engine)
    const { user_id } = await attest(await issuer.token('ada@example.com'))
    await lockUser(here, project, user_id)
    const token = await issuer.token('ada@example.com')
    const body = { profile_id, token, session_duration_minutes: 60 }
    await refuse(here, project, route, body, 429, 'user_lock_limit_reached')
    assert.deepEqual((await succeed(here, project, `GET /v1/sessions?user_id=${user_id}`)).sessions, [])
    here.clock.advance(61 * MINUTE)
    await attest(await issuer.token('ada@example.com'))
  })

  test('a token may be exchanged again until it expires, unless the profile asks for single use', async () => {
    const { here, project, issuer, profile_id, attest } = await scene(engine)
    const token = await issuer.token('ada@example.com')
    await attest(token)
    await attest(token)
    const { app } = here
    await updateProfile(app, project.environment, 'CONSUMER', profile_id, { single_use_token_ids: true })
    const once = await issuer.token('ada@example.com')
    const body = { profile_id, token: once, session_duration_minutes: 60 }
    const answers = await Promise.all(Array.from({ length: 100 }, () => call(here, project, route, body)))
    const won = answers.filter(({ status }) => status === 200)
    assert.equal(won.length, 1)
    assert.ok(answers.every(({ status, body }) => status === 200 || body.error_type === 'invalid_trusted_auth_token'))
    const { sessions } = await succeed(here, project, `GET /v1/sessions?user_id=${won[0]?.body.user_id}`)
    assert.equal(sessions.length, 1)
  })

  test('an expiry with a fraction counts, and one beyond all times is refused, with single use too', async () => {
    const { here, project, issuer, profile_id, attest, refuseToken } = await scene(engine)
    await updateProfile(here.app, project.environment, 'CONSUMER', profile_id, { single_use_token_ids: true })
    const now = here.clock.now() / SECOND
    await attest(await issuer.token('ada@example.com', { exp: now + 300.1234567 }))
    for (const exp of [1e300, 253_402_300_800]) await refuseToken(await issuer.token('ada@example.com', { exp }))
  })

  test('a role that has left the policy does not keep its holder from signing in with another', async () => {
    const { here, project, issuer, attest } = await scene(engine)
    const role = (role_id: string) => ({ role_id, description: '', permissions: [] })
    const policy = (...roles: string[]) =>
      setPolicy(here.app, project.id, 'CONSUMER', { custom_roles: roles.map(role) })
    await policy('old', 'new')
    await attest(await issuer.token('ada@example.com', { roles: ['old'] }))
    await policy('new')
    const { user } = await attest(await issuer.token('ada@example.com', { roles: ['new'] }))
    assert.deepEqual(user.roles, ['stytch_user', 'new'])
  })

  test('users who are deleted while they sign in leave no session behind', async () => {
    const { here, project, issuer, profile_id } = await scene(engine)
    await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const email = `user${index}@example.com`
        const { user_id } = await succeed(here, project, 'POST /v1/users', { email, external_id: `ext-${index}` })
        const body = { profile_id, token: await issuer.token(email), session_duration_minutes: 60 }
        await Promise.all([call(here, project, route, body), call(here, project, `DELETE /v1/users/${user_id}`)])
      }),
    )
    const orphans = await here.app.store.read
      .selectFrom('sessions')
      .select('session_id')
      .where('project_id', '=', project.id)
      .where('owner_id', 'not in', here.app.store.read.selectFrom('users').select('user_id'))
      .execute()
    assert.deepEqual(orphans, [])
  })

  test('20 tokens at once that give a known user the same external id all sign that user in', async () => {
    const { here, project, issuer, attest } = await scene(engine)
    const { user_id } = await succeed(here, project, 'POST /v1/users', { email: 'ada@example.com' })
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => attest(await issuer.token('ada@example.com', { external: 'ada' }))),
    )
    for (const { user } of answers) assert.deepEqual([user.user_id, user.external_id], [user_id, 'ada'])
  })

  test('50 tokens of one new person at once provision one user', async () => {
    const { here, project, issuer, profile_id, userCount } = await scene(engine)
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () =>
        succeed(here, project, route, {
          profile_id,
          token: await issuer.token('ada@example.com', { external: 'ada' }),
        }),
      ),
    )
    assert.equal(new Set(answers.map(({ user_id }) => user_id)).size, 1)
    assert.equal(await userCount(), 1)
  })
})

onBothEngines('sessions.attest with a JWK profile', (engine) => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  let published: unknown[] = []
  let asked = 0
  const server = createServer((_request, response) => {
    asked++
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }))
  })
  const listening = new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  })
  after(() => server.close())

  async function jwkScene() {
    const jwks_url = `${await listening}/${randomUUID()}`
    asked = 0
    return scene(engine, { public_key_type: 'JWK', pem_files: [], jwks_url })
  }

  test('fetches the keys once, refetches once for a key id it does not know, and pins the algorithm', async () => {
    const { here, issuer, attest, refuseToken } = await jwkScene()
    const rsa = await exportJWK(issuer.private_key)
    const { kty, n, e } = rsa
    published = [{ kty, n, e, kid: 'one', alg: 'RS256', use: 'sig' }]
    await attest(await issuer.token('ada@example.com', {}, { kid: 'one' }))
    await attest(await issuer.token('ada@example.com', {}, { kid: 'one' }))
    await attest(await issuer.token('ada@example.com'))
    assert.equal(asked, 1)
    await refuseToken(await issuer.token('ada@example.com', {}, { kid: 'one', alg: 'PS256' }))

    published = [...published, { ...(await exportJWK(ec.publicKey)), kid: 'two' }]
    here.clock.advance(11 * SECOND)
    const token = () =>
      signToken(here, ec.privateKey, { email: 'ada@example.com', jti: 'x' }, { alg: 'ES256', kid: 'two' })
    await attest(await token())
    assert.equal(asked, 2)
    await refuseToken(await issuer.token('ada@example.com', {}, { kid: 'three' }))
    await refuseToken(await issuer.token('ada@example.com', {}, { kid: 'two' }))
    assert.equal(asked, 2)
    published = []
    here.clock.advance(6 * MINUTE)
    await refuseToken(await token())
  })

  test('symmetric keys in a key set never verify anything', async () => {
    const { here, refuseToken } = await jwkScene()
    const secret = Buffer.from('0123456789abcdef0123456789abcdef')
    published = [{ kty: 'oct', k: secret.toString('base64url'), kid: 'one' }]
    const now = Math.floor(here.clock.now() / SECOND)
    const claims = { email: 'ada@example.com', jti: 'x', iss: issuerName, aud: audience, exp: now + 300 }
    await refuseToken(await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(secret))
  })

  test('keys that cannot be fetched are a refusal of the token that says so', async () => {
    const { here, project } = await jwkScene()
    for (const jwks_url of [
      'http://127.0.0.1:1/jwks',
      'http://10.0.0.1/jwks',
      'https://localhost.example.invalid/jwks',
    ]) {
      const issuer = await trustIssuer(here, project, { public_key_type: 'JWK', pem_files: [], jwks_url })
      const body = {
        profile_id: issuer.profile.profile_id,
        token: await issuer.token('ada@example.com', {}, { kid: 'one' }),
      }
      const refusal = await refuse(here, project, route, body, 400, 'invalid_trusted_auth_token')
      assert.match(refusal.error_message, /could not be fetched/)
    }
  })

  test('a private key in the set is used as a public one only', async () => {
    const { issuer, attest } = await jwkScene()
    const pem = issuer.private_key.export({ type: 'pkcs8', format: 'pem' })
    published = [{ ...(await exportJWK(createPrivateKey(pem))), kid: 'one' }]
    await attest(await issuer.token('ada@example.com', {}, { kid: 'one' }))
  })
})
