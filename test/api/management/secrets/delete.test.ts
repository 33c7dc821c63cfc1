/** DELETE /pwa/v3/projects/{project_slug}/environments/{environment_slug}/secrets/{secret_id}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('secrets.delete', (engine) => {
  test('ends a secret at the very next call, and leaves the others', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { secret } = await succeed(here, here.workspace, `POST ${project.path}/secrets`, {})
    const caller = { id: project.id, secret: secret.secret }
    await succeed(here, caller, 'GET /v1/debug/whoami')
    await succeed(here, here.workspace, `DELETE ${project.path}/secrets/${secret.secret_id}`)
    await refuse(here, caller, 'GET /v1/debug/whoami', undefined, 401, 'unauthorized_credentials')
    await succeed(here, project, 'GET /v1/debug/whoami')
    const path = `${project.path}/secrets/${secret.secret_id}`
    await refuse(here, here.workspace, `GET ${path}`, undefined, 404, 'secret_not_found')
  })

  test('deletes the last secret of an environment, too', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { secrets } = await succeed(here, here.workspace, `GET ${project.path}/secrets`)
    await succeed(here, here.workspace, `DELETE ${project.path}/secrets/${secrets[0].secret_id}`)
    await refuse(here, project, 'GET /v1/debug/whoami', undefined, 401, 'unauthorized_credentials')
    assert.deepEqual((await succeed(here, here.workspace, `GET ${project.path}/secrets`)).secrets, [])
  })

  test('refuses malformed, unknown and foreign ids, and deletes nothing', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const { secrets } = await succeed(here, here.workspace, `GET ${other.path}/secrets`)
    for (const [id, status, error_type] of [
      ['nonsense', 400, 'invalid_secret_id'],
      ['secret-id-test-00000000-0000-4000-8000-000000000000', 404, 'secret_not_found'],
      [secrets[0].secret_id, 404, 'secret_not_found'],
    ] as const) {
      await refuse(here, here.workspace, `DELETE ${project.path}/secrets/${id}`, {}, status, error_type)
    }
    for (const caller of [project, other]) await succeed(here, caller, 'GET /v1/debug/whoami')
  })

  test('lets one of two concurrent deletions win', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { secret } = await succeed(here, here.workspace, `POST ${project.path}/secrets`, {})
    const path = `${project.path}/secrets/${secret.secret_id}`
    const answers = await Promise.all([1, 2].map(() => call(here, here.workspace, `DELETE ${path}`)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 404])
  })
})
