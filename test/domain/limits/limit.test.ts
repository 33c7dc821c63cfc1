/** Rate limits. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { App } from '../../../src/domain/app.ts'
import { countAgainst, countRequest } from '../../../src/domain/limits/limit.ts'
import { Refusal } from '../../../src/errors.ts'
import { call, refuse, succeed } from '../../support/call.ts'
import { onBothEngines, type World, world } from '../../support/world.ts'

/** The same app with other limits. */
function limited({ app }: World, limits: Partial<App['settings']['limits']>): App {
  return { ...app, settings: { ...app.settings, limits: { ...app.settings.limits, ...limits } } }
}

/** Moves the clock to the beginning of a period of that many seconds. */
function toPeriod(here: World, seconds: number): void {
  here.clock.advance(seconds * 1000 - (here.clock.now() % (seconds * 1000)))
}

async function refused(work: Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    assert.ok(error instanceof Refusal)
    return error
  }
}

onBothEngines('limits', (engine) => {
  test('a period has its share, the next one begins anew, and the refusal says when that is', async () => {
    const here = await world(engine)
    const project = await here.project()
    const app = limited(here, { totp: { count: 3, seconds: 60 } })
    const use = () => refused(countAgainst(app, project.environment, 'totp', 'somebody'))
    toPeriod(here, 60)
    here.clock.advance(20_500)
    for (let used = 0; used < 3; used++) assert.equal(await use(), undefined)
    const refusal = await use()
    assert.equal(refusal?.error_type, 'too_many_requests')
    assert.equal(refusal?.retry_after, 40)
    here.clock.advance(39_499)
    assert.equal((await use())?.retry_after, 1)
    here.clock.advance(1)
    assert.equal(await use(), undefined)
  })

  test('subjects, names and environments are counted apart', async () => {
    const here = await world(engine)
    const [one, other] = [await here.project(), await here.project()]
    const app = limited(here, { totp: { count: 1, seconds: 60 }, user_search: { count: 1, seconds: 60 } })
    assert.equal(await refused(countAgainst(app, one.environment, 'totp', 'a')), undefined)
    assert.equal(await refused(countAgainst(app, one.environment, 'totp', 'b')), undefined)
    assert.equal(await refused(countAgainst(app, one.environment, 'user_search', 'a')), undefined)
    assert.equal(await refused(countAgainst(app, other.environment, 'totp', 'a')), undefined)
    assert.ok(await refused(countAgainst(app, one.environment, 'totp', 'a')))
  })

  test('of 100 uses at once exactly as many pass as the limit says', async () => {
    const here = await world(engine)
    const { environment } = await here.project()
    const app = limited(here, { totp: { count: 7, seconds: 60 } })
    const uses = Array.from({ length: 100 }, () => refused(countAgainst(app, environment, 'totp', 'somebody')))
    assert.equal((await Promise.all(uses)).filter((refusal) => refusal === undefined).length, 7)
  })

  test('a use inside a transaction that fails is not counted', async () => {
    const here = await world(engine)
    const { environment } = await here.project()
    const app = limited(here, { totp: { count: 1, seconds: 60 } })
    const failing = app.transaction(async (app) => {
      await countAgainst(app, environment, 'totp', 'somebody')
      throw new Error('something else fails')
    })
    await assert.rejects(failing, /something else/)
    assert.equal(await refused(countAgainst(app, environment, 'totp', 'somebody')), undefined)
  })

  test('a limit that is off counts nothing', async () => {
    const here = await world(engine)
    const { environment } = await here.project()
    const app = limited(here, { totp: undefined })
    for (let use = 0; use < 30; use++) await countAgainst(app, environment, 'totp', 'somebody')
  })

  test('requests of an environment are counted together, and each learns its own place', async () => {
    const here = await world(engine)
    const [one, other] = [await here.project(), await here.project()]
    const app = limited(here, { requests: { count: 60, seconds: 1 } })
    const uses = [one, other].flatMap(({ environment }) =>
      Array.from({ length: 100 }, () => refused(countRequest(app, environment))),
    )
    const refusals = await Promise.all(uses)
    assert.equal(refusals.filter((refusal) => refusal === undefined).length, 120)
    here.clock.advance(1000)
    assert.equal(await refused(countRequest(app, one.environment)), undefined)
  })

  test('over HTTP, what is too many is 429 with Retry-After, and only confirmed callers are counted', async () => {
    const here = await world(engine)
    const project = await here.project()
    const before = here.app.settings
    here.app.settings = { ...before, limits: { ...before.limits, requests: { count: 2, seconds: 60 } } }
    try {
      toPeriod(here, 60)
      for (let guess = 0; guess < 5; guess++) {
        const stranger = { id: project.id, secret: 'secret-test-wrong' }
        await refuse(here, stranger, 'GET /v1/rbac/policy', undefined, 401, 'unauthorized_credentials')
      }
      await succeed(here, project, 'GET /v1/rbac/policy')
      await succeed(here, project, 'GET /v1/rbac/policy')
      const answer = await call(here, project, 'GET /v1/rbac/policy')
      assert.deepEqual([answer.status, answer.body.error_type], [429, 'too_many_requests'])
      assert.equal(answer.headers['retry-after'], '60')
    } finally {
      here.app.settings = before
    }
  })
})
