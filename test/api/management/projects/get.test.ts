/** GET /pwa/v3/projects/{project_slug}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('projects.get', (engine) => {
  test('answers with the project as the list shows it', async () => {
    const here = await world(engine)
    const { project_slug } = (await here.project('B2B')).environment
    const { project } = await succeed(here, here.workspace, `GET /pwa/v3/projects/${project_slug}`)
    assert.equal(project.project_slug, project_slug)
    assert.equal(project.vertical, 'B2B')
    const { projects } = await succeed(here, here.workspace, 'GET /pwa/v3/projects')
    assert.deepEqual(
      projects.find((other: typeof project) => other.project_slug === project_slug),
      project,
    )
  })
})
