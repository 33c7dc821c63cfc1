/** POST /v1/totps/recover. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../support/call.ts'
import { enrol, withoutTotpLimit } from '../../../support/totp.ts'
import { newUser, startSession } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/totps/recover'
const list = 'POST /v1/totps/recovery_codes'
const wrong = 'aaaa-bbbb-cccc'

onBothEngines('totps.recover', (engine) => {
  test('a recovery code signs in once, as people type it, and is gone', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const app = await enrol(here, project, user_id)
    await succeed(here, project, 'POST /v1/totps/authenticate', { user_id, totp_code: app.code() })
    const [code = ''] = app.recovery_codes
    const body = { user_id, recovery_code: ` ${code.toUpperCase()} `, session_duration_minutes: 60 }
    const reply = await succeed(here, project, route, body)
    assert.deepEqual([reply.user_id, reply.totp_id], [user_id, app.totp_id])
    const [{ type, delivery_method, recovery_code_factor }] = reply.session.authentication_factors
    assert.deepEqual([type, delivery_method], ['recovery_codes', 'recovery_code'])
    assert.match(recovery_code_factor.totp_recovery_code_id, /^totp-recovery-code-test-[0-9a-f-]{36}$/)
    const { totps } = await succeed(here, project, list, { user_id })
    assert.deepEqual(totps[0].recovery_codes, app.recovery_codes.slice(1))
    await refuse(here, project, route, body, 401, 'unable_to_authenticate_recovery_code')
  })

  test('each code that is used in a session is a factor of it', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const { recovery_codes } = await enrol(here, project, user_id)
    const session_token = await startSession(here, project, user_id)
    for (const recovery_code of recovery_codes.slice(0, 2)) {
      await succeed(here, project, route, { user_id, recovery_code, session_token })
    }
    const { session } = await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token })
    const types = session.authentication_factors.map(({ type }: { type: string }) => type)
    assert.deepEqual(types, ['imported', 'recovery_codes', 'recovery_codes'])
  })

  test('works while the app waits for its first code, which it does not stand in for', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const app = await enrol(here, project, user_id)
    const [recovery_code, other] = app.recovery_codes
    const { user } = await succeed(here, project, route, { user_id, recovery_code })
    assert.deepEqual(user.totps, [{ totp_id: app.totp_id, verified: false }])
    here.clock.advance(1440 * 60_000)
    await refuse(here, project, route, { user_id, recovery_code: other }, 400, 'expired_totp')
  })

  test('when all have been used there is none to find', async () => {
    const here = withoutTotpLimit(await world(engine))
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const { recovery_codes } = await enrol(here, project, user_id)
    for (const recovery_code of recovery_codes) await succeed(here, project, route, { user_id, recovery_code })
    await refuse(here, project, route, { user_id, recovery_code: wrong }, 404, 'recovery_codes_not_found')
    assert.deepEqual((await succeed(here, project, list, { user_id })).totps[0].recovery_codes, [])
  })

  test('refuses what is no recovery code, says when it is a code of the app, and burns nothing', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const { user_id } = await newUser(here, project)
    await refuse(here, project, route, { user_id, recovery_code: wrong }, 404, 'totp_not_found')
    const app = await enrol(here, project, user_id)
    for (const recovery_code of ['', 'aaaa-bbbb-ccc', 'aaaa-bbbb-cccc-dddd', 'ääää-bbbb-cccc', '12345']) {
      await refuse(here, project, route, { user_id, recovery_code }, 400, 'invalid_recovery_code')
    }
    const used = { user_id, recovery_code: app.code() }
    await refuse(here, project, route, used, 400, 'totp_code_used_as_recovery_code')
    await refuse(here, project, route, { user_id }, 400, 'bad_request')
    const stranger = { user_id: `user-test-${randomUUID()}`, recovery_code: wrong }
    await refuse(here, project, route, stranger, 404, 'user_not_found')
    const [recovery_code] = app.recovery_codes
    await refuse(here, other, route, { user_id, recovery_code }, 404, 'user_not_found')
    const refused = [
      [{ session_token: 'x' }, 400, 'invalid_session_token'],
      [{ session_token: 'x'.repeat(44) }, 404, 'session_not_found'],
      [{ session_token: 'x', session_jwt: 'x' }, 400, 'too_many_session_arguments'],
      [{ session_duration_minutes: 527_041 }, 400, 'invalid_session_duration_minutes'],
    ] as const
    for (const [fields, status, type] of refused) {
      await refuse(here, project, route, { user_id, recovery_code, ...fields }, status, type)
    }
    assert.deepEqual((await succeed(here, project, list, { user_id })).totps[0].recovery_codes, app.recovery_codes)
    await succeed(here, project, route, { user_id, recovery_code })
  })

  test('wrong ones lock the user, and a lock burns no right one', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const [recovery_code] = (await enrol(here, project, user_id)).recovery_codes
    for (let n = 0; n < 10; n++) {
      const body = { user_id, recovery_code: wrong }
      await refuse(here, project, route, body, 401, 'unable_to_authenticate_recovery_code')
    }
    await refuse(here, project, route, { user_id, recovery_code }, 429, 'user_lock_limit_reached')
    here.clock.advance(3600_000)
    await succeed(here, project, route, { user_id, recovery_code })
  })

  test('of a hundred calls with one code at once, one succeeds', async () => {
    const here = withoutTotpLimit(await world(engine))
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const { recovery_codes } = await enrol(here, project, user_id)
    const body = { user_id, recovery_code: recovery_codes[3], session_duration_minutes: 60 }
    const answers = await Promise.all(Array.from({ length: 100 }, () => call(here, project, route, body)))
    const count = (type: string | undefined) => answers.filter(({ body }) => body.error_type === type).length
    const types = [undefined, 'unable_to_authenticate_recovery_code', 'user_lock_limit_reached']
    assert.deepEqual(types.map(count), [1, 10, 89])
    const { sessions } = await succeed(here, project, `GET /v1/sessions?user_id=${user_id}`)
    assert.equal(sessions.length, 1)
  })

  test('different codes at once all succeed, and none comes back', async () => {
    const here = withoutTotpLimit(await world(engine))
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const { recovery_codes } = await enrol(here, project, user_id)
    await Promise.all(
      recovery_codes.slice(1).map((recovery_code) => succeed(here, project, route, { user_id, recovery_code })),
    )
    const { totps } = await succeed(here, project, list, { user_id })
    assert.deepEqual(totps[0].recovery_codes, recovery_codes.slice(0, 1))
  })
})
