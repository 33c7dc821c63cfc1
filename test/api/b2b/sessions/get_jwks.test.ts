/** GET /v1/b2b/sessions/jwks/{project_id}. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('b2b sessions.getJWKS', (engine) => {
  test('is public, cacheable, and the same as at the well-known place', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const { body, headers } = await call(here, undefined, `GET /v1/b2b/sessions/jwks/${project.id}`)
    assert.equal(headers['cache-control'], 'public, max-age=300')
    assert.equal(body.keys.length, 1)
    const wellKnown = await succeed(here, undefined, `GET /v1/public/${project.id}/.well-known/jwks.json`)
    assert.deepEqual(wellKnown.keys, body.keys)
    await succeed(here, { id: project.id, secret: 'wrong' }, `GET /v1/b2b/sessions/jwks/${project.id}`)
  })

  test('refuses a malformed and an unknown project id', async () => {
    const here = await world(engine)
    await refuse(here, undefined, 'GET /v1/b2b/sessions/jwks/nonsense', undefined, 400, 'invalid_project_id')
    const unknown = `GET /v1/b2b/sessions/jwks/project-test-${randomUUID()}`
    await refuse(here, undefined, unknown, undefined, 404, 'project_not_found')
  })
})
