/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/secrets/{secret_id}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('secrets.get', (engine) => {
  test('answers masked, with the time of creation that creating it told', async () => {
    const here = await world(engine)
    const project = await here.project()
    const created = await succeed(here, here.workspace, `POST ${project.path}/secrets`, {})
    here.clock.advance(5000)
    const path = `${project.path}/secrets/${created.secret.secret_id}`
    const { secret } = await succeed(here, here.workspace, `GET ${path}`)
    assert.deepEqual(secret, {
      secret_id: created.secret.secret_id,
      last_four: created.secret.secret.slice(-4),
      created_at: created.secret.created_at,
      used_at: null,
    })
  })

  test('tells when a secret was last used, to the minute', async () => {
    const here = await world(engine)
    const project = await here.project()
    const created = await succeed(here, here.workspace, `POST ${project.path}/secrets`, {})
    const caller = { id: project.id, secret: created.secret.secret }
    const path = `${project.path}/secrets/${created.secret.secret_id}`
    /** The use is noted after the answer, so the note is awaited by looking a bounded number of times. */
    const usedAtOnceNot = async (before: string | null): Promise<string> => {
      for (let look = 0; look < 200; look++) {
        const { secret } = await succeed(here, here.workspace, `GET ${path}`)
        if (secret.used_at !== before) return secret.used_at
      }
      assert.fail(`used_at stayed ${before}`)
    }
    await succeed(here, caller, 'GET /v1/debug/whoami')
    const first = await usedAtOnceNot(null)
    assert.ok(Math.abs(Date.parse(first) - here.clock.now()) < 30_000)
    here.clock.advance(61_000)
    await succeed(here, caller, 'GET /v1/debug/whoami')
    const second = await usedAtOnceNot(first)
    assert.ok(Date.parse(second) - Date.parse(first) >= 61_000)
  })

  test('does not take a failed attempt for a use', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { secrets } = await succeed(here, here.workspace, `GET ${project.path}/secrets`)
    const wrong = { id: project.id, secret: `${project.secret}x` }
    await refuse(here, wrong, 'GET /v1/debug/whoami', undefined, 401, 'unauthorized_credentials')
    const { secret } = await succeed(here, here.workspace, `GET ${project.path}/secrets/${secrets[0].secret_id}`)
    assert.equal(secret.used_at, null)
  })

  test('tells a malformed id from an unknown one, and never shows a secret of another environment', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const { secrets } = await succeed(here, here.workspace, `GET ${other.path}/secrets`)
    for (const [id, status, error_type] of [
      ['nonsense', 400, 'invalid_secret_id'],
      ['secret-id-test-', 400, 'invalid_secret_id'],
      ['a%00b', 400, 'invalid_secret_id'],
      ['user-test-00000000-0000-4000-8000-000000000000', 400, 'invalid_secret_id'],
      ['secret-id-test-00000000-0000-4000-8000-000000000000', 404, 'secret_not_found'],
      [secrets[0].secret_id, 404, 'secret_not_found'],
    ] as const) {
      await refuse(here, here.workspace, `GET ${project.path}/secrets/${id}`, undefined, status, error_type)
    }
  })
})
