/** What every operation that sends one-time codes has to do, whatever the channel. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { newToken } from '../../src/crypto/tokens.ts'
import { MINUTE, SECOND } from '../../src/values/time.ts'
import { call, refuse, succeed } from './call.ts'
import { lastMessage, messagesTo } from './inbox.ts'
import { lockUser } from './lock.ts'
import { at, type Channel, kinds, newCode, sendCode, toPeriodStart } from './one_time_codes.ts'
import { liveCredentials, newUser, provenUser, startSession } from './users.ts'
import { type Engine, onBothEngines, world } from './world.ts'

type Operation = 'send' | 'login_or_create'

async function scene(engine: Engine, channel: Channel, operation: Operation) {
  const here = await world(engine)
  const project = await here.project()
  const kind = kinds[channel]
  const route = `POST /v1/otps/${channel}/${operation}`
  const { to } = kind
  return {
    ...kind,
    here,
    project,
    route,
    ask: (fields: object = {}) => call(here, project, route, { ...at(channel, to), ...fields }),
    refuseSend: (status: number, type: string, fields: object = {}) =>
      refuse(here, project, route, { ...at(channel, to), ...fields }, status, type),
    known: () => newUser(here, project, { email: undefined, ...at(channel, to) }),
    user: (user_id: string) => succeed(here, project, `GET /v1/users/${user_id}`),
    users: async () => (await succeed(here, project, 'POST /v1/users/search', {})).results,
    sent: (address: string = to) => messagesTo(here, address, project),
  }
}

/** The tests that `send` and `login_or_create` share. */
function testAnySend(channel: Channel, operation: Operation, engine: Engine): void {
  const begin = () => scene(engine, channel, operation)

  test('the message goes to the inbox of a test environment, in the language asked for', async () => {
    const { here, project, known, ask, to } = await begin()
    await known()
    for (const locale of ['en', 'es', 'pt-br', 'fr']) {
      here.clock.advance(SECOND)
      assert.equal((await ask({ locale })).status, 200)
      const message = await lastMessage(here, to, project)
      assert.equal(message.locale, locale)
      assert.match(String(message.code), /^[0-9]{6}$/)
      assert.ok(message.text.includes(String(message.code)))
      assert.deepEqual(
        [message.channel, message.to, message.links, message.project_id, message.created_at],
        [channel, to, [], project.id, here.clock.now()],
      )
    }
    here.clock.advance(SECOND)
    await ask()
    assert.equal((await lastMessage(here, to, project)).locale, 'en')
  })

  test('what is wrong with the request is refused before anything is sent, added or counted', async () => {
    const { here, project, route, refuseSend, malformed, invalid, field, sent, users, ask, known } = await begin()
    for (const text of malformed) await refuseSend(400, invalid, { [field]: text })
    for (const text of [null, 7, undefined]) await refuseSend(400, 'bad_request', { [field]: text })
    for (const expiration_minutes of [0, 11, -1, 1e9]) {
      await refuseSend(400, 'invalid_expiration_otp', { expiration_minutes })
    }
    for (const expiration_minutes of [1.5, '2']) await refuseSend(400, 'bad_request', { expiration_minutes })
    for (const locale of ['de', 'EN', '', 7]) await refuseSend(400, 'invalid_locale', { locale })
    await refuseSend(400, 'invalid_ip_address', { attributes: { ip_address: '300.1.1.1' } })
    await refuseSend(400, 'invalid_user_agent', { attributes: { user_agent: 'x\u0007' } })
    assert.deepEqual([await users(), await sent()], [[], []])
    await known()
    assert.equal((await ask()).status, 200)
    const other = await here.project('B2B')
    await refuse(here, other, route, {}, 400, 'invalid_consumer_endpoint')
    await refuse(here, { ...project, secret: newToken() }, route, {}, 401, 'unauthorized_credentials')
  })

  test('the limit of one address or number: the next period begins anew, refused sends do not count, others go on', async () => {
    const { here, project, known, ask, refuseSend, sent, limit, other, route } = await begin()
    await known()
    await newUser(here, project, { email: undefined, ...at(channel, other) })
    toPeriodStart(here, limit.seconds)
    here.clock.advance(limit.seconds * SECOND - 1)
    for (let n = 0; n < limit.count; n++) assert.equal((await ask()).status, 200)
    const { headers } = await ask()
    assert.equal(headers['retry-after'], '1')
    await refuseSend(429, 'too_many_requests')
    await succeed(here, project, route, at(channel, other))
    here.clock.advance(1)
    for (let n = 0; n < limit.count; n++) assert.equal((await ask()).status, 200)
    const refused = await ask()
    assert.deepEqual(
      [refused.body.error_type, refused.headers['retry-after']],
      ['too_many_requests', String(limit.seconds)],
    )
    assert.equal((await sent()).length, 2 * limit.count)
  })

  test('the code of before a refused send still counts', async () => {
    const { here, project, known, ask, refuseSend, limit, to } = await begin()
    await known()
    for (let n = 0; n < limit.count; n++) assert.equal((await ask()).status, 200)
    await refuseSend(429, 'too_many_requests')
    const { code } = await lastMessage(here, to, project)
    const [{ [kinds[channel].list]: contacts }] = (await succeed(here, project, 'POST /v1/users/search', {})).results
    await succeed(here, project, 'POST /v1/otps/authenticate', { method_id: contacts[0][kinds[channel].id], code })
  })

  test('100 at once for one known person: as many as the limit allows, one living code', async () => {
    const { here, project, known, ask, sent, limit, list, id } = await begin()
    const user = await known()
    toPeriodStart(here, limit.seconds)
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask()))
    assert.equal(answers.filter(({ status }) => status === 200).length, limit.count)
    assert.equal(answers.filter(({ status }) => status === 429).length, 100 - limit.count)
    assert.equal((await sent()).length, limit.count)
    const living = await here.app.store.write
      .selectFrom('one_time_codes')
      .select('code_id')
      .where('project_id', '=', project.id)
      .where('method_id', '=', user[list][0][id])
      .where('superseded_at', 'is', null)
      .execute()
    assert.equal(living.length, 1)
  })

  test('a live environment without a carrier refuses, and adds and counts nothing', async () => {
    const { here, project, to, route } = await begin()
    const live = await liveCredentials(here, project)
    await newUser(here, live, { email: undefined, ...at(channel, to) })
    for (let n = 0; n < 7; n++) await refuse(here, live, route, at(channel, to), 400, 'downstream_carrier_error')
    assert.deepEqual(await messagesTo(here, to, live), [])
  })

  if (channel === 'email') {
    test('a template that there is not is refused; an empty id is none', async () => {
      const { known, refuseSend, ask, sent } = await begin()
      await known()
      await refuseSend(404, 'email_template_not_found', { login_template_id: 'mine' })
      await refuseSend(404, 'email_template_not_found', { signup_template_id: 'mine' })
      assert.deepEqual(await sent(), [])
      assert.equal((await ask({ login_template_id: '', signup_template_id: null })).status, 200)
    })

    test('addresses are compared without regard to case and surrounding space', async () => {
      const { known, ask, refuseSend, sent } = await begin()
      const user = await known()
      const { body } = await ask({ email: '  ADA@Example.COM ' })
      assert.deepEqual([body.user_id, body.email_id], [user.user_id, user.emails[0].email_id])
      await refuseSend(429, 'too_many_requests')
      assert.equal((await sent()).length, 1)
    })
  } else {
    test('only countries on the list of the channel are written to; another channel has its own', async () => {
      const { here, project, refuseSend, ask, users } = await begin()
      const british = { phone_number: '+447400123456' }
      await newUser(here, project, { email: undefined, ...british })
      await refuseSend(400, 'invalid_phone_number_country_code', british)
      const list = (name: string) => `POST ${project.path}/allowed_country_codes/${name}`
      const otherList = list(channel === 'sms' ? 'whatsapp' : 'sms')
      await setCountries(here, otherList, ['GB'])
      await refuseSend(400, 'invalid_phone_number_country_code', british)
      await setCountries(here, list(channel), ['GB'])
      assert.equal((await ask(british)).status, 200)
      await refuseSend(400, 'invalid_phone_number_country_code')
      assert.equal((await users()).length, 1)
    })

    test('100 messages an hour to one calling code of an environment; other codes and environments go on', async () => {
      const { here, project, route, ask, refuseSend } = await begin()
      await setCountries(here, `POST ${project.path}/allowed_country_codes/${channel}`, ['US', 'GB'])
      const elsewhere = await here.project()
      const number = (n: number) => ({ phone_number: `+1415555${2000 + n}` })
      for (let n = 0; n <= 100; n++) await newUser(here, project, { email: undefined, ...number(n) })
      await newUser(here, project, { email: undefined, phone_number: '+447400123456' })
      await newUser(here, elsewhere, { email: undefined, ...number(100) })
      toPeriodStart(here, 3600)
      for (let n = 0; n < 100; n++) assert.equal((await ask(number(n))).status, 200)
      const { headers } = await ask(number(100))
      assert.equal(headers['retry-after'], '3600')
      await refuseSend(429, 'too_many_requests', number(100))
      assert.equal((await ask({ phone_number: '+447400123456' })).status, 200)
      await succeed(here, elsewhere, route, number(100))
      here.clock.advance(3600 * SECOND)
      // Neither limit has counted what was refused.
      for (let n = 0; n < 5; n++) assert.equal((await ask(number(100))).status, 200)
    })
  }
}

