/** POST /pwa/v3/projects/{project_slug}/environments/{environment_slug}/secrets. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('secrets.create', (engine) => {
  test('answers with a secret that opens the backend API at once, beside the one before', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { secret } = await succeed(here, here.workspace, `POST ${project.path}/secrets`, {})
    assert.match(secret.secret_id, /^secret-id-test-[0-9a-f-]{36}$/)
    assert.match(secret.secret, /^secret-test-[A-Za-z0-9_-]{35}=$/)
    for (const value of [secret.secret, project.secret]) {
      const { project_id } = await succeed(here, { id: project.id, secret: value }, 'GET /v1/debug/whoami')
      assert.equal(project_id, project.id)
    }
  })

  test('makes live secrets for a live environment, which open no other', async () => {
    const here = await world(engine)
    const project = await here.project()
    const path = project.path.replace(/[^/]+$/, project.live.environment_slug)
    const { secret } = await succeed(here, here.workspace, `POST ${path}/secrets`, {})
    assert.match(secret.secret_id, /^secret-id-live-/)
    assert.match(secret.secret, /^secret-live-/)
    await succeed(here, { id: project.live.project_id, secret: secret.secret }, 'GET /v1/debug/whoami')
    const crossed = { id: project.id, secret: secret.secret }
    await refuse(here, crossed, 'GET /v1/debug/whoami', undefined, 401, 'unauthorized_credentials')
  })

  test('keeps the value neither in the database nor in the log', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { secret } = await succeed(here, here.workspace, `POST ${project.path}/secrets`, {})
    const rows = await here.app.store.read
      .selectFrom('secrets')
      .selectAll()
      .where('project_id', '=', project.id)
      .execute()
    assert.equal(rows.length, 2)
    assert.ok(!JSON.stringify(rows).includes(secret.secret))
    assert.ok(!here.logged.some((line) => line.includes(secret.secret)))
  })

  test('never lets concurrent calls exceed fifty secrets', async () => {
    const here = await world(engine)
    const project = await here.project()
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => call(here, here.workspace, `POST ${project.path}/secrets`, {})),
    )
    const refused = answers.filter(({ status }) => status !== 200)
    assert.equal(answers.length - refused.length, 49)
    for (const { status, body } of refused) {
      assert.deepEqual({ status, error_type: body.error_type }, { status: 400, error_type: 'too_many_secrets' })
    }
    const { secrets } = await succeed(here, here.workspace, `GET ${project.path}/secrets`)
    assert.equal(secrets.length, 50)
    await succeed(here, here.workspace, `DELETE ${project.path}/secrets/${secrets[0].secret_id}`)
    await succeed(here, here.workspace, `POST ${project.path}/secrets`, {})
    await refuse(here, here.workspace, `POST ${project.path}/secrets`, {}, 400, 'too_many_secrets')
  })
})
