/** Sandbox values: canned answers where the switch is on, and nothing special anywhere else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { switchSandbox } from '../../../src/domain/projects/environment.ts'
import { call, refuse, succeed } from '../../support/call.ts'
import { clientOf, listening } from '../../support/sdk.ts'
import { liveCredentials } from '../../support/users.ts'
import { type Credentials, onBothEngines, type TestProject, type World, world } from '../../support/world.ts'

const user_id = 'user-test-e3795c81-f849-4167-bfda-e4a6e9c280fd'
const email = 'sandbox@stytch.com'
const email_id = 'email-test-23873e89-d4ed-4e92-b3b9-e5c7198fa286'
const phone_number = '+10000000000'
const phone_id = 'phone-number-test-d5a3b680-e8a3-40c0-b815-ab79986666d0'
const session_id = 'session-test-eb94233f-8800-4ebd-8645-51dc15f9d028'
const session_token = 'WJtR5BCy38Szd5AfoDpf0iqFKEt4EE5JhjlWUY7l3FtY'
const good_link = 'DOYoip3rvIMMW5lgItikFK-Ak1CfMsgjuiCyI7uuU94='
const spent_link = '3pzjQpgksDlGKWEwUq2Up--hCHC_0oamfLHyfspKDFU='
const unknown_link = 'CprTtwhnRNiMBiUS2jSLcWYrfuO2POeBNdo5HhW6qTM='

async function sandboxed(here: World): Promise<TestProject> {
  const project = await here.project()
  await switchSandbox(here.app, project.environment, true)
  return project
}

/** Everything end-user data could have been written to. */
async function stored(here: World, { id }: Credentials): Promise<number> {
  let rows = 0
  for (const table of [
    'users',
    'sessions',
    'messages',
    'one_time_tokens',
    'one_time_codes',
    'counters',
    'failed_attempts',
  ]) {
    rows += (await here.app.store.read.selectFrom(table).selectAll().where('project_id', '=', id).execute()).length
  }
  return rows
}

/** The operations that send to an address, with the reply to the sandbox one. */
const mails: [string, object][] = [
  ['POST /v1/magic_links/email/send', { user_id, email_id }],
  ['POST /v1/magic_links/email/login_or_create', { user_id, email_id, user_created: false }],
  ['POST /v1/magic_links/email/invite', { user_id, email_id }],
  ['POST /v1/magic_links/email/revoke_invite', {}],
  ['POST /v1/otps/email/send', { user_id, email_id }],
  ['POST /v1/otps/email/login_or_create', { user_id, email_id, user_created: false }],
]

/** The operations that send to a number, with the reply to the sandbox one. */
const texts: [string, object][] = [
  ['POST /v1/otps/sms/send', { user_id, phone_id }],
  ['POST /v1/otps/sms/login_or_create', { user_id, phone_id, user_created: false }],
  ['POST /v1/otps/whatsapp/send', { user_id, phone_id }],
  ['POST /v1/otps/whatsapp/login_or_create', { user_id, phone_id, user_created: false }],
]

