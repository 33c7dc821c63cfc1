/** POST /v1/magic_links/authenticate: links redeemed once, and refusals that burn nothing. */
import assert from 'node:assert/strict'
import { hash, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { newToken } from '../../../../src/crypto/tokens.ts'
import {
  issueOneTimeToken,
  type TokenDetails,
  type TokenPurpose,
} from '../../../../src/domain/proofs/one_time_token.ts'
import { MINUTE, SECOND } from '../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../support/call.ts'
import { mailedLink, newAddress, traces } from '../../../support/links.ts'
import { lockUser } from '../../../support/lock.ts'
import { enrol } from '../../../support/totp.ts'
import { give, newUser, startSession } from '../../../support/users.ts'
import { type Engine, onBothEngines, type TestProject, type World, world } from '../../../support/world.ts'

const route = 'POST /v1/magic_links/authenticate'
const unknownText = 'The magic link could not be authenticated, try sending another magic link to the user.'
const spentText =
  'The magic link could not be authenticated because it was either already used or expired. Send another magic link to this user.'
const verifier = 'a'.repeat(43)
const code_challenge = hash('sha256', verifier, 'base64url')

async function scene(engine: Engine) {
  const here = await world(engine)
  const project = await here.project()
  const link = (fields: object = {}, email = newAddress()) => mailedLink(here, project, email, fields)
  const redeem = (token: string, fields: object = {}) => succeed(here, project, route, { token, ...fields })
  const refused = (token: string, fields: object, status: number, type: string) =>
    refuse(here, project, route, { token, ...fields }, status, type)
  return { here, project, link, redeem, refused }
}

/** A token made by a flow other than that of magic links. */
async function tokenOf(
  here: World,
  project: TestProject,
  purpose: TokenPurpose,
  kind: TokenDetails['kind'],
  user: { user_id: string; emails: { email_id: string }[] },
) {
  const environment = await here.app.environment(project.id)
  assert.ok(environment)
  const details = { kind, attributes: { ip_address: '', user_agent: '' } }
  const method_id = user.emails[0]?.email_id as string
  return issueOneTimeToken(here.app, environment, { purpose, owner_id: user.user_id, method_id, minutes: 30, details })
}

onBothEngines('magic_links.authenticate', (engine) => {
  test('signs in: the address is verified, the session has the one factor and the attributes of this call', async () => {
    const { here, project, redeem } = await scene(engine)
    const email = newAddress()
    const sent = await mailedLink(here, project, email, { attributes: { ip_address: '203.0.113.9' } })
    const attributes = { ip_address: '203.0.113.1', user_agent: 'tests' }
    const reply = await redeem(sent.token, {
      attributes,
      session_duration_minutes: 60,
      session_custom_claims: { plan: 'pro' },
      telemetry_id: 'anything',
    })
    assert.deepEqual([reply.user_id, reply.method_id, reply.reset_sessions], [sent.user_id, sent.email_id, false])
    assert.deepEqual(reply.user.emails, [{ email_id: sent.email_id, email, verified: true }])
    const [{ created_at, updated_at, last_authenticated_at, ...factor }] = reply.session.authentication_factors
    assert.deepEqual(factor, {
      type: 'magic_link',
      delivery_method: 'email',
      email_factor: { email_id: sent.email_id, email_address: email },
    })
    assert.deepEqual([updated_at, last_authenticated_at], [created_at, created_at])
    assert.deepEqual(reply.session.attributes, attributes)
    assert.deepEqual(reply.session.custom_claims, { plan: 'pro' })
    const { session } = await succeed(here, project, 'POST /v1/sessions/authenticate', {
      session_token: reply.session_token,
    })
    assert.equal(session.session_id, reply.session.session_id)
  })

  test('without a duration and without a session there is no session, and the link is used all the same', async () => {
    const { link, redeem, refused } = await scene(engine)
    const { token } = await link({ create_user_as_pending: true })
    const reply = await redeem(token)
    assert.deepEqual([reply.session, reply.session_token, reply.session_jwt], [null, '', ''])
    assert.equal(reply.user.status, 'active')
    await refused(token, {}, 401, 'unable_to_auth_magic_link')
  })

  test('a session that is passed gains the factor; a second link of the same address renews it in place', async () => {
    const { here, project, redeem } = await scene(engine)
    const email = newAddress()
    const first = await mailedLink(here, project, email)
    const { session_token, session } = await redeem(first.token, { session_duration_minutes: 60 })
    const second = await mailedLink(here, project, email)
    here.clock.advance(MINUTE)
    const again = await redeem(second.token, { session_token })
    assert.deepEqual(
      [again.session.session_id, again.session_token, again.session.expires_at],
      [session.session_id, session_token, session.expires_at],
    )
    assert.equal(again.session.authentication_factors.length, 1)
    assert.ok(again.session.authentication_factors[0].updated_at > session.authentication_factors[0].updated_at)
    const embedded = await succeed(here, project, 'POST /v1/magic_links', { user_id: first.user_id })
    const more = await redeem(embedded.token, { session_jwt: again.session_jwt, session_duration_minutes: 5 })
    assert.deepEqual(
      more.session.authentication_factors.map(({ delivery_method }: { delivery_method: string }) => delivery_method),
      ['email', 'embedded'],
    )
    assert.ok(more.session.expires_at < session.expires_at)
  })

  test("another user's session is ignored and stays untouched", async () => {
    const { here, project, link, redeem } = await scene(engine)
    const stranger = await newUser(here, project)
    const session_token = await startSession(here, project, stranger.user_id)
    const before = (await succeed(here, project, `GET /v1/sessions?user_id=${stranger.user_id}`)).sessions
    const reply = await redeem((await link()).token, { session_token })
    assert.equal(reply.session, null)
    assert.notEqual(reply.user_id, stranger.user_id)
    const after = (await succeed(here, project, `GET /v1/sessions?user_id=${stranger.user_id}`)).sessions
    assert.deepEqual(after, before)
  })

  test('an unknown or malformed token is not found; a used or expired one cannot be used; the texts are those of the API', async () => {
    const { here, project, link, redeem, refused } = await scene(engine)
    for (const token of ['', 'short', `${newToken()}x`, newToken(), 'CprTtwhnRNiMBiUS2jSLcWYrfuO2POeBNdo5HhW6qTM=']) {
      assert.equal((await refused(token, {}, 404, 'magic_link_not_found')).error_message, unknownText)
    }
    await refuse(here, project, route, {}, 400, 'bad_request')
    await refuse(here, project, route, { token: 7 }, 400, 'bad_request')
    const used = await link()
    await redeem(used.token)
    assert.equal((await refused(used.token, {}, 401, 'unable_to_auth_magic_link')).error_message, spentText)
    const email = newAddress()
    await mailedLink(here, project, email)
    const expiring = await mailedLink(here, project, email, { login_expiration_minutes: 5 })
    here.clock.advance(5 * MINUTE - SECOND)
    // Asking for another takes the last second.
    const timely = await mailedLink(here, project, email)
    assert.equal((await refused(expiring.token, {}, 401, 'unable_to_auth_magic_link')).error_message, spentText)
    await redeem(timely.token)
  })

  test('a link belongs to one project and one purpose', async () => {
    const { here, project, link, redeem, refused } = await scene(engine)
    const other = await here.project()
    const { token, user_id } = await link()
    await refuse(here, other, route, { token }, 404, 'magic_link_not_found')
    const user = await succeed(here, project, `GET /v1/users/${user_id}`)
    for (const [purpose, kind] of [
      ['password reset', 'reset_password'],
      ['unlock', 'unlock'],
    ] as const) {
      await refused(await tokenOf(here, project, purpose, kind, user), {}, 404, 'magic_link_not_found')
    }
    await redeem(token)
  })

  test('the link for a login without password, made beside a password reset, signs in', async () => {
    const { here, project, redeem } = await scene(engine)
    const user = await newUser(here, project)
    const token = await tokenOf(here, project, 'magic link', 'login', user)
    const reply = await redeem(token, { session_duration_minutes: 5 })
    assert.equal(reply.method_id, user.emails[0].email_id)
    assert.equal(reply.session.authentication_factors[0].delivery_method, 'email')
  })

  test('PKCE: only who knows the verifier redeems, and a failure burns nothing', async () => {
    const { here, project, link, redeem, refused } = await scene(engine)
    const bound = await link({ code_challenge })
    const free = await link()
    const before = await traces(here, project)
    const cases: [string, object, string][] = [
      [bound.token, {}, 'pkce_expected_code_verifier'],
      [bound.token, { code_verifier: '' }, 'pkce_expected_code_verifier'],
      [bound.token, { code_verifier: 'b'.repeat(43) }, 'pkce_mismatch'],
      [bound.token, { code_verifier: code_challenge }, 'pkce_mismatch'],
      [bound.token, { code_verifier: 'short' }, 'invalid_pkce_code_verifier'],
      [bound.token, { code_verifier: 'a'.repeat(129) }, 'invalid_pkce_code_verifier'],
      [bound.token, { code_verifier: `${verifier}=` }, 'invalid_pkce_code_verifier'],
      [free.token, { code_verifier: verifier }, 'pkce_did_not_expect_code_verifier'],
    ]
    for (const [token, fields, type] of cases) await refused(token, fields, 400, type)
    assert.deepEqual(await traces(here, project), before)
    await redeem(bound.token, { code_verifier: verifier })
    await redeem(free.token)
  })

  test('options: the device must be the one that asked, whatever the spelling of its address; a mismatch burns nothing', async () => {
    const { here, project, link, redeem, refused } = await scene(engine)
    const ip = { ip_match_required: true, user_agent_match_required: false }
    const agent = { ip_match_required: false, user_agent_match_required: true }
    const attributes = { ip_address: '2001:DB8::0:1', user_agent: 'tests' }
    const known = await link({ attributes })
    const silent = await link()
    const before = await traces(here, project)
    const mismatches: [string, object][] = [
      [known.token, { options: ip }],
      [known.token, { options: ip, attributes: { ip_address: '2001:db8::2', user_agent: 'tests' } }],
      [known.token, { options: ip, attributes: { user_agent: 'tests' } }],
      [known.token, { options: agent }],
      [known.token, { options: agent, attributes: { ...attributes, user_agent: 'Tests' } }],
      [silent.token, { options: ip, attributes }],
      [silent.token, { options: agent }],
      [silent.token, { options: ip, attributes: { ip_address: '' } }],
    ]
    for (const [token, fields] of mismatches) await refused(token, fields, 401, 'attribute_mismatch')
    await refused(known.token, { options: { ip_match_required: true } }, 401, 'attribute_mismatch')
    await refused(known.token, { options: { ip_match_required: 'yes' } }, 400, 'bad_request')
    await refused(known.token, { attributes: { ip_address: 'x' } }, 400, 'invalid_ip_address')
    assert.deepEqual(await traces(here, project), before)
    const options = { ip_match_required: true, user_agent_match_required: true }
    await redeem(known.token, { options, attributes: { ip_address: '2001:db8::1', user_agent: 'tests' } })
    await redeem(silent.token, { options: { ip_match_required: false, user_agent_match_required: false } })
  })

  test('bad session arguments and dead sessions burn nothing', async () => {
    const { here, project, link, redeem, refused } = await scene(engine)
    const sent = await link()
    const session_token = await startSession(here, project, sent.user_id)
    const ended = await startSession(here, project, sent.user_id)
    await succeed(here, project, 'POST /v1/sessions/revoke', { session_token: ended })
    const { session_jwt } = await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token })
    const before = await traces(here, project)
    const cases: [object, number, string][] = [
      [{ session_token, session_jwt }, 400, 'too_many_session_arguments'],
      [{ session_token: 'short' }, 400, 'invalid_session_token'],
      [{ session_token: newToken() }, 404, 'session_not_found'],
      [{ session_token: ended }, 404, 'session_not_found'],
      [{ session_jwt: 'a.b.c' }, 400, 'unable_to_parse_session_jwt'],
      [{ session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ session_duration_minutes: 527_041 }, 400, 'invalid_session_duration_minutes'],
      [{ session_token, session_custom_claims: { a: 'x'.repeat(5000) } }, 400, 'custom_claims_too_large'],
      [
        { session_duration_minutes: 5, session_custom_claims: { 'https://stytch.com/x': 1 } },
        400,
        'stytch_claims_in_custom_claims',
      ],
    ]
    for (const [fields, status, type] of cases) await refused(sent.token, fields, status, type)
    assert.deepEqual(await traces(here, project), before)
    await redeem(sent.token, { session_token })
  })

  test('a session that may gain no factor, or whose claims grow too large, burns nothing', async () => {
    const { here, project, link, redeem, refused } = await scene(engine)
    const sent = await link()
    const session_token = await startSession(here, project, sent.user_id)
    const claims = (letter: string) => ({ [letter]: 'x'.repeat(3000) })
    await succeed(here, project, 'POST /v1/sessions/authenticate', {
      session_token,
      session_custom_claims: claims('a'),
    })
    const impersonated = await startSession(here, project, sent.user_id)
    const factors = JSON.stringify([{ type: 'impersonated', delivery_method: 'impersonation' }])
    const { session } = await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token: impersonated })
    await here.app.store.write
      .updateTable('sessions')
      .set({ authentication_factors: factors })
      .where('session_id', '=', session.session_id)
      .execute()
    const before = await traces(here, project)
    await refused(sent.token, { session_token, session_custom_claims: claims('b') }, 400, 'custom_claims_too_large')
    await refused(sent.token, { session_token: impersonated }, 400, 'session_not_mutable')
    assert.deepEqual(await traces(here, project), before)
    await redeem(sent.token)
  })

  test('a locked user is refused until the lock ends; dead links of theirs count for nothing', async () => {
    const { here, project, link, redeem, refused } = await scene(engine)
    const sent = await link({ signup_expiration_minutes: 1000 })
    await lockUser(here, project, sent.user_id)
    const before = await traces(here, project)
    const answer = await call(here, project, route, { token: sent.token })
    assert.deepEqual([answer.status, answer.body.error_type], [429, 'user_lock_limit_reached'])
    assert.equal(answer.headers['retry-after'], '3600')
    assert.deepEqual(await traces(here, project), before)
    here.clock.advance(60 * MINUTE)
    await redeem(sent.token)
    for (let round = 0; round < 20; round++) await refused(sent.token, {}, 401, 'unable_to_auth_magic_link')
    const user = await succeed(here, project, `GET /v1/users/${sent.user_id}`)
    assert.equal(user.is_locked, false)
  })

  test('a success makes earlier failures forgotten', async () => {
    const { here, project, link, redeem } = await scene(engine)
    const { token, user_id } = await link()
    const row = { project_id: project.id, owner_id: user_id, failures: 9 }
    await here.app.store.write.insertInto('failed_attempts').values(row).execute()
    await redeem(token)
    const { failures } = (await traces(here, project)) as { failures: unknown[] }
    assert.deepEqual(failures, [])
  })

  test('a link proves nothing once its address was deleted, exchanged or has gone to somebody else', async () => {
    const { here, project, link, refused } = await scene(engine)
    const email = newAddress()
    const sent = await link({}, email)
    await succeed(here, project, `DELETE /v1/users/emails/${sent.email_id}`)
    await refused(sent.token, {}, 401, 'unable_to_auth_magic_link')
    const next = await link({}, email)
    assert.notEqual(next.user_id, sent.user_id)
    await refused(sent.token, {}, 401, 'unable_to_auth_magic_link')
    assert.equal((await succeed(here, project, `GET /v1/users/${next.user_id}`)).emails[0].verified, false)
    const exchange = `PUT /v1/users/${next.user_id}/exchange_primary_factor`
    await succeed(here, project, exchange, { email_address: newAddress() })
    const answer = await call(here, project, route, { token: next.token })
    assert.ok(['unable_to_auth_magic_link', 'magic_link_not_found'].includes(answer.body.error_type))
  })

  test('first proof of the address of a password account: other sessions and the app end, and the password must be reset', async () => {
    const { here, project, redeem } = await scene(engine)
    const user = await newUser(here, project)
    const [{ email }] = user.emails
    const password_id = `password-test-${randomUUID()}`
    await give(here, project, user.user_id, { password: { password_id, requires_reset: false } })
    const prepared = await startSession(here, project, user.user_id)
    const passed = await startSession(here, project, user.user_id)
    const { user_id } = user
    const app = await enrol(here, project, user_id)
    await succeed(here, project, 'POST /v1/totps/authenticate', { user_id, totp_code: app.code() })
    const embedded = await succeed(here, project, 'POST /v1/magic_links', { user_id })
    assert.equal((await redeem(embedded.token)).reset_sessions, false)
    const { token } = await mailedLink(here, project, email)
    const reply = await redeem(token, { session_token: passed })
    assert.equal(reply.reset_sessions, true)
    assert.deepEqual(reply.user.password, { password_id, requires_reset: true })
    assert.deepEqual(reply.user.totps, [])
    const code = { user_id, totp_code: app.code(1) }
    await refuse(here, project, 'POST /v1/totps/authenticate', code, 404, 'totp_not_found')
    assert.equal(reply.session_token, passed)
    await refuse(here, project, 'POST /v1/sessions/authenticate', { session_token: prepared }, 404, 'session_not_found')
    await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token: passed })
    const again = await mailedLink(here, project, email)
    assert.equal((await redeem(again.token)).reset_sessions, false)
    await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token: passed })
  })

  test('a password account whose address was proven before keeps password and sessions', async () => {
    const { here, project, link, redeem } = await scene(engine)
    const email = newAddress()
    const first = await link({}, email)
    await redeem(first.token)
    const password = { password_id: `password-test-${randomUUID()}`, requires_reset: false }
    await give(here, project, first.user_id, { password })
    const session_token = await startSession(here, project, first.user_id)
    const reply = await redeem((await link({}, email)).token)
    assert.deepEqual([reply.reset_sessions, reply.user.password], [false, password])
    await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token })
  })

  test('a hundred calls at once redeem a link exactly once', async () => {
    const { here, project, link } = await scene(engine)
    const { token, user_id } = await link()
    const body = { token, session_duration_minutes: 60 }
    const answers = await Promise.all(Array.from({ length: 100 }, () => call(here, project, route, body)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    const types = new Set(answers.filter(({ status }) => status !== 200).map((answer) => answer.body.error_type))
    assert.deepEqual([...types], ['unable_to_auth_magic_link'])
    assert.equal((await succeed(here, project, `GET /v1/sessions?user_id=${user_id}`)).sessions.length, 1)
  })

  test('fifty links of one user at once all redeem, and onto one session', async () => {
    const { here, project, link } = await scene(engine)
    const { user_id } = await link()
    const session_token = await startSession(here, project, user_id)
    const tokens = []
    for (let index = 0; index < 50; index++) {
      tokens.push((await succeed(here, project, 'POST /v1/magic_links', { user_id })).token)
    }
    const answers = await Promise.all(tokens.map((token) => call(here, project, route, { token, session_token })))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    const { sessions } = await succeed(here, project, `GET /v1/sessions?user_id=${user_id}`)
    assert.equal(sessions[0].authentication_factors.length, 51)
  })

  test('a user deleted while a link is redeemed is signed in before or not at all', async () => {
    const { here, project, link } = await scene(engine)
    for (let round = 0; round < 10; round++) {
      const { token, user_id } = await link()
      const [redeemed] = await Promise.all([
        call(here, project, route, { token, session_duration_minutes: 60 }),
        call(here, project, `DELETE /v1/users/${user_id}`),
      ])
      assert.ok(redeemed.status === 200 || redeemed.body.error_type === 'magic_link_not_found', redeemed.body)
      await refuse(here, project, route, { token }, 404, 'magic_link_not_found')
      const { session_token } = redeemed.body
      if (!session_token) continue
      await refuse(here, project, 'POST /v1/sessions/authenticate', { session_token }, 404, 'session_not_found')
    }
  })

  test('neither tokens nor verifiers are ever logged', async () => {
    const { here, link, redeem, refused } = await scene(engine)
    const { token } = await link({ code_challenge })
    await refused(token, { code_verifier: 'b'.repeat(43) }, 400, 'pkce_mismatch')
    await redeem(token, { code_verifier: verifier })
    await refused(token, {}, 401, 'unable_to_auth_magic_link')
    for (const line of here.logged) assert.ok(!line.includes(token) && !line.includes(verifier))
  })
})
