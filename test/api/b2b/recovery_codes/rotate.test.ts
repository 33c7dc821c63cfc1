/** POST /v1/b2b/recovery_codes/rotate. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { succeed } from '../../../support/call.ts'
import { memberScene, recoverRoute, totpRoute } from '../../../support/second_factor.ts'
import { withoutTotpLimit } from '../../../support/totp.ts'
import { type Engine, onBothEngines } from '../../../support/world.ts'

const route = 'POST /v1/b2b/recovery_codes/rotate'
const unable = [401, 'unable_to_authenticate_recovery_code'] as const

async function verified(engine: Engine) {
  const scene = await memberScene(engine, {}, withoutTotpLimit)
  const app = await scene.enrol()
  const { session_token } = await scene.signIn()
  await scene.succeedAt(totpRoute, { code: app.code(), session_token })
  const { organization_id, member_id } = scene.named
  const current = async (): Promise<string[]> =>
    (await succeed(scene.here, scene.project, `GET /v1/b2b/recovery_codes/${organization_id}/${member_id}`))
      .recovery_codes
  return { ...scene, app, session_token, current }
}

onBothEngines('recoveryCodes.rotate', (engine) => {
  test('makes ten new codes, and the old ones void', async () => {
    const { member, succeedAt, refuseAt, app, session_token, current } = await verified(engine)
    const reply = await succeedAt(route)
    assert.equal(reply.member_id, member.member_id)
    assert.equal(reply.recovery_codes.length, 10)
    assert.equal(new Set([...app.recovery_codes, ...reply.recovery_codes]).size, 20)
    assert.deepEqual(await current(), reply.recovery_codes)
    await refuseAt(recoverRoute, { recovery_code: app.recovery_codes[0], session_token }, unable)
    await succeedAt(recoverRoute, { recovery_code: reply.recovery_codes[0], session_token })
  })

  test('helps a member who has used them all', async () => {
    const { succeedAt, app, session_token } = await verified(engine)
    for (const recovery_code of app.recovery_codes) await succeedAt(recoverRoute, { recovery_code, session_token })
    assert.equal((await succeedAt(route)).recovery_codes.length, 10)
  })

  test('refuses a member without a verified app', async () => {
    const { refuseAt, enrol, named, here, project } = await memberScene(engine)
    const none = [400, 'no_active_recovery_code_backed_factor'] as const
    await refuseAt(route, {}, none)
    const { recovery_codes } = await enrol()
    await refuseAt(route, {}, none)
    const { organization_id, member_id } = named
    const left = await succeed(here, project, `GET /v1/b2b/recovery_codes/${organization_id}/${member_id}`)
    assert.deepEqual(left.recovery_codes, recovery_codes)
  })

  test('refuses organizations and members that there are not', async () => {
    const { refuseAt } = await verified(engine)
    await refuseAt(route, { member_id: 'nobody' }, [404, 'member_not_found'])
    await refuseAt(route, { organization_id: 'nowhere' }, [404, 'organization_not_found'])
    await refuseAt(route, { member_id: undefined }, [400, 'bad_request'])
  })

  test('of many rotations at once the last one holds; none brings a used code back', async () => {
    const { ask, app, session_token, current } = await verified(engine)
    const [recovery_code] = app.recovery_codes
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, () => ask(route, {})),
      ask(recoverRoute, { recovery_code, session_token }),
    ])
    const rotated = answers.slice(0, 10)
    assert.deepEqual([...new Set(rotated.map(({ status }) => status))], [200])
    const sets = rotated.map(({ body }) => JSON.stringify(body.recovery_codes))
    assert.ok(sets.includes(JSON.stringify(await current())))
    assert.ok(!(await current()).includes(recovery_code as string))
  })
})
