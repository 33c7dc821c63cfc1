/** GET /pwa/v3/projects. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('projects.getAll', (engine) => {
  test('lists the projects of both verticals, the older one first', async () => {
    const here = await world(engine)
    const first = await here.project('CONSUMER')
    here.clock.advance(1000)
    const second = await here.project('B2B')
    const { projects } = await succeed(here, here.workspace, 'GET /pwa/v3/projects')
    const slugs = [first, second].map(({ environment }) => environment.project_slug)
    const found = projects.filter(({ project_slug }: { project_slug: string }) => slugs.includes(project_slug))
    assert.deepEqual(
      found.map(({ project_slug, name, vertical }: Record<string, string>) => ({ project_slug, name, vertical })),
      [
        { project_slug: slugs[0], name: 'Test CONSUMER', vertical: 'CONSUMER' },
        { project_slug: slugs[1], name: 'Test B2B', vertical: 'B2B' },
      ],
    )
  })
})
