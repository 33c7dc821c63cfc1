/** POST /v1/sessions/authenticate: every row of the reference's table, each refusal with what it leaves unchanged. */
import assert from 'node:assert/strict'
import { createHmac, createPublicKey, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { signJwt } from '../../../../src/crypto/signing.ts'
import { newToken } from '../../../../src/crypto/tokens.ts'
import { setPolicy } from '../../../../src/domain/rbac/policy.ts'
import { loadSigningKeys, rotateKeys } from '../../../../src/domain/signing_keys/signing_key.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../support/call.ts'
import { startSession, trustIssuer } from '../../../support/issuer.ts'
import { lockUser } from '../../../support/lock.ts'
import { type Engine, onBothEngines, type TestProject, type World, world } from '../../../support/world.ts'

const route = 'POST /v1/sessions/authenticate'
const sessionClaim = 'https://stytch.com/session'

async function scene(engine: Engine) {
  const here = await world(engine)
  const project = await here.project()
  const issuer = await trustIssuer(here, project)
  const started = await startSession(here, project, issuer)
  return { here, project, issuer, started }
}

async function currentSession(here: World, project: TestProject, user_id: string) {
  const { sessions } = await succeed(here, project, `GET /v1/sessions?user_id=${user_id}`)
  return sessions[0]
}

/** A JWT signed by the project's real key with claims of the test's choice. */
async function forge(here: World, project: TestProject, claims: Record<string, unknown>) {
  const key = (await loadSigningKeys(here.app, project.id)).at(-1)
  assert.ok(key)
  return signJwt(key, JSON.stringify(claims))
}

onBothEngines('sessions.authenticate', (engine) => {
  test('by token: answers session, user, the same token and a JWT', async () => {
    const { here, project, started } = await scene(engine)
    const reply = await succeed(here, project, route, { session_token: started.session_token })
    assert.equal(reply.session_token, started.session_token)
    assert.equal(reply.session.session_id, started.session.session_id)
    assert.equal(reply.session.expires_at, started.session.expires_at)
    assert.deepEqual(reply.user, started.user)
    assert.equal(reply.verdict, undefined)
  })

  test('the JWT carries what clients read from it, and nothing they would take for a custom claim', async () => {
    const { here, project, issuer } = await scene(engine)
    const { session_jwt, session, user_id } = await startSession(here, project, issuer, undefined, {
      session_custom_claims: { plan: 'pro' },
    })
    const header = decodeProtectedHeader(session_jwt)
    assert.equal(header.alg, 'RS256')
    assert.equal(header.typ, 'JWT')
    assert.match(String(header.kid), /^jwk-test-[0-9a-f-]{36}$/)
    const { [sessionClaim]: inside, ...claims } = decodeJwt<Record<string, unknown>>(session_jwt)
    assert.deepEqual(Object.keys(claims).sort(), ['aud', 'exp', 'iat', 'iss', 'nbf', 'plan', 'sub'])
    assert.deepEqual(claims.aud, [project.id])
    assert.equal(claims.iss, `stytch.com/${project.id}`)
    assert.equal(claims.sub, user_id)
    assert.equal(claims.exp, Number(claims.iat) + 300)
    assert.equal(claims.nbf, claims.iat)
    const { session_id, user_id: _, custom_claims: __, ...rest } = session
    assert.deepEqual(inside, { id: session_id, ...rest })
  })

  test('by JWT: answers the same session token', async () => {
    const { here, project, started } = await scene(engine)
    const reply = await succeed(here, project, route, { session_jwt: started.session_jwt })
    assert.equal(reply.session_token, started.session_token)
  })

  test('by a JWT that has expired while the session lives: answers a new JWT', async () => {
    const { here, project, started } = await scene(engine)
    here.clock.advance(10 * MINUTE)
    const reply = await succeed(here, project, route, { session_jwt: started.session_jwt })
    assert.notEqual(reply.session_jwt, started.session_jwt)
    assert.equal(decodeJwt(reply.session_jwt).iat, Math.floor(here.clock.now() / SECOND))
    assert.equal(reply.session.last_accessed_at, new Date(here.clock.now()).toISOString().replace(/\.\d+/, ''))
  })

  test('by a JWT of a retired but still published key, and not once the key is gone', async () => {
    const { here, project, started } = await scene(engine)
    const long = { session_token: started.session_token, session_duration_minutes: 527_040 }
    const { session_jwt } = await succeed(here, project, route, long)
    await rotateKeys(here.app, project.environment, { at_once: false })
    here.clock.advance(2 * HOUR)
    const renewed = await succeed(here, project, route, { session_jwt })
    assert.notEqual(decodeProtectedHeader(renewed.session_jwt).kid, decodeProtectedHeader(session_jwt).kid)
    here.clock.advance(31 * DAY)
    await refuse(here, project, route, { session_jwt }, 400, 'unable_to_parse_session_jwt')
    await succeed(here, project, route, { session_jwt: renewed.session_jwt })
  })

  test('a JWT never outlives its session', async () => {
    const { here, project, started } = await scene(engine)
    here.clock.advance(57 * MINUTE)
    const { session_jwt, session } = await succeed(here, project, route, { session_token: started.session_token })
    assert.equal(decodeJwt(session_jwt).exp, Date.parse(session.expires_at) / SECOND)
  })

  test('an unchanged session gets the same JWT for a few seconds, a changed one a new JWT at once', async () => {
    const { here, project, started } = await scene(engine)
    const body = { session_token: started.session_token }
    const first = await succeed(here, project, route, body)
    here.clock.advance(3 * SECOND)
    const second = await succeed(here, project, route, body)
    assert.equal(second.session_jwt, first.session_jwt)
    assert.notEqual(second.session.last_accessed_at, first.session.last_accessed_at)
    const changed = await succeed(here, project, route, { ...body, session_custom_claims: { plan: 'pro' } })
    assert.equal(decodeJwt(changed.session_jwt).plan, 'pro')
    here.clock.advance(11 * SECOND)
    const later = await succeed(here, project, route, body)
    assert.notEqual(later.session_jwt, changed.session_jwt)
  })

  test('neither or both of token and JWT, empty strings counting as absent', async () => {
    const { here, project, started } = await scene(engine)
    const { session_token, session_jwt } = started
    await refuse(here, project, route, {}, 400, 'no_session_arguments')
    await refuse(here, project, route, { session_token: '', session_jwt: null }, 400, 'no_session_arguments')
    await refuse(here, project, route, { session_token, session_jwt }, 400, 'too_many_session_arguments')
    await succeed(here, project, route, { session_token, session_jwt: '' })
  })

  test('a malformed token, and a well-formed one that nobody has', async () => {
    const { here, project } = await scene(engine)
    for (const session_token of ['short', `${'a'.repeat(43)}!`, 'a'.repeat(45), `${'a'.repeat(44)} `]) {
      await refuse(here, project, route, { session_token }, 400, 'invalid_session_token')
    }
    await refuse(here, project, route, { session_token: newToken() }, 404, 'session_not_found')
    await refuse(here, project, route, { session_token: `${'a'.repeat(43)}=` }, 404, 'session_not_found')
  })

  test('an expired session is gone for good, by token and by JWT', async () => {
    const { here, project, started } = await scene(engine)
    here.clock.advance(61 * MINUTE)
    const { session_token, session_jwt } = started
    await refuse(here, project, route, { session_token, session_duration_minutes: 60 }, 404, 'session_not_found')
    await refuse(here, project, route, { session_jwt, session_duration_minutes: 60 }, 404, 'session_not_found')
    await refuse(here, project, route, { session_token }, 404, 'session_not_found')
  })

  test('a revoked session is refused on the very next call, by token and by JWT', async () => {
    const { here, project, started } = await scene(engine)
    const { session_token, session_jwt } = started
    await succeed(here, project, route, { session_token })
    await succeed(here, project, 'POST /v1/sessions/revoke', { session_token })
    await refuse(here, project, route, { session_token }, 404, 'session_not_found')
    await refuse(here, project, route, { session_jwt }, 404, 'session_not_found')
  })

  test('JWTs that were not signed by the project: garbage, alg none, HS256 with the public key, another key, a changed payload', async () => {
    const { here, project, started } = await scene(engine)
    const [header = '', payload = '', signature = ''] = started.session_jwt.split('.')
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const none = `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`
    const kid = decodeProtectedHeader(started.session_jwt).kid
    const { keys } = await succeed(here, undefined, `GET /v1/sessions/jwks/${project.id}`)
    const pem = createPublicKey({ key: keys[0], format: 'jwk' }).export({ type: 'spki', format: 'pem' })
    const hmacInput = `${encode({ alg: 'HS256', typ: 'JWT', kid })}.${payload}`
    const hmac = `${hmacInput}.${createHmac('sha256', pem).update(hmacInput).digest('base64url')}`
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const changed = `${header}.${encode({ ...claims, sub: 'user-test-other' })}.${signature}`
    const unknownKid = `${encode({ alg: 'RS256', typ: 'JWT', kid: `jwk-test-${randomUUID()}` })}.${payload}.${signature}`
    for (const session_jwt of ['garbage', 'a.b.c', '..', none, hmac, changed, unknownKid, `${started.session_jwt}x`]) {
      await refuse(here, project, route, { session_jwt }, 400, 'unable_to_parse_session_jwt')
    }
  })

  test('JWTs of the right key with a foreign audience, a foreign issuer, or no session', async () => {
    const { here, project, started } = await scene(engine)
    const claims = decodeJwt<Record<string, unknown>>(started.session_jwt)
    const cases: [string, Record<string, unknown>][] = [
      ['jwt_invalid_audience', { ...claims, aud: [`project-test-${randomUUID()}`] }],
      ['jwt_invalid_issuer', { ...claims, iss: 'stytch.com/somebody-else' }],
      ['jwt_invalid_claims', { ...claims, [sessionClaim]: undefined }],
      ['jwt_invalid_claims', { ...claims, [sessionClaim]: { id: 7 } }],
      ['unable_to_parse_session_jwt', JSON.parse('[1]')],
    ]
    for (const [error_type, forged] of cases) {
      await refuse(here, project, route, { session_jwt: await forge(here, project, forged) }, 400, error_type)
    }
  })

  test('tokens and JWTs of one project mean nothing to another', async () => {
    const { here, started } = await scene(engine)
    const other = await here.project()
    await refuse(here, other, route, { session_token: started.session_token }, 404, 'session_not_found')
    await refuse(here, other, route, { session_jwt: started.session_jwt }, 400, 'unable_to_parse_session_jwt')
  })

  test('a duration counts from now, may shorten, and keeps the token', async () => {
    const { here, project, started } = await scene(engine)
    const { session_token } = started
    for (const minutes of [5, 527_040, 30]) {
      const reply = await succeed(here, project, route, { session_token, session_duration_minutes: minutes })
      const expected = Math.floor((here.clock.now() + minutes * MINUTE) / SECOND)
      assert.ok(Math.abs(Date.parse(reply.session.expires_at) / SECOND - expected) <= 1)
      assert.equal(reply.session_token, session_token)
      assert.equal(reply.session.started_at, started.session.started_at)
    }
  })

  test('a duration out of range or of the wrong type changes nothing', async () => {
    const { here, project, started } = await scene(engine)
    const { session_token } = started
    const before = await currentSession(here, project, started.user_id)
    here.clock.advance(5 * SECOND)
    for (const session_duration_minutes of [4, 527_041, 0, -5, 2_147_483_648, 1e16]) {
      const body = { session_token, session_duration_minutes, session_custom_claims: { a: 1 } }
      await refuse(here, project, route, body, 400, 'invalid_session_duration_minutes')
    }
    for (const session_duration_minutes of ['60', 5.5, true, {}]) {
      const refusal = await refuse(
        here,
        project,
        route,
        { session_token, session_duration_minutes },
        400,
        'bad_request',
      )
      assert.match(refusal.error_message, /session_duration_minutes/)
    }
    assert.deepEqual(await currentSession(here, project, started.user_id), before)
  })

  test('claims merge without a duration: values replace, null deletes, objects merge, arrays are replaced', async () => {
    const { here, project, started } = await scene(engine)
    const { session_token } = started
    const set = (session_custom_claims: unknown) =>
      succeed(here, project, route, { session_token, session_custom_claims })
    await set({ c: 3.5, d: 4, e: { nested1: 'val1', nested2: 'val2' }, list: [1, 2] })
    const reply = await set({
      d: null,
      e: { nested1: null, nested3: 'val3' },
      list: [3],
      fresh: { gone: null, kept: 1 },
    })
    const expected = { c: 3.5, e: { nested2: 'val2', nested3: 'val3' }, list: [3], fresh: { kept: 1 } }
    assert.deepEqual(reply.session.custom_claims, expected)
    const { c, e, list, fresh } = decodeJwt<Record<string, unknown>>(reply.session_jwt)
    assert.deepEqual({ c, e, list, fresh }, expected)
    assert.equal(reply.session.expires_at, started.session.expires_at)
    assert.deepEqual((await set({})).session.custom_claims, expected)
    assert.equal((await set({ c: null, e: null, list: null, fresh: null })).session.custom_claims, null)
  })

  test('reserved claims are ignored', async () => {
    const { here, project, started } = await scene(engine)
    const reserved = { iss: 'x', sub: 'x', aud: 'x', exp: 1, nbf: 1, iat: 1, jti: 'x' }
    const reply = await succeed(here, project, route, {
      session_token: started.session_token,
      session_custom_claims: { ...reserved, mine: true },
    })
    assert.deepEqual(reply.session.custom_claims, { mine: true })
    const claims = decodeJwt(reply.session_jwt)
    assert.equal(claims.sub, started.user_id)
    assert.equal(claims.jti, undefined)
  })

  test("claims of the platform's prefix, too large ones and none-objects are refused and nothing is merged", async () => {
    const { here, project, started } = await scene(engine)
    const { session_token } = started
    const merge = (session_custom_claims: unknown) => ({ session_token, session_custom_claims })
    const platform = { 'https://stytch.com/session': {}, ok: 1 }
    await refuse(here, project, route, merge(platform), 400, 'stytch_claims_in_custom_claims')
    const deleted = { 'https://stytch.com/session': null }
    await refuse(here, project, route, merge(deleted), 400, 'stytch_claims_in_custom_claims')
    // {"a":"…"} is 8 bytes around the text.
    await refuse(here, project, route, merge({ a: 'x'.repeat(4089) }), 400, 'custom_claims_too_large')
    await succeed(here, project, route, merge({ a: 'x'.repeat(4088) }))
    await refuse(here, project, route, merge({ b: 1 }), 400, 'custom_claims_too_large')
    await refuse(here, project, route, merge({ a: null, b: 'é'.repeat(2045) }), 400, 'custom_claims_too_large')
    for (const wrong of ['text', [1], 7]) await refuse(here, project, route, merge(wrong), 400, 'bad_request')
    const { custom_claims } = await currentSession(here, project, started.user_id)
    assert.deepEqual(custom_claims, { a: 'x'.repeat(4088) })
  })

  test('a check that passes names every granting role; one that fails neither extends nor merges', async () => {
    const { here, project, issuer } = await scene(engine)
    const grant = (actions: string[]) => [{ resource_id: 'documents', actions }]
    await setPolicy(here.app, project.id, 'CONSUMER', {
      custom_resources: [{ resource_id: 'documents', description: '', available_actions: ['read', 'write'] }],
      custom_roles: [
        { role_id: 'reader', description: '', permissions: grant(['read']) },
        { role_id: 'editor', description: '', permissions: grant(['*']) },
        { role_id: 'nobody', description: '', permissions: grant(['*']) },
      ],
    })
    const { session_token, user_id } = await startSession(here, project, issuer)
    await succeed(here, project, `PUT /v1/users/${user_id}`, { roles: ['reader', 'editor'] })
    const check = (resource_id: string, action: string) => ({
      session_token,
      authorization_check: { resource_id, action },
    })
    const { verdict, session } = await succeed(here, project, route, check('documents', 'read'))
    assert.deepEqual(verdict, { authorized: true, granting_roles: ['reader', 'editor'] })
    assert.deepEqual(session.roles, ['stytch_user', 'reader', 'editor'])
    assert.deepEqual((await succeed(here, project, route, check('documents', 'write'))).verdict.granting_roles, [
      'editor',
    ])

    const before = await currentSession(here, project, user_id)
    here.clock.advance(5 * SECOND)
    const change = { session_duration_minutes: 500, session_custom_claims: { plan: 'pro' } }
    const unknown = { ...check('folders', 'read'), ...change }
    await refuse(here, project, route, unknown, 403, 'consumer_session_authorization_error')
    // "*" grants every action of its resource, even one that the resource does not list.
    await succeed(here, project, route, check('documents', 'shred'))
    await succeed(here, project, `PUT /v1/users/${user_id}`, { roles: ['reader'] })
    const refused = { ...check('documents', 'write'), ...change }
    await refuse(here, project, route, refused, 403, 'consumer_session_authorization_error')
    await refuse(here, project, route, check('', 'read'), 400, 'empty_rbac_resource_id')
    const missing = { session_token, authorization_check: { resource_id: 'documents' } }
    assert.match(
      (await refuse(here, project, route, missing, 400, 'bad_request')).error_message,
      /authorization_check\.action/,
    )
    const after = await currentSession(here, project, user_id)
    assert.deepEqual(after.custom_claims, before.custom_claims)
    assert.equal(after.expires_at, before.expires_at)
  })

  test('roles are those of the moment, not of the start', async () => {
    const { here, project, started } = await scene(engine)
    const role = { role_id: 'late', description: '', permissions: [] }
    await setPolicy(here.app, project.id, 'CONSUMER', { custom_roles: [role] })
    await succeed(here, project, `PUT /v1/users/${started.user_id}`, { roles: ['late'] })
    const body = { session_token: started.session_token }
    const reply = await succeed(here, project, route, body)
    assert.deepEqual(reply.session.roles, ['stytch_user', 'late'])
    const claim = decodeJwt<Record<string, { roles: string[] }>>(reply.session_jwt)[sessionClaim] as { roles: string[] }
    assert.deepEqual(claim.roles, ['stytch_user', 'late'])
    await setPolicy(here.app, project.id, 'CONSUMER', {})
    assert.deepEqual((await succeed(here, project, route, body)).session.roles, ['stytch_user'])
  })

  test('a lock of the user does not touch sessions that exist', async () => {
    const { here, project, started } = await scene(engine)
    await lockUser(here, project, started.user_id)
    const reply = await succeed(here, project, route, { session_token: started.session_token })
    assert.equal(reply.user.is_locked, true)
  })

  test('an impersonated session authenticates but cannot be extended', async () => {
    const { here, project, started } = await scene(engine)
    await here.app.store.write
      .updateTable('sessions')
      .set({ authentication_factors: JSON.stringify([{ type: 'impersonated', delivery_method: 'impersonation' }]) })
      .where('session_id', '=', started.session.session_id)
      .execute()
    const { session_token } = started
    const reply = await succeed(here, project, route, { session_token })
    const extended = { session_token, session_duration_minutes: 60 }
    await refuse(here, project, route, extended, 400, 'session_not_mutable')
    assert.equal(reply.session.expires_at, (await currentSession(here, project, started.user_id)).expires_at)
  })

  test('a user who is deleted takes all sessions along', async () => {
    const { here, project, started } = await scene(engine)
    await succeed(here, project, `DELETE /v1/users/${started.user_id}`)
    const { session_token, session_jwt } = started
    await refuse(here, project, route, { session_token }, 404, 'session_not_found')
    await refuse(here, project, route, { session_jwt }, 404, 'session_not_found')
  })

  test('50 calls at once that each merge another claim lose none of them', async () => {
    const { here, project, started } = await scene(engine)
    const { session_token } = started
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        succeed(here, project, route, { session_token, session_custom_claims: { [`claim${index}`]: index } }),
      ),
    )
    const { custom_claims } = await currentSession(here, project, started.user_id)
    assert.equal(Object.keys(custom_claims).length, 50)
  })

  test('while a session is used without pause, its revocation is refused on every call that begins after it', async () => {
    const { here, project, started } = await scene(engine)
    const { session_token } = started
    let revoked = false
    const use = async () => {
      for (let round = 0; round < 20; round++) {
        const began = revoked
        here.clock.advance(SECOND)
        const { status } = await call(here, project, route, { session_token, session_duration_minutes: 60 })
        if (began) assert.equal(status, 404)
      }
    }
    const users = Array.from({ length: 8 }, use)
    await new Promise((resolve) => setImmediate(resolve))
    await succeed(here, project, 'POST /v1/sessions/revoke', { session_token })
    revoked = true
    await Promise.all(users)
  })
})
