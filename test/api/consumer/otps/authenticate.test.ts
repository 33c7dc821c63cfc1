/** POST /v1/otps/authenticate: right codes, wrong ones, ones that were right once, and many at the same time. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { newToken } from '../../../../src/crypto/tokens.ts'
import { updateEnvironment } from '../../../../src/domain/projects/environment.ts'
import { MINUTE, SECOND } from '../../../../src/values/time.ts'
import { type Answer, call, refuse, succeed } from '../../../support/call.ts'
import { lockUser } from '../../../support/lock.ts'
import { channels, kinds, newCode, type SentCode, sendCode, wrong } from '../../../support/one_time_codes.ts'
import { give, liveCredentials, newUser, startSession } from '../../../support/users.ts'
import { type Engine, onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/otps/authenticate'
const notFound = [404, 'otp_code_not_found'] as const
const unable = [401, 'unable_to_auth_otp_code'] as const
const locked = [429, 'user_lock_limit_reached'] as const

async function scene(engine: Engine) {
  const here = await world(engine)
  const project = await here.project()
  const body = ({ method_id, code }: SentCode, fields: object = {}) => ({ method_id, code, ...fields })
  return {
    here,
    project,
    redeem: (sent: SentCode, fields: object = {}) => succeed(here, project, route, body(sent, fields)),
    refuseCode: (sent: SentCode, [status, type]: readonly [number, string], fields: object = {}) =>
      refuse(here, project, route, body(sent, fields), status, type),
    ask: (sent: SentCode, fields: object = {}) => call(here, project, route, body(sent, fields)),
    failures: async ({ method_id }: SentCode) => {
      const rows = await here.app.store.write
        .selectFrom('one_time_codes')
        .select('failures')
        .where('project_id', '=', project.id)
        .where('method_id', '=', method_id)
        .execute()
      return rows.map(({ failures }) => failures)
    },
    sessionsOf: async ({ user_id }: SentCode) =>
      (await succeed(here, project, `GET /v1/sessions?user_id=${user_id}`)).sessions,
  }
}

const count = (answers: Answer[], [status, type]: readonly [number, string]) =>
  answers.filter((answer) => answer.status === status && answer.body.error_type === type).length

onBothEngines('otps.authenticate', (engine) => {
  for (const channel of channels) {
    test(`${channel}: starts a session with that factor, verifies what the code was sent to, activates a pending user`, async () => {
      const { here, project, redeem } = await scene(engine)
      const { to, list, id, field } = kinds[channel]
      const sent = await newCode(here, project, channel, to, { create_user_as_pending: true })
      const before = await succeed(here, project, `GET /v1/users/${sent.user_id}`)
      assert.deepEqual([before.status, before[list][0].verified], ['pending', false])
      const attributes = { ip_address: '203.0.113.7', user_agent: 'Tests' }
      const reply = await redeem(sent, {
        session_duration_minutes: 30,
        session_custom_claims: { plan: 'pro' },
        telemetry_id: 'anything',
        attributes,
      })
      assert.deepEqual(
        [reply.user_id, reply.method_id, reply.reset_sessions, reply.user_device],
        [sent.user_id, sent.method_id, false, null],
      )
      assert.deepEqual([reply.user.status, reply.user[list][0].verified], ['active', true])
      const [{ created_at, updated_at, last_authenticated_at, ...proof }, ...others] =
        reply.session.authentication_factors
      assert.deepEqual(others, [])
      assert.deepEqual([updated_at, last_authenticated_at], [created_at, created_at])
      assert.deepEqual(
        proof,
        channel === 'email'
          ? { type: 'email_otp', delivery_method: 'email', email_factor: { [id]: sent.method_id, email_address: to } }
          : { type: 'otp', delivery_method: channel, phone_number_factor: { [id]: sent.method_id, [field]: to } },
      )
      assert.deepEqual(reply.session.attributes, attributes)
      assert.deepEqual(reply.session.custom_claims, { plan: 'pro' })
      const again = await succeed(here, project, 'POST /v1/sessions/authenticate', {
        session_token: reply.session_token,
      })
      assert.equal(again.session.session_id, reply.session.session_id)
    })
  }

  test('without a duration and without a session there is no session, and the contact is verified all the same', async () => {
    const { here, project, redeem, sessionsOf } = await scene(engine)
    const sent = await newCode(here, project)
    const reply = await redeem(sent)
    assert.deepEqual([reply.session, reply.session_token, reply.session_jwt], [null, '', ''])
    assert.equal(reply.user.emails[0].verified, true)
    assert.deepEqual(await sessionsOf(sent), [])
  })

  test('a second factor joins the session it is presented with: same id and token, expiry moved by a duration only', async () => {
    const { here, project, redeem } = await scene(engine)
    const mail = await newCode(here, project)
    const first = await redeem(mail, { session_duration_minutes: 60 })
    const { session_token } = first
    const text = await sendCode(here, project, 'sms', kinds.sms.to, { session_token })
    const second = await redeem(text, { session_token })
    assert.equal(second.session.session_id, first.session.session_id)
    assert.equal(second.session_token, session_token)
    assert.equal(second.session.expires_at, first.session.expires_at)
    const types = (reply: Answer['body']) =>
      reply.session.authentication_factors.map(({ type }: { type: string }) => type)
    assert.deepEqual(types(second), ['email_otp', 'otp'])
    here.clock.advance(MINUTE)
    const again = await newCode(here, project)
    const third = await redeem(again, { session_jwt: second.session_jwt, session_duration_minutes: 5 })
    assert.deepEqual(types(third), ['email_otp', 'otp'])
    assert.ok(third.session.expires_at < first.session.expires_at)
    const [factor] = third.session.authentication_factors
    assert.ok(factor.last_authenticated_at > factor.created_at)
  })

  test("another user's session is ignored and stays as it is", async () => {
    const { here, project, redeem } = await scene(engine)
    const theirs = await startSession(here, project, (await newUser(here, project)).user_id)
    const first = await redeem(await newCode(here, project), { session_token: theirs })
    assert.equal(first.session, null)
    here.clock.advance(SECOND)
    const next = await redeem(await newCode(here, project), { session_token: theirs, session_duration_minutes: 5 })
    const other = await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token: theirs })
    assert.notEqual(next.session.session_id, other.session.session_id)
    assert.equal(other.session.authentication_factors.length, 1)
  })

  test('SMS and WhatsApp of one number share one id and one living code; the factor tells how the code came', async () => {
    const { here, project, redeem, refuseCode } = await scene(engine)
    const text = await newCode(here, project, 'sms')
    const chat = await newCode(here, project, 'whatsapp')
    assert.deepEqual([chat.method_id, chat.user_created], [text.method_id, false])
    await refuseCode(text, unable)
    const { session, session_token } = await redeem(chat, { session_duration_minutes: 5 })
    assert.equal(session.authentication_factors[0].delivery_method, 'whatsapp')
    const next = await redeem(await newCode(here, project, 'sms'), { session_token })
    assert.deepEqual(
      next.session.authentication_factors.map(({ delivery_method }: { delivery_method: string }) => delivery_method),
      ['whatsapp', 'sms'],
    )
  })

  test('a code counts once', async () => {
    const { here, project, redeem, refuseCode } = await scene(engine)
    const sent = await newCode(here, project)
    await redeem(sent)
    await refuseCode(sent, unable)
    await refuseCode({ ...sent, code: wrong(sent.code) }, notFound)
  })

  test('a code lasts two minutes, or as long as was asked for, to the millisecond', async () => {
    const { here, project, redeem, refuseCode } = await scene(engine)
    const usual = await newCode(here, project)
    here.clock.advance(2 * MINUTE)
    await refuseCode(usual, unable)
    for (const minutes of [1, 10]) {
      const one = await newCode(here, project, 'email', 'ada@example.com', { expiration_minutes: minutes })
      here.clock.advance(minutes * MINUTE - 1)
      await redeem(one)
      const late = await newCode(here, project, 'email', 'other@example.com', { expiration_minutes: minutes })
      here.clock.advance(minutes * MINUTE)
      await refuseCode(late, unable)
    }
  })

  test('a new code replaces the one before it', async () => {
    const { here, project, redeem, refuseCode } = await scene(engine)
    const first = await newCode(here, project)
    here.clock.advance(SECOND)
    const second = await newCode(here, project)
    await refuseCode(first, unable)
    await redeem(second)
  })

  test('after 20 codes the newest is the one that counts', async () => {
    const { here, project, redeem } = await scene(engine)
    let sent = await newCode(here, project)
    for (let n = 0; n < 20; n++) {
      here.clock.advance(SECOND)
      sent = await newCode(here, project)
    }
    await redeem(sent)
  })

  test('an address or number that no code was sent to has none', async () => {
    const { here, project, refuseCode } = await scene(engine)
    const user = await newUser(here, project, { phone_number: '+14155550123' })
    const { email_id } = user.emails[0]
    const { phone_id } = user.phone_numbers[0]
    for (const method_id of [email_id, phone_id, `email-test-${randomUUID()}`, `phone-number-test-${randomUUID()}`]) {
      await refuseCode({ user_id: user.user_id, method_id, code: '123456' }, notFound)
    }
  })

  test('five wrong tries void a code; the right one is then refused, and a new one works', async () => {
    const { here, project, redeem, refuseCode, failures } = await scene(engine)
    const sent = await newCode(here, project)
    for (let by = 1; by <= 4; by++) await refuseCode({ ...sent, code: wrong(sent.code, by) }, notFound)
    await redeem(sent)
    here.clock.advance(SECOND)
    const next = await newCode(here, project)
    for (let by = 1; by <= 5; by++) await refuseCode({ ...next, code: wrong(next.code, by) }, notFound)
    await refuseCode(next, unable)
    await refuseCode(next, unable)
    await refuseCode({ ...next, code: wrong(next.code) }, notFound)
    assert.deepEqual((await failures(next)).sort(), [4, 5])
    here.clock.advance(SECOND)
    await redeem(await newCode(here, project))
  })

  test('anything but six digits is refused before anything is looked at, and counts as no try', async () => {
    const { here, project, redeem, refuseCode, failures } = await scene(engine)
    const sent = await newCode(here, project)
    await lockUser(here, project, sent.user_id)
    const bad = ['', '12345', '1234567', '12345a', ' 12345', '123456\n', '-12345', '1e5   ', '１２３４５６', '١٢٣٤٥٦']
    for (const code of bad) await refuseCode({ ...sent, code }, [400, 'invalid_code'])
    await refuse(here, project, route, { ...sent, code: 123456 }, 400, 'bad_request')
    await refuse(here, project, route, { method_id: sent.method_id }, 400, 'bad_request')
    await refuse(here, project, route, { code: sent.code }, 400, 'bad_request')
    assert.deepEqual(await failures(sent), [0])
    await unlock(here, project, sent.user_id)
    await redeem(sent)
  })

  test('method ids must be those of addresses and numbers of this environment', async () => {
    const { here, project, refuseCode, redeem } = await scene(engine)
    const sent = await newCode(here, project)
    const { user_id } = sent
    for (const method_id of ['', 'email', user_id, `email-test-${'x'.repeat(36)}`, `totp-test-${randomUUID()}`]) {
      await refuseCode({ ...sent, method_id }, [400, 'invalid_method_id'])
    }
    for (const prefix of ['email', 'phone-number', 'user']) {
      const method_id = `${prefix}-live-${randomUUID()}`
      await refuseCode({ ...sent, method_id }, [400, 'live_id_used_in_test_environment'])
    }
    const live = await liveCredentials(here, project)
    await refuse(here, live, route, sent, 400, 'test_id_used_in_live_environment')
    await refuse(here, await here.project(), route, sent, ...notFound)
    await redeem(sent)
  })

  test('a refusal for anything else leaves the code to be used', async () => {
    const { here, project, redeem, refuseCode } = await scene(engine)
    const sent = await newCode(here, project)
    const session_token = await startSession(here, project, sent.user_id)
    const { session_jwt } = await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token })
    await succeed(here, project, 'POST /v1/sessions/revoke', { session_token })
    const fine = await startSession(here, project, sent.user_id)
    await succeed(here, project, 'POST /v1/sessions/authenticate', {
      session_token: fine,
      session_custom_claims: { long: 'x'.repeat(3000) },
    })
    const refusals: [object, number, string][] = [
      [{ session_token, session_jwt }, 400, 'too_many_session_arguments'],
      [{ session_token: 'short' }, 400, 'invalid_session_token'],
      [{ session_jwt: 'a.b.c' }, 400, 'unable_to_parse_session_jwt'],
      [{ session_token }, 404, 'session_not_found'],
      [{ session_jwt }, 404, 'session_not_found'],
      [{ session_token: newToken() }, 404, 'session_not_found'],
      [{ session_duration_minutes: 4 }, 400, 'invalid_session_duration_minutes'],
      [{ session_duration_minutes: 527_041 }, 400, 'invalid_session_duration_minutes'],
      [{ session_custom_claims: { long: 'x'.repeat(5000) } }, 400, 'custom_claims_too_large'],
      [{ session_custom_claims: { 'https://stytch.com/x': 1 } }, 400, 'stytch_claims_in_custom_claims'],
      // Found out only when the factor has joined the session.
      [{ session_token: fine, session_custom_claims: { more: 'x'.repeat(3000) } }, 400, 'custom_claims_too_large'],
      [{ attributes: { ip_address: 'nowhere' } }, 400, 'invalid_ip_address'],
      [{ attributes: { user_agent: 'x\u0001' } }, 400, 'invalid_user_agent'],
      [{ options: { ip_match_required: 'yes' } }, 400, 'bad_request'],
      [{ options: { ip_match_required: true, user_agent_match_required: false } }, 401, 'attribute_mismatch'],
    ]
    for (const [fields, status, type] of refusals) await refuseCode(sent, [status, type], fields)
    const { session } = await redeem(sent, { session_token: fine })
    assert.equal(session.authentication_factors.length, 2)
  })

  test('an impersonated session gains no factor, and the code stays', async () => {
    const { here, project, redeem, refuseCode } = await scene(engine)
    const sent = await newCode(here, project)
    const session_token = await startSession(here, project, sent.user_id)
    await here.app.store.write
      .updateTable('sessions')
      .set({ authentication_factors: JSON.stringify([{ type: 'impersonated', delivery_method: 'impersonation' }]) })
      .where('project_id', '=', project.id)
      .where('owner_id', '=', sent.user_id)
      .execute()
    await refuseCode(sent, [400, 'session_not_mutable'], { session_token })
    await redeem(sent)
  })

  test('options demand the device that asked for the code; what is missing on either side does not match', async () => {
    const { here, project, redeem, refuseCode } = await scene(engine)
    const device = { ip_address: '203.0.113.7', user_agent: 'Tests/1' }
    const ip = { ip_match_required: true, user_agent_match_required: false }
    const agent = { ip_match_required: false, user_agent_match_required: true }
    const mismatch = [401, 'attribute_mismatch'] as const
    const sent = await newCode(here, project, 'email', 'ada@example.com', { attributes: device })
    await refuseCode(sent, mismatch, { options: ip })
    await refuseCode(sent, mismatch, { options: ip, attributes: { ...device, ip_address: '203.0.113.8' } })
    await refuseCode(sent, mismatch, { options: agent, attributes: { ...device, user_agent: 'Tests/2' } })
    // Some client libraries leave `false` out.
    await refuseCode(sent, mismatch, { options: { user_agent_match_required: true } })
    // A wrong code is wrong before anything is compared.
    await refuseCode({ ...sent, code: wrong(sent.code) }, notFound, { options: ip })
    await redeem(sent, { options: { ip_match_required: true, user_agent_match_required: true }, attributes: device })
    await refuseCode(sent, unable, { options: ip })

    const bare = await newCode(here, project, 'email', 'bare@example.com')
    await refuseCode(bare, mismatch, { options: ip, attributes: device })
    await refuseCode(bare, mismatch, { options: agent, attributes: device })
    await redeem(bare, { options: { ip_match_required: false, user_agent_match_required: false } })
  })

  test('a locked user is refused with the right code too, is told when to return, and can use it then', async () => {
    const { here, project, redeem, refuseCode, ask, failures } = await scene(engine)
    await updateEnvironment(here.app, project.id, { user_lock_ttl: 300 })
    const first = await newCode(here, project)
    for (let by = 1; by <= 5; by++) await refuseCode({ ...first, code: wrong(first.code, by) }, notFound)
    here.clock.advance(SECOND)
    // The lock does not keep anybody from being written to.
    const fields = { expiration_minutes: 10 }
    const second = await newCode(here, project, 'email', 'ada@example.com', fields)
    for (let by = 1; by <= 4; by++) await refuseCode({ ...second, code: wrong(second.code, by) }, notFound)
    // The tenth failure answers as any other, also where no code is left to fail.
    await refuseCode({ ...first, code: wrong(second.code, 5) }, notFound)
    here.clock.advance(SECOND)
    const third = await newCode(here, project, 'email', 'ada@example.com', fields)
    const { headers } = await ask(third)
    assert.equal(headers['retry-after'], '299')
    await refuseCode(third, locked)
    await refuseCode({ ...third, code: wrong(third.code) }, locked)
    await refuseCode(first, locked)
    assert.deepEqual((await failures(third)).sort(), [0, 5, 5])
    const { is_locked } = await succeed(here, project, `GET /v1/users/${third.user_id}`)
    assert.equal(is_locked, true)
    here.clock.advance(299 * SECOND - 1)
    await refuseCode(third, locked)
    here.clock.advance(1)
    const { user } = await redeem(third)
    assert.equal(user.is_locked, false)
  })

  test('a success begins the count of failures anew; codes that were right once do not count', async () => {
    const { here, project, redeem, refuseCode } = await scene(engine)
    for (let round = 0; round < 4; round++) {
      const sent = await newCode(here, project)
      for (let by = 1; by <= 4; by++) await refuseCode({ ...sent, code: wrong(sent.code, by) }, notFound)
      await redeem(sent)
      for (let n = 0; n < 4; n++) await refuseCode(sent, unable)
      here.clock.advance(SECOND)
    }
  })

  test('the first proof of an address whose account has a password ends the other sessions and asks for a new password', async () => {
    const { here, project, redeem } = await scene(engine)
    const sent = await newCode(here, project)
    const password = { password_id: `password-test-${randomUUID()}`, requires_reset: false }
    await give(here, project, sent.user_id, { password })
    const stranger = await startSession(here, project, sent.user_id)
    const own = await startSession(here, project, sent.user_id)
    const reply = await redeem(sent, { session_token: own })
    assert.equal(reply.reset_sessions, true)
    assert.equal(reply.user.password.requires_reset, true)
    await refuse(here, project, 'POST /v1/sessions/authenticate', { session_token: stranger }, 404, 'session_not_found')
    await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token: own })
    here.clock.advance(SECOND)
    assert.equal((await redeem(await newCode(here, project))).reset_sessions, false)
  })

  test('the code of a deleted address, number or user is worth nothing', async () => {
    const { here, project, refuseCode } = await scene(engine)
    const mail = await newCode(here, project)
    const text = await newCode(here, project, 'sms')
    await succeed(here, project, `DELETE /v1/users/emails/${mail.method_id}`)
    await refuseCode(mail, notFound)
    await succeed(here, project, `DELETE /v1/users/${text.user_id}`)
    await refuseCode(text, notFound)
    // The number is free again; its code belongs to the id it was sent to.
    const next = await newCode(here, project, 'sms')
    assert.equal(next.user_created, true)
    await refuseCode({ ...next, method_id: text.method_id }, notFound)
  })

  test('one code redeemed 100 times at once signs in once', async () => {
    const { here, project, ask, sessionsOf } = await scene(engine)
    const sent = await newCode(here, project)
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(sent, { session_duration_minutes: 5 })))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal(count(answers, unable), 99)
    assert.equal((await sessionsOf(sent)).length, 1)
  })

  test('100 wrong guesses at once are five tries, and lock the user with the tenth', async () => {
    const { here, project, ask, refuseCode, failures } = await scene(engine)
    const sent = await newCode(here, project)
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => ask({ ...sent, code: wrong(sent.code, index + 1) })),
    )
    assert.deepEqual([count(answers, notFound), count(answers, locked)], [10, 90])
    assert.deepEqual(await failures(sent), [5])
    await refuseCode(sent, locked)
  })

  test('the right guess among 100 at once counts only when it is among the first five', async () => {
    const { here, project, ask, failures } = await scene(engine)
    await updateEnvironment(here.app, project.id, { user_lock_threshold: 100 })
    for (const place of [0, 50, 99]) {
      const sent = await newCode(here, project, 'email', `${place}@example.com`)
      const codes = Array.from({ length: 99 }, (_, index) => wrong(sent.code, index + 1)).toSpliced(place, 0, sent.code)
      const answers = await Promise.all(codes.map((code) => ask({ ...sent, code })))
      const won = answers.filter(({ status }) => status === 200).length
      const [tries] = await failures(sent)
      assert.equal(count(answers, notFound), 99)
      assert.ok(won === 1 ? (tries as number) < 5 : tries === 5, `${won} won, ${tries} tries`)
    }
  })

  test('redeeming and replacing a code at once never lets both codes pass', async () => {
    const { here, project, ask, sessionsOf } = await scene(engine)
    for (let round = 0; round < 20; round++) {
      const first = await newCode(here, project, 'email', `${round}@example.com`)
      here.clock.advance(SECOND)
      const fields = { session_duration_minutes: 5 }
      const again = newCode(here, project, 'email', `${round}@example.com`)
      const [early, second] = await Promise.all([ask(first, fields), again])
      assert.ok(early.status === 200 || early.body.error_type === 'unable_to_auth_otp_code')
      assert.equal((await ask(second, fields)).status, 200)
      assert.equal((await sessionsOf(first)).length, early.status === 200 ? 2 : 1)
    }
  })

  test('codes are neither logged nor kept in the clear', async () => {
    const { here, project, redeem } = await scene(engine)
    const sent = await newCode(here, project, 'sms')
    await redeem(sent)
    const rows = await Promise.all(
      ['one_time_codes', 'messages', 'events'].map((table) =>
        here.app.store.read.selectFrom(table).selectAll().where('project_id', '=', project.id).execute(),
      ),
    )
    // As a word of its own: ids and hashes hold digits by chance.
    assert.doesNotMatch(JSON.stringify(rows), new RegExp(`(?<![0-9a-f])${sent.code}(?![0-9a-f])`))
    assert.doesNotMatch(here.logged.join('\n'), new RegExp(`(?<![0-9a-f])${sent.code}(?![0-9a-f])`))
  })
})

async function unlock(here: Awaited<ReturnType<typeof world>>, project: { id: string }, user_id: string) {
  await here.app.store.write
    .updateTable('users')
    .set({ lock_created_at: null, lock_expires_at: null })
    .where('project_id', '=', project.id)
    .where('user_id', '=', user_id)
    .execute()
}
