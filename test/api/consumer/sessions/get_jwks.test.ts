/** GET /v1/sessions/jwks/{project_id}, and the same keys at the well-known place. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { rotateKeys } from '../../../../src/domain/signing_keys/signing_key.ts'
import { DAY, HOUR } from '../../../../src/values/time.ts'
import { call, refuse, succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('sessions.getJWKS', (engine) => {
  test('is public, cacheable, and the same at both places', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { body, headers } = await call(here, undefined, `GET /v1/sessions/jwks/${project.id}`)
    assert.equal(headers['cache-control'], 'public, max-age=300')
    assert.equal(body.keys.length, 1)
    assert.deepEqual(Object.keys(body.keys[0]).sort(), [
      'alg',
      'e',
      'key_ops',
      'kid',
      'kty',
      'n',
      'use',
      'x5c',
      'x5tS256',
    ])
    const wellKnown = await succeed(here, undefined, `GET /v1/public/${project.id}/.well-known/jwks.json`)
    assert.deepEqual(wellKnown.keys, body.keys)
    // Some clients send their credentials along; right or wrong, they do not matter.
    await succeed(here, { id: project.id, secret: 'wrong' }, `GET /v1/sessions/jwks/${project.id}`)
  })

  test('publishes the next key before it signs and the last one until its overlap ends', async () => {
    const here = await world(engine)
    const project = await here.project()
    const kids = async () => {
      const { keys } = await succeed(here, undefined, `GET /v1/sessions/jwks/${project.id}`)
      return keys.map(({ kid }: { kid: string }) => kid)
    }
    const [first] = await kids()
    const { kid } = await rotateKeys(here.app, project.environment, { at_once: false })
    assert.deepEqual(await kids(), [first, kid])
    here.clock.advance(30 * DAY)
    assert.deepEqual(await kids(), [first, kid])
    here.clock.advance(HOUR)
    assert.deepEqual(await kids(), [kid])
  })

  test('refuses a malformed and an unknown project id', async () => {
    const here = await world(engine)
    await refuse(here, undefined, 'GET /v1/sessions/jwks/nonsense', undefined, 400, 'invalid_project_id')
    const unknown = `GET /v1/sessions/jwks/project-test-${randomUUID()}`
    await refuse(here, undefined, unknown, undefined, 404, 'project_not_found')
  })
})
