/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/password_strength_config. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('passwordStrengthConfig.get', (engine) => {
  test('every environment begins with zxcvbn and all checks', async () => {
    const here = await world(engine)
    for (const vertical of ['CONSUMER', 'B2B'] as const) {
      const { path } = await here.project(vertical)
      const reply = await succeed(here, here.workspace, `GET ${path}/password_strength_config`)
      assert.deepEqual(reply.password_strength_config, {
        check_breach_on_creation: true,
        check_breach_on_authentication: true,
        validate_on_authentication: true,
        validation_policy: 'ZXCVBN',
        luds_min_password_length: null,
        luds_min_password_complexity: null,
      })
    }
  })

  test('refuses places that do not exist, and other callers', async () => {
    const here = await world(engine)
    const project = await here.project()
    const nowhere = `${project.path}x/password_strength_config`
    await refuse(here, here.workspace, `GET ${nowhere}`, undefined, 404, 'environment_not_found')
    const path = `GET ${project.path}/password_strength_config`
    await refuse(here, project, path, undefined, 401, 'unauthorized_credentials')
  })
})
