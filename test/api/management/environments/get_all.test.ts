/** GET /pwa/v3/projects/{project_slug}/environments. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('environments.getAll', (engine) => {
  test('lists the environments of that project and of no other', async () => {
    const here = await world(engine)
    const project = await here.project()
    await here.project()
    const path = `/pwa/v3/projects/${project.environment.project_slug}/environments`
    const { environments } = await succeed(here, here.workspace, `GET ${path}`)
    assert.deepEqual(
      environments.map(({ project_id, type, environment_slug }: Record<string, string>) => ({
        project_id,
        type,
        environment_slug,
      })),
      [
        { project_id: project.live.project_id, type: 'LIVE', environment_slug: 'production' },
        { project_id: project.id, type: 'TEST', environment_slug: 'test' },
      ],
    )
  })
})
