/** GET /v1/public/{project_id}/.well-known/jwks.json: what differs from the other place is tested there. */
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { refuse } from '../../support/call.ts'
import { onBothEngines, world } from '../../support/world.ts'

onBothEngines('the well-known key set', (engine) => {
  test('refuses a malformed and an unknown project id', async () => {
    const here = await world(engine)
    const path = (id: string) => `GET /v1/public/${id}/.well-known/jwks.json`
    await refuse(here, undefined, path('nonsense'), undefined, 400, 'invalid_project_id')
    await refuse(here, undefined, path(`project-live-${randomUUID()}`), undefined, 404, 'project_not_found')
  })
})
