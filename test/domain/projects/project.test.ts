/** Projects: their names and slugs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProject } from '../../../src/domain/projects/project.ts'
import { Refusal } from '../../../src/errors.ts'
import { world } from '../../support/world.ts'

test('however many projects have one name, each gets a slug of its own', async () => {
  const { app } = await world('sqlite')
  // Of so many, two draw the same suffix in four of five runs.
  const many = 8000
  const slugs = new Set<string>()
  // Other tests should not have them all.
  const enough = new Error('enough')
  const creating = app.transaction(async (app) => {
    for (let number = 0; number < many; number++) {
      slugs.add((await createProject(app, { name: 'Twins', vertical: 'B2B' })).project_slug)
    }
    throw enough
  })
  await assert.rejects(creating, enough)
  assert.equal(slugs.size, many)
})

test('a slug that is given and taken is refused', async () => {
  const { app } = await world('sqlite')
  const given = { name: 'Only', vertical: 'B2B', project_slug: 'the-only-one' } as const
  await createProject(app, given)
  await assert.rejects(
    createProject(app, given),
    (error) => error instanceof Refusal && error.error_type === 'bad_request',
  )
})