async function setCountries(here: Awaited<ReturnType<typeof world>>, route: string, country_codes: string[]) {
  await succeed(here, here.workspace, route, { country_codes })
}

/** Tests of `otps.<channel>.send`. */
export function testSend(channel: Channel): void {
  onBothEngines(`otps.${channel}.send`, (engine) => {
    const begin = () => scene(engine, channel, 'send')
    testAnySend(channel, 'send', engine)

    test('a known contact gets a login code, a pending user one for signing up; nobody is changed', async () => {
      const { here, project, known, ask, user, list, id, to } = await begin()
      const { user_id, [list]: contacts } = await known()
      const { body } = await ask()
      assert.deepEqual([body.user_id, body[id]], [user_id, contacts[0][id]])
      assert.equal((await lastMessage(here, to, project)).template, 'otp_login')
      const { [list]: unchanged } = await user(user_id)
      assert.deepEqual(unchanged, contacts)
      const elsewhere = await here.project()
      await newUser(here, elsewhere, { email: undefined, ...at(channel, to), create_user_as_pending: true })
      await sendCode(here, elsewhere, channel)
      assert.equal((await lastMessage(here, to, elsewhere)).template, 'otp_signup')
    })

    test('an unknown contact without a user to add it to is refused', async () => {
      const { refuseSend, users, sent, unknown } = await begin()
      await refuseSend(404, unknown)
      assert.deepEqual([await users(), await sent()], [[], []])
    })

    test('an unknown contact is added to the selected user, by id, external id, session token or JWT', async () => {
      const { here, project, ask, user, list, field, id } = await begin()
      const user_id = await provenUser(here, project, { ...hostOf(channel), external_id: 'ext-1' })
      const session_token = await startSession(here, project, user_id)
      const { session_jwt } = await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token })
      const tos = channel === 'email' ? ['a', 'b', 'c', 'd'].map((name) => `${name}@example.com`) : numbers(4)
      for (const [index, selector] of [
        { user_id },
        { user_id: 'ext-1' },
        { session_token, user_id: '' },
        { session_jwt },
      ].entries()) {
        const to = tos[index] as string
        const { body } = await ask({ ...at(channel, to), ...selector })
        assert.equal(body.user_id, user_id, JSON.stringify(body))
        const contact = () =>
          user(user_id).then((one) => one[list].find((it: Record<string, string>) => it[id] === body[id]))
        assert.deepEqual(await contact(), { [id]: body[id], [field]: to, verified: false })
        const { code } = await lastMessage(here, to, project)
        await succeed(here, project, 'POST /v1/otps/authenticate', { method_id: body[id], code })
        assert.equal((await contact()).verified, true)
      }
    })

    test('a contact that is added must be proven within five minutes of the last send, or is nobody’s again', async () => {
      const { here, project, ask, user, list, id, users, refuseSend, unknown } = await begin()
      const user_id = await provenUser(here, project, hostOf(channel))
      const fields = { user_id, expiration_minutes: 10 }
      const { body } = await ask(fields)
      const { code } = await lastMessage(here, kinds[channel].to, project)
      here.clock.advance(5 * MINUTE)
      await refuse(
        here,
        project,
        'POST /v1/otps/authenticate',
        { method_id: body[id], code },
        404,
        'otp_code_not_found',
      )
      await refuseSend(404, unknown)
      // Where it is in nobody's way it may be taken back late, but nobody has it any more.
      const created = await newCode(here, project, channel)
      assert.equal(created.user_created, true)
      assert.deepEqual((await user(user_id))[list], [])
      assert.equal((await users()).length, 2)
    })

    test('writing again renews the five minutes; once proven it stays', async () => {
      const { here, project, ask, user, list, id } = await begin()
      const user_id = await provenUser(here, project, hostOf(channel))
      const first = (await ask({ user_id })).body
      here.clock.advance(5 * MINUTE - 1)
      const again = await sendCode(here, project, channel)
      assert.equal(again.method_id, first[id])
      here.clock.advance(2 * MINUTE - 1)
      await succeed(here, project, 'POST /v1/otps/authenticate', again)
      here.clock.advance(60 * MINUTE)
      assert.equal((await user(user_id))[list][0].verified, true)
      assert.equal((await sendCode(here, project, channel)).method_id, first[id])
    })

    test("the selected user's own contact is written to; another user's is refused", async () => {
      const { here, project, known, ask, refuseSend, sent, duplicate, list } = await begin()
      const owner = await known()
      const { user_id } = await newUser(here, project, { email: `${randomUUID()}@example.com` })
      await refuseSend(400, duplicate, { user_id })
      await refuseSend(400, duplicate, { session_token: await startSession(here, project, user_id) })
      assert.deepEqual(await sent(), [])
      const { body } = await ask({ user_id: owner.user_id })
      assert.deepEqual(
        [body.user_id, (await succeed(here, project, `GET /v1/users/${owner.user_id}`))[list].length],
        [owner.user_id, 1],
      )
    })

    test('no second contact while one waits to be proven; one that was not proven in time is in nobody’s way', async () => {
      const { here, project, ask, refuseSend, user, list, other, sent } = await begin()
      const user_id = await provenUser(here, project, hostOf(channel))
      await ask({ user_id })
      await refuseSend(400, 'too_many_unverified_factors', { ...at(channel, other), user_id })
      assert.deepEqual([(await user(user_id))[list].length, (await sent(other)).length], [1, 0])
      here.clock.advance(5 * MINUTE)
      assert.equal((await ask({ ...at(channel, other), user_id })).status, 200)
      assert.deepEqual(
        (await user(user_id))[list].map((one: Record<string, string>) => one[kinds[channel].field]),
        [other],
      )
    })

    test('who signs up with the address of somebody else cannot add a contact of their own to wait with', async () => {
      const { here, project, user, refuseSend, list, sent } = await begin()
      const other = channel === 'email' ? { phone_number: '+14155552000' } : { email: 'victim@example.com' }
      const { user_id } = await newUser(here, project, { email: undefined, ...other })
      const session_token = await startSession(here, project, user_id)
      for (const selector of [{ session_token }, { user_id }]) {
        await refuseSend(400, 'too_many_unverified_factors', selector)
      }
      assert.deepEqual([(await user(user_id))[list], await sent()], [[], []])
    })

    test('one way to select the user at most, and one that leads somewhere', async () => {
      const { here, project, refuseSend, ask, users, sent, route, to } = await begin()
      const user_id = await provenUser(here, project, hostOf(channel))
      const session_token = await startSession(here, project, user_id)
      const { session_jwt } = await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token })
      for (const many of [
        { user_id, session_token },
        { user_id, session_jwt },
        { session_token, session_jwt },
        { user_id, session_token, session_jwt },
      ]) {
        await refuseSend(400, 'too_many_user_selection_arguments', many)
      }
      await succeed(here, project, 'POST /v1/sessions/revoke', { session_token })
      await refuseSend(404, 'session_not_found', { session_token })
      await refuseSend(404, 'session_not_found', { session_jwt })
      await refuseSend(400, 'invalid_session_token', { session_token: 'short' })
      await refuseSend(404, 'user_not_found', { user_id: `user-test-${randomUUID()}` })
      await refuseSend(404, 'user_not_found', { user_id: 'nobody' })
      await refuseSend(400, 'invalid_user_id', { user_id: 'user-test-1' })
      await refuseSend(400, 'live_id_used_in_test_environment', { user_id: `user-live-${randomUUID()}` })
      await refuse(here, await here.project(), route, { ...at(channel, to), user_id }, 404, 'user_not_found')
      assert.deepEqual([(await users()).length, await sent()], [1, []])
      assert.equal((await ask({ user_id })).status, 200)
    })

    test('100 at once that add one contact to one user add it once', async () => {
      const { here, project, ask, user, list, limit, sent } = await begin()
      const user_id = await provenUser(here, project, hostOf(channel))
      toPeriodStart(here, limit.seconds)
      const answers = await Promise.all(Array.from({ length: 100 }, () => ask({ user_id })))
      assert.equal(answers.filter(({ status }) => status === 200).length, limit.count)
      assert.equal(answers.filter(({ status }) => status === 429).length, 100 - limit.count)
      assert.deepEqual([(await user(user_id))[list].length, (await sent()).length], [1, limit.count])
    })

    test('20 at once that add one contact to 20 users give it to one of them', async () => {
      const { here, project, ask, users, list, sent } = await begin()
      const people = await Promise.all(
        Array.from({ length: 20 }, (_, n) => provenUser(here, project, hostOf(channel, n))),
      )
      const answers = await Promise.all(people.map((user_id) => ask({ user_id })))
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      assert.equal(answers.filter(({ body }) => body.error_type === kinds[channel].duplicate).length, 19)
      const owners = (await users()).filter((one: Record<string, unknown[]>) => one[list]?.length === 1)
      assert.deepEqual([owners.length, (await sent()).length], [1, 1])
    })

    test('a locked user is still written to', async () => {
      const { here, project, known, ask } = await begin()
      await lockUser(here, project, (await known()).user_id)
      assert.equal((await ask()).status, 200)
    })
  })
}