onBothEngines('sandbox values', (engine) => {
  test('messages to the sandbox address are not sent, however often, and nothing is stored', async () => {
    const here = await world(engine)
    const project = await sandboxed(here)
    for (const [route, expected] of mails) {
      for (const given of [email, ' Sandbox@Stytch.com ']) {
        const { status_code, request_id: _, ...reply } = await succeed(here, project, route, { email: given })
        assert.deepEqual(reply, expected, route)
        assert.equal(status_code, 200)
      }
    }
    assert.equal(await stored(here, project), 0)
  })

  test('nor are those to the sandbox number, which is no limit and no country', async () => {
    const here = await world(engine)
    const project = await sandboxed(here)
    for (const [route, expected] of texts) {
      for (let time = 0; time < 10; time++) {
        const { status_code: _, request_id: __, ...reply } = await succeed(here, project, route, { phone_number })
        assert.deepEqual(reply, expected, route)
      }
    }
    assert.equal(await stored(here, project), 0)
  })

  test('the sandbox code authenticates the address and the number, any other code does not', async () => {
    const here = await world(engine)
    const project = await sandboxed(here)
    const route = 'POST /v1/otps/authenticate'
    for (const [method_id, type] of [
      [email_id, 'email_otp'],
      [phone_id, 'otp'],
    ]) {
      for (let time = 0; time < 12; time++) {
        const reply = await succeed(here, project, route, { method_id, code: '000000' })
        assert.deepEqual([reply.user_id, reply.method_id, reply.session], [user_id, method_id, null])
      }
      const body = { method_id, code: '000000', session_duration_minutes: 60 }
      const { session } = await succeed(here, project, route, body)
      assert.equal(session.authentication_factors[0].type, type)
    }
    assert.equal(await stored(here, project), 0)
    const wrong = { method_id: phone_id, code: '000001' }
    await refuse(here, project, route, wrong, 404, 'otp_code_not_found')
    const stranger = { method_id: phone_id.replace('d5a3', 'd5a4'), code: '000000' }
    await refuse(here, project, route, stranger, 404, 'otp_code_not_found')
  })

  test('the good link signs the sandbox user in, every time, with a session when one is asked for', async () => {
    const here = await world(engine)
    const project = await sandboxed(here)
    const route = 'POST /v1/magic_links/authenticate'
    for (let time = 0; time < 3; time++) {
      const reply = await succeed(here, project, route, { token: good_link })
      assert.deepEqual([reply.user_id, reply.method_id, reply.session], [user_id, email_id, null])
      assert.deepEqual([reply.session_token, reply.session_jwt, reply.reset_sessions], ['', '', false])
      assert.equal(reply.user.emails[0].email, email)
    }
    const body = { token: good_link, session_duration_minutes: 30, session_custom_claims: { a: 1 } }
    const { session, ...reply } = await succeed(here, project, route, body)
    assert.equal(reply.session_token, session_token)
    assert.deepEqual([session.session_id, session.user_id], [session_id, user_id])
    assert.deepEqual(session.custom_claims, { a: 1 })
    assert.equal(Date.parse(session.expires_at) - Date.parse(session.last_accessed_at), 30 * 60_000)
    assert.equal(session.authentication_factors[0].email_factor.email_address, email)
    await refuse(
      here,
      project,
      route,
      { token: good_link, session_duration_minutes: 1 },
      400,
      'invalid_session_duration_minutes',
    )
    assert.equal(await stored(here, project), 0)
  })

  test('the other two links are refused in the published words', async () => {
    const here = await world(engine)
    const project = await sandboxed(here)
    const route = 'POST /v1/magic_links/authenticate'
    const spent = await refuse(here, project, route, { token: spent_link }, 401, 'unable_to_auth_magic_link')
    assert.equal(
      spent.error_message,
      'The magic link could not be authenticated because it was either already used or expired. Send another magic link to this user.',
    )
    const unknown = await refuse(here, project, route, { token: unknown_link }, 404, 'magic_link_not_found')
    assert.equal(
      unknown.error_message,
      'The magic link could not be authenticated, try sending another magic link to the user.',
    )
    assert.match(spent.error_url, /\/api\/errors\/401#unable_to_auth_magic_link$/)
  })

  test('the sandbox session authenticates by its token and by its JWT; another token does not', async () => {
    const here = await world(engine)
    const project = await sandboxed(here)
    const route = 'POST /v1/sessions/authenticate'
    const first = await succeed(here, project, route, { session_token })
    assert.equal(first.session.started_at, '2021-08-28T00:41:58.935673Z')
    assert.deepEqual([first.session.session_id, first.session.user_id], [session_id, user_id])
    assert.equal(first.session_token, session_token)
    const second = await succeed(here, project, route, { session_jwt: first.session_jwt, session_duration_minutes: 10 })
    assert.equal(second.session_token, session_token)
    assert.equal(second.session.session_id, session_id)
    const permission = { resource_id: 'x', action: 'read' }
    const denied = { session_token, authorization_check: permission }
    await refuse(here, project, route, denied, 403, 'consumer_session_authorization_error')
    const other = { session_token: '59cnLELtq5cFVS6uYK9f-pAWzBkhqZl8AvLhbhOvKNWw' }
    await refuse(here, project, route, other, 404, 'session_not_found')
    const both = { session_token, session_jwt: first.session_jwt }
    await refuse(here, project, route, both, 400, 'too_many_session_arguments')
    const forged = `${first.session_jwt.slice(0, -8)}AAAAAAAA`
    await refuse(here, project, route, { session_jwt: forged }, 400, 'unable_to_parse_session_jwt')
    assert.equal(await stored(here, project), 0)
    await refuse(here, project, 'GET /v1/sessions?user_id='.concat(user_id), undefined, 404, 'user_not_found')
    const query = { operator: 'AND', operands: [{ filter_name: 'user_id', filter_value: [user_id] }] }
    const { results_metadata } = await succeed(here, project, 'POST /v1/users/search', { query })
    assert.equal(results_metadata.next_cursor, null)
  })

  test('the JWT is that of its own answer, also when others were made in the same second', async () => {
    const here = await world(engine)
    const project = await sandboxed(here)
    for (const session_custom_claims of [{ one: 1 }, { two: 2 }]) {
      const { session_jwt } = await succeed(here, project, 'POST /v1/sessions/authenticate', {
        session_token,
        session_custom_claims,
      })
      const { one, two } = JSON.parse(Buffer.from(session_jwt.split('.')[1], 'base64url').toString())
      assert.deepEqual({ one, two }, { one: undefined, two: undefined, ...session_custom_claims })
    }
  })

  test('the official client verifies the JWT of the sandbox session by itself', async () => {
    const here = await world(engine)
    const project = await sandboxed(here)
    const { url, stop } = await listening(here)
    try {
      const client = clientOf(project, url)
      const { session, session_jwt } = await client.sessions.authenticate({ session_token })
      // The client judges by its own clock; other tests move this one.
      const current_date = new Date(here.clock.now())
      const local = await client.sessions.authenticateJwtLocal({ session_jwt, current_date })
      assert.equal(local.user_id, user_id)
      assert.equal(local.session_id, session.session_id)
      assert.equal(local.authentication_factors[0]?.email_factor?.email_address, email)
      // A JWT has whole seconds.
      assert.equal(session.started_at, '2021-08-28T00:41:58.935673Z')
      assert.equal(local.started_at, '2021-08-28T00:41:58Z')
    } finally {
      await stop()
    }
  })

  test('a JWT of the sandbox session opens no other environment, and none once the switch is off', async () => {
    const here = await world(engine)
    const [project, other, plain] = [await sandboxed(here), await sandboxed(here), await here.project()]
    const route = 'POST /v1/sessions/authenticate'
    const { session_jwt } = await succeed(here, project, route, { session_token })
    for (const stranger of [other, plain]) {
      const { status } = await call(here, stranger, route, { session_jwt })
      assert.ok(status === 400 || status === 404)
    }
    await switchSandbox(here.app, project.environment, false)
    await refuse(here, project, route, { session_jwt }, 404, 'session_not_found')
  })

  test('the sandbox user authenticates by app and recovery code; other codes are those of an unknown user', async () => {
    const here = await world(engine)
    const project = await sandboxed(here)
    const authenticate = { user_id, totp_code: '000000', session_duration_minutes: 5 }
    const { session, totp_id } = await succeed(here, project, 'POST /v1/totps/authenticate', authenticate)
    assert.match(totp_id, /^totp-test-/)
    assert.equal(session.authentication_factors[0].type, 'totp')
    const recover = { user_id, recovery_code: 'a1b2-c3d4-e5f6' }
    assert.equal((await succeed(here, project, 'POST /v1/totps/recover', recover)).totp_id, totp_id)
    const wrong = { ...authenticate, totp_code: '000001' }
    await refuse(here, project, 'POST /v1/totps/authenticate', wrong, 404, 'user_not_found')
    const wrongRecovery = { user_id, recovery_code: 'a1b2-c3d4-e5f7' }
    await refuse(here, project, 'POST /v1/totps/recover', wrongRecovery, 404, 'user_not_found')
  })

  test('with the switch off, every value is an ordinary unknown one', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const token of [good_link, spent_link, unknown_link]) {
      await refuse(here, project, 'POST /v1/magic_links/authenticate', { token }, 404, 'magic_link_not_found')
    }
    await refuse(here, project, 'POST /v1/sessions/authenticate', { session_token }, 404, 'session_not_found')
    await refuse(here, project, 'POST /v1/magic_links/email/send', { email }, 404, 'email_not_found')
    await refuse(here, project, 'POST /v1/magic_links/email/revoke_invite', { email }, 404, 'email_not_found')
    const totp = { user_id, totp_code: '000000' }
    await refuse(here, project, 'POST /v1/totps/authenticate', totp, 404, 'user_not_found')
    const recover = { user_id, recovery_code: 'a1b2-c3d4-e5f6' }
    await refuse(here, project, 'POST /v1/totps/recover', recover, 404, 'user_not_found')
    for (const [route] of texts) await refuse(here, project, route, { phone_number }, 400, 'invalid_phone_number')
    for (const method_id of [email_id, phone_id]) {
      const code = { method_id, code: '000000' }
      await refuse(here, project, 'POST /v1/otps/authenticate', code, 404, 'otp_code_not_found')
    }
    const created = await succeed(here, project, 'POST /v1/magic_links/email/login_or_create', { email })
    assert.equal(created.user_created, true)
    assert.notEqual(created.user_id, user_id)
  })

  test('live environments refuse the address and the number, and know none of the other values', async () => {
    const here = await world(engine)
    const project = await sandboxed(here)
    const live = await liveCredentials(here, project)
    for (const [route] of mails) await refuse(here, live, route, { email }, 400, 'invalid_email_sandbox')
    for (const [route] of texts) await refuse(here, live, route, { phone_number }, 400, 'invalid_phone_number_sandbox')
    const code = { method_id: phone_id, code: '000000' }
    const { status, body } = await call(here, live, 'POST /v1/otps/authenticate', code)
    assert.ok(status >= 400, body.error_type)
    await refuse(here, live, 'POST /v1/magic_links/authenticate', { token: good_link }, 404, 'magic_link_not_found')
    await refuse(here, live, 'POST /v1/sessions/authenticate', { session_token }, 404, 'session_not_found')
    assert.equal(await stored(here, live), 0)
  })

  test('a live environment has no sandbox even if its settings say so', async () => {
    const here = await world(engine)
    const project = await here.project()
    await assert.rejects(async () => switchSandbox(here.app, project.live, true), /A live environment has no sandbox/)
    const settings = JSON.stringify({ ...project.live.settings, sandbox_enabled: true })
    const { live } = project
    await here.app.store.write
      .updateTable('environments')
      .set({ settings })
      .where('project_id', '=', live.project_id)
      .execute()
    const credentials = await liveCredentials(here, project)
    assert.equal((await here.app.environment(live.project_id))?.settings.sandbox_enabled, true)
    const token = { token: good_link }
    await refuse(here, credentials, 'POST /v1/magic_links/authenticate', token, 404, 'magic_link_not_found')
    await refuse(here, credentials, 'POST /v1/sessions/authenticate', { session_token }, 404, 'session_not_found')
  })
})
