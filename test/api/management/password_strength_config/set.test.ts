/** PUT /pwa/v3/projects/{project_slug}/environments/{environment_slug}/password_strength_config. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { newEmail, strong } from '../../../support/passwords.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const luds = {
  check_breach_on_creation: true,
  check_breach_on_authentication: false,
  validate_on_authentication: true,
  validation_policy: 'LUDS',
  luds_min_password_length: 32,
  luds_min_password_complexity: 4,
}

onBothEngines('passwordStrengthConfig.set', (engine) => {
  test('replaces the configuration, which counts on the next call, in that environment only', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const path = `${project.path}/password_strength_config`
    await succeed(here, project, 'POST /v1/passwords', { email: newEmail(), password: strong })
    const reply = await succeed(here, here.workspace, `PUT ${path}`, luds)
    assert.deepEqual(reply.password_strength_config, luds)
    assert.deepEqual((await succeed(here, here.workspace, `GET ${path}`)).password_strength_config, luds)
    const body = { email: newEmail(), password: strong }
    await refuse(here, project, 'POST /v1/passwords', body, 400, 'weak_password')
    await succeed(here, other, 'POST /v1/passwords', body)
  })

  test('what is left out is off, and the policy zxcvbn, which has no limits of LUDS', async () => {
    const here = await world(engine)
    const { path } = await here.project()
    const body = { validation_policy: null, luds_min_password_length: 99, luds_min_password_complexity: 2 }
    const reply = await succeed(here, here.workspace, `PUT ${path}/password_strength_config`, body)
    assert.deepEqual(reply.password_strength_config, {
      check_breach_on_creation: false,
      check_breach_on_authentication: false,
      validate_on_authentication: false,
      validation_policy: 'ZXCVBN',
      luds_min_password_length: null,
      luds_min_password_complexity: null,
    })
  })

  test('refuses limits out of range and unknown policies, and changes nothing', async () => {
    const here = await world(engine)
    const project = await here.project()
    const path = `${project.path}/password_strength_config`
    const before = (await succeed(here, here.workspace, `GET ${path}`)).password_strength_config
    const cases: [change: object, error_type: string][] = [
      [{ luds_min_password_length: 7 }, 'invalid_password_strength_luds_length'],
      [{ luds_min_password_length: 33 }, 'invalid_password_strength_luds_length'],
      [{ luds_min_password_length: null }, 'invalid_password_strength_luds_length'],
      [{ luds_min_password_complexity: 0 }, 'invalid_password_strength_luds_complexity'],
      [{ luds_min_password_complexity: 5 }, 'invalid_password_strength_luds_complexity'],
      [{ luds_min_password_complexity: undefined }, 'invalid_password_strength_luds_complexity'],
      [{ luds_min_password_length: 8.5 }, 'bad_request'],
      [{ validation_policy: 'NIST' }, 'bad_request'],
      [{ validate_on_authentication: 'yes' }, 'bad_request'],
    ]
    for (const [change, error_type] of cases) {
      await refuse(here, here.workspace, `PUT ${path}`, { ...luds, ...change }, 400, error_type)
    }
    assert.deepEqual((await succeed(here, here.workspace, `GET ${path}`)).password_strength_config, before)
  })
})