/** Tests of `otps.<channel>.login_or_create`. */
export function testLoginOrCreate(channel: Channel): void {
  onBothEngines(`otps.${channel}.loginOrCreate`, (engine) => {
    const begin = () => scene(engine, channel, 'login_or_create')
    testAnySend(channel, 'login_or_create', engine)

    test('a new person becomes an active user with an unproven contact, and is greeted; later they log in', async () => {
      const { here, project, ask, user, list, id, field, to } = await begin()
      const { body } = await ask({ create_user_as_pending: false })
      assert.equal(body.user_created, true)
      const { status, [list]: contacts } = await user(body.user_id)
      assert.equal(status, 'active')
      assert.deepEqual(contacts, [{ [id]: body[id], [field]: to, verified: false }])
      assert.equal((await lastMessage(here, to, project)).template, 'otp_signup')
      here.clock.advance(SECOND)
      const again = (await ask({ create_user_as_pending: true })).body
      assert.deepEqual([again.user_created, again.user_id, again[id]], [false, body.user_id, body[id]])
      assert.equal((await lastMessage(here, to, project)).template, 'otp_login')
      // What login_or_create has made does not end by itself.
      here.clock.advance(60 * MINUTE)
      assert.equal((await ask()).body.user_created, false)
    })

    test('a user created as pending stays so, and is greeted, until a code is authenticated', async () => {
      const { here, project, user, to } = await begin()
      const first = await newCode(here, project, channel, to, { create_user_as_pending: true })
      here.clock.advance(SECOND)
      const second = await newCode(here, project, channel)
      assert.deepEqual([second.user_id, second.user_created], [first.user_id, false])
      assert.equal((await lastMessage(here, to, project)).template, 'otp_signup')
      assert.equal((await user(first.user_id)).status, 'pending')
      const { method_id, code } = second
      await succeed(here, project, 'POST /v1/otps/authenticate', { method_id, code })
      here.clock.advance(SECOND)
      await newCode(here, project, channel)
      assert.equal((await lastMessage(here, to, project)).template, 'otp_login')
      assert.equal((await user(first.user_id)).status, 'active')
    })

    test('a refused send creates nobody', async () => {
      const { here, project, ask, refuseSend, users, limit, route, to } = await begin()
      for (let n = 0; n < limit.count; n++) {
        const { body } = await ask()
        await succeed(here, project, `DELETE /v1/users/${body.user_id}`)
      }
      await refuseSend(429, 'too_many_requests')
      assert.deepEqual(await users(), [])
      const live = await liveCredentials(here, project)
      await refuse(here, live, route, at(channel, to), 400, 'downstream_carrier_error')
      assert.deepEqual((await succeed(here, live, 'POST /v1/users/search', {})).results, [])
    })

    test('100 at once for one new person make one user, and send as often as the limit allows', async () => {
      const { here, ask, users, sent, limit } = await begin()
      toPeriodStart(here, limit.seconds)
      const answers = await Promise.all(Array.from({ length: 100 }, () => ask()))
      const accepted = answers.filter(({ status }) => status === 200)
      assert.equal(accepted.length, limit.count)
      assert.equal(answers.filter(({ status }) => status === 429).length, 100 - limit.count)
      assert.equal(accepted.filter(({ body }) => body.user_created).length, 1)
      assert.equal(new Set(accepted.map(({ body }) => body.user_id)).size, 1)
      assert.deepEqual([(await users()).length, (await sent()).length], [1, limit.count])
    })

    test('the same contact in two projects belongs to two users', async () => {
      const { here, project, to } = await begin()
      const [one, two] = [await newCode(here, project, channel), await newCode(here, await here.project(), channel)]
      assert.notEqual(one.user_id, two.user_id)
      assert.notEqual(one.method_id, two.method_id)
      assert.equal((await messagesTo(here, to, project)).length, 1)
    })
  })
}

/** The contact of somebody who has none of the channel's kind yet. */
function hostOf(channel: Channel, n = 0): object {
  return channel === 'email' ? { email: undefined, phone_number: `+1415555${2000 + n}` } : {}
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => `+1415555${3000 + n}`)
