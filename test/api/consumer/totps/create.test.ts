/** POST /v1/totps. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { otpauthUri } from '../../../../src/crypto/totp.ts'
import { findTotp } from '../../../../src/domain/proofs/totp/totp.ts'
import { qrCode } from '../../../../src/values/qr_code.ts'
import { call, refuse, succeed } from '../../../support/call.ts'
import { enrol } from '../../../support/totp.ts'
import { give, liveCredentials, newUser } from '../../../support/users.ts'
import { onBothEngines, type TestProject, type World, world } from '../../../support/world.ts'

const route = 'POST /v1/totps'
const authenticate = 'POST /v1/totps/authenticate'
const minute = 60_000

async function stored(here: World, project: TestProject, user_id: string) {
  const environment = await here.app.environment(project.id)
  assert.ok(environment)
  return findTotp(here.app, environment, user_id)
}

onBothEngines('totps.create', (engine) => {
  test('returns secret, QR code and ten recovery codes, and lists an unverified app with the user', async () => {
    const here = await world(engine)
    const project = await here.project()
    const user = await newUser(here, project, { email: 'ada@example.com', external_id: 'ext-1' })
    const reply = await succeed(here, project, route, { user_id: 'ext-1' })
    assert.match(reply.totp_id, /^totp-test-[0-9a-f-]{36}$/)
    assert.match(reply.secret, /^[A-Z2-7]{32}$/)
    assert.equal(reply.qr_code, qrCode(otpauthUri(reply.secret, 'Test CONSUMER', 'ada@example.com')))
    assert.equal(new Set(reply.recovery_codes).size, 10)
    for (const code of reply.recovery_codes) assert.match(code, /^[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}$/)
    assert.equal(reply.user_id, user.user_id)
    assert.deepEqual(reply.user, { ...user, totps: [{ totp_id: reply.totp_id, verified: false }] })
  })

  test('names the app after the number, or the id, of a user without an address', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project, { email: undefined, phone_number: '+14155550123' })
    const byNumber = await succeed(here, project, route, { user_id })
    assert.equal(byNumber.qr_code, qrCode(otpauthUri(byNumber.secret, 'Test CONSUMER', '+14155550123')))
    const nobody = await newUser(here, project)
    await give(here, project, nobody.user_id, { emails: [] })
    const byId = await succeed(here, project, route, { user_id: nobody.user_id })
    assert.equal(byId.qr_code, qrCode(otpauthUri(byId.secret, 'Test CONSUMER', nobody.user_id)))
  })

  test('one app a user: a second one is refused while the first is pending, and when it is verified', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const app = await enrol(here, project, user_id)
    await refuse(here, project, route, { user_id }, 400, 'pending_totp_exists')
    await succeed(here, project, authenticate, { user_id, totp_code: app.code() })
    here.clock.advance(2 * 1440 * minute)
    await refuse(here, project, route, { user_id }, 400, 'active_totp_exists')
    const { totps } = await succeed(here, project, `GET /v1/users/${user_id}`)
    assert.deepEqual(totps, [{ totp_id: app.totp_id, verified: true }])
    await succeed(here, project, authenticate, { user_id, totp_code: app.code() })
  })

  test('one that was not verified in time cannot be used any more, and gives way to the next', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const expiration_minutes of [5, undefined, 1440]) {
      const { user_id } = await newUser(here, project)
      const first = await succeed(here, project, route, { user_id, expiration_minutes })
      here.clock.advance((expiration_minutes ?? 1440) * minute - 1)
      await refuse(here, project, route, { user_id }, 400, 'pending_totp_exists')
      here.clock.advance(1)
      const second = await enrol(here, project, user_id)
      assert.notEqual(second.totp_id, first.totp_id)
      const { totps } = await succeed(here, project, `GET /v1/users/${user_id}`)
      assert.deepEqual(totps, [{ totp_id: second.totp_id, verified: false }])
      await refuse(here, project, `DELETE /v1/users/totps/${first.totp_id}`, undefined, 404, 'totp_not_found')
      await succeed(here, project, authenticate, { user_id, totp_code: second.code() })
    }
  })

  test('refuses times out of range, and users that are none', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const { user_id } = await newUser(here, project)
    for (const expiration_minutes of [4, 1441, 0, -1, 2 ** 40]) {
      await refuse(here, project, route, { user_id, expiration_minutes }, 400, 'invalid_expiration')
    }
    for (const expiration_minutes of [5.5, '5']) {
      await refuse(here, project, route, { user_id, expiration_minutes }, 400, 'bad_request')
    }
    await refuse(here, project, route, {}, 400, 'bad_request')
    await refuse(here, project, route, { user_id: 'user-test-7' }, 400, 'invalid_user_id')
    await refuse(here, project, route, { user_id: `user-test-${randomUUID()}` }, 404, 'user_not_found')
    await refuse(here, other, route, { user_id }, 404, 'user_not_found')
    const live = await liveCredentials(here, project)
    await refuse(here, live, route, { user_id }, 400, 'test_id_used_in_live_environment')
    assert.deepEqual((await succeed(here, project, `GET /v1/users/${user_id}`)).totps, [])
    assert.equal(await stored(here, project, user_id), undefined)
  })

  test('of many at once, one succeeds', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const answers = await Promise.all(Array.from({ length: 100 }, () => call(here, project, route, { user_id })))
    const made = answers.filter(({ status }) => status === 200)
    assert.equal(made.length, 1)
    for (const { status, body } of answers) if (status !== 200) assert.equal(body.error_type, 'pending_totp_exists')
    const { totps } = await succeed(here, project, `GET /v1/users/${user_id}`)
    assert.deepEqual(totps, [{ totp_id: made[0]?.body.totp_id, verified: false }])
  })

  test('neither secret nor recovery codes are stored or logged in clear, and a sealed one opens in its own place only', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const { totp_id, secret, recovery_codes } = await enrol(here, project, user_id)
    const row = JSON.stringify(await stored(here, project, user_id))
    const { sealed_secret } = JSON.parse(row)
    for (const clear of [secret, ...recovery_codes]) {
      assert.ok(!row.includes(clear))
      assert.ok(!here.logged.some((line) => line.includes(clear)))
    }
    assert.equal(here.app.keyring.open('totp secret', `${project.id} ${totp_id}`, sealed_secret), secret)
    assert.throws(() => here.app.keyring.open('totp secret', `${project.id} totp-test-other`, sealed_secret))
  })

  test('search finds the user by the app, and by whether it is verified', async () => {
    const here = await world(engine)
    const project = await here.project()
    const [{ user_id }] = [await newUser(here, project), await newUser(here, project)]
    const app = await enrol(here, project, user_id)
    const found = async (filter_name: string, filter_value: unknown) => {
      const query = { operator: 'AND', operands: [{ filter_name, filter_value }] }
      const { results } = await succeed(here, project, 'POST /v1/users/search', { query })
      return results.map((user: { user_id: string }) => user.user_id)
    }
    assert.deepEqual(await found('totp_id', [app.totp_id]), [user_id])
    assert.deepEqual([await found('totp_verified', true), await found('totp_verified', false)], [[], [user_id]])
    await succeed(here, project, authenticate, { user_id, totp_code: app.code() })
    assert.deepEqual([await found('totp_verified', true), await found('totp_verified', false)], [[user_id], []])
    await succeed(here, project, `DELETE /v1/users/totps/${app.totp_id}`)
    assert.deepEqual([await found('totp_id', [app.totp_id]), await found('totp_verified', true)], [[], []])
  })

  test('deleting the user deletes the app', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const { totp_id } = await enrol(here, project, user_id)
    assert.ok(await stored(here, project, user_id))
    await succeed(here, project, `DELETE /v1/users/${user_id}`)
    assert.equal(await stored(here, project, user_id), undefined)
    await refuse(here, project, `DELETE /v1/users/totps/${totp_id}`, undefined, 404, 'totp_not_found')
  })
})
