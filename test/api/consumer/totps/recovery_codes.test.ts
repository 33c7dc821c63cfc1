/** POST /v1/totps/recovery_codes. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { enrol } from '../../../support/totp.ts'
import { newUser } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/totps/recovery_codes'

onBothEngines('totps.recoveryCodes', (engine) => {
  test('lists the app, whether it is verified, and the codes not used yet', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project, { external_id: 'ext-1' })
    const { totp_id, recovery_codes, code } = await enrol(here, project, user_id)
    const before = await succeed(here, project, route, { user_id: 'ext-1' })
    assert.equal(before.user_id, user_id)
    assert.deepEqual(before.totps, [{ totp_id, verified: false, recovery_codes }])
    await succeed(here, project, 'POST /v1/totps/authenticate', { user_id, totp_code: code() })
    await succeed(here, project, 'POST /v1/totps/recover', { user_id, recovery_code: recovery_codes[9] })
    const { totps } = await succeed(here, project, route, { user_id })
    assert.deepEqual(totps, [{ totp_id, verified: true, recovery_codes: recovery_codes.slice(0, 9) }])
  })

  test('refuses users that are none or have no app that can be used', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const { user_id } = await newUser(here, project)
    await refuse(here, project, route, { user_id }, 404, 'totps_not_found_for_user')
    await enrol(here, project, user_id)
    await refuse(here, other, route, { user_id }, 404, 'user_not_found')
    await refuse(here, project, route, { user_id: 'user-test-7' }, 400, 'invalid_user_id')
    await refuse(here, project, route, { user_id: `user-test-${randomUUID()}` }, 404, 'user_not_found')
    await refuse(here, project, route, {}, 400, 'bad_request')
    here.clock.advance(1440 * 60_000)
    await refuse(here, project, route, { user_id }, 404, 'totps_not_found_for_user')
  })
})
