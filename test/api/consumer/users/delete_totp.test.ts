/** DELETE /v1/users/totps/{totp_id}. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { enrol } from '../../../support/totp.ts'
import { newUser } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const authenticate = 'POST /v1/totps/authenticate'

onBothEngines('users.deleteTOTP', (engine) => {
  test('takes the app and its recovery codes; sessions keep the factor, and another app can follow', async () => {
    const here = await world(engine)
    const project = await here.project()
    const user = await newUser(here, project)
    const { user_id } = user
    const app = await enrol(here, project, user_id)
    const signIn = { user_id, totp_code: app.code(), session_duration_minutes: 60 }
    const { session_token, session } = await succeed(here, project, authenticate, signIn)
    const route = `DELETE /v1/users/totps/${app.totp_id}`
    const reply = await succeed(here, project, route)
    assert.deepEqual([reply.user_id, reply.user], [user_id, user])
    const [recovery_code] = app.recovery_codes
    await refuse(here, project, authenticate, { user_id, totp_code: app.code(1) }, 404, 'totp_not_found')
    await refuse(here, project, 'POST /v1/totps/recover', { user_id, recovery_code }, 404, 'totp_not_found')
    await refuse(here, project, 'POST /v1/totps/recovery_codes', { user_id }, 404, 'totps_not_found_for_user')
    await refuse(here, project, route, undefined, 404, 'totp_not_found')
    const kept = await succeed(here, project, 'POST /v1/sessions/authenticate', { session_token })
    assert.deepEqual(kept.session.authentication_factors, session.authentication_factors)
    const next = await enrol(here, project, user_id)
    await refuse(
      here,
      project,
      'POST /v1/totps/recover',
      { user_id, recovery_code },
      401,
      'unable_to_authenticate_recovery_code',
    )
    await succeed(here, project, authenticate, { user_id, totp_code: next.code() })
  })

  test('refuses ids that are none, of the other environment, or of nobody here', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const { user_id } = await newUser(here, project)
    const app = await enrol(here, project, user_id)
    for (const id of ['x', 'totp-test-7', user_id, `email-test-${randomUUID()}`]) {
      await refuse(here, project, `DELETE /v1/users/totps/${id}`, undefined, 400, 'invalid_totp_id')
    }
    const live = `DELETE /v1/users/totps/totp-live-${randomUUID()}`
    await refuse(here, project, live, undefined, 400, 'live_id_used_in_test_environment')
    const unknown = `DELETE /v1/users/totps/totp-test-${randomUUID()}`
    await refuse(here, project, unknown, undefined, 404, 'totp_not_found')
    await refuse(here, other, `DELETE /v1/users/totps/${app.totp_id}`, undefined, 404, 'totp_not_found')
    await succeed(here, project, authenticate, { user_id, totp_code: app.code() })
  })
})
