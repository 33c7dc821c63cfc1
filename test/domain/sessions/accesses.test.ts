/** Accesses of sessions: written once a second, and never at the price of what must be written. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sessionAccesses } from '../../../src/domain/sessions/accesses.ts'
import { tokenKey } from '../../../src/domain/sessions/session.ts'
import type { Store } from '../../../src/store/store.ts'
import { MINUTE, SECOND } from '../../../src/values/time.ts'
import { newUser, startSession } from '../../support/users.ts'
import { type Engine, onBothEngines, world } from '../../support/world.ts'

async function scene(engine: Engine) {
  const here = await world(engine)
  const project = await here.project()
  const { user_id } = await newUser(here, project)
  const key = tokenKey(project.id, await startSession(here, project, user_id))
  const session = async () => {
    const { held } = await here.app.lookups.session(key)
    assert.ok(held)
    return held.session
  }
  let written = 0
  const store: Store = {
    ...here.app.store,
    change: (...given) => {
      written++
      return here.app.store.change(...given)
    },
  }
  const note = sessionAccesses(store)
  const { session_id, started_at, expires_at } = await session()
  const touch = (at: number, expires_at?: number) => note({ project_id: project.id, session_id, at, expires_at })
  return { here, session, touch, written: () => written, at: started_at, expires_at }
}

onBothEngines('accesses of a session', (engine) => {
  test('are written once a second, however many there are at once or after one another', async () => {
    const { touch, written, at } = await scene(engine)
    const first = at + 2 * SECOND
    await Promise.all([touch(first), touch(first), touch(first + 1)])
    assert.equal(await touch(first + 2), true)
    assert.equal(written(), 1)
    assert.equal(await touch(first + SECOND), true)
    assert.equal(written(), 2)
  })

  test('of a second that has been written do not keep an extension from being written', async () => {
    const { touch, written, session, at } = await scene(engine)
    await touch(at + 2 * SECOND)
    await touch(at + 2 * SECOND, at + 90 * MINUTE)
    assert.equal(written(), 2)
    assert.equal((await session()).expires_at, at + 90 * MINUTE)
  })

  test('of one that is over are refused, and are not taken for written', async () => {
    const { touch, expires_at } = await scene(engine)
    assert.equal(await touch(expires_at), false)
    assert.equal(await touch(expires_at), false)
  })
})
