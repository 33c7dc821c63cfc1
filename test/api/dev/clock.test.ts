/** POST /dev/clock, on a server of its own: moving the clock here moves everything that tells time by it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clockOperation } from '../../../src/api/dev/clock.ts'
import { movableClock } from '../../../src/clock.ts'
import { createServer } from '../../../src/http/server.ts'
import { refuse } from '../../support/call.ts'
import { world } from '../../support/world.ts'

async function clockScene() {
  const here = await world('sqlite')
  let moves = 0
  const clock = movableClock(() => moves++)
  const server = createServer(here.app, { extra: [clockOperation(clock)] })
  const { id, secret } = here.workspace
  const move = async (payload: unknown, credentials = `${id}:${secret}`) => {
    const response = await server.inject({
      method: 'POST',
      url: '/dev/clock',
      headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
      payload: JSON.stringify(payload),
    })
    return { status: response.statusCode, body: response.json() }
  }
  return { here, clock, move, moved: () => moves }
}

const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 2000, `${a} is not near ${b}`)

test('advances, tells the new time, and returns to the real one', async () => {
  const { clock, move, moved } = await clockScene()
  const hour = 3600
  const { body } = await move({ advance_seconds: hour })
  near(Date.parse(body.now), Date.now() + hour * 1000)
  await move({ advance_seconds: hour })
  near(clock.now(), Date.now() + 2 * hour * 1000)
  const reset = await move({ reset: true })
  near(Date.parse(reset.body.now), Date.now())
  assert.equal(moved(), 3)
})

test('refuses what is neither, what is too far, and anybody but the workspace', async () => {
  const { clock, move } = await clockScene()
  for (const wrong of [
    {},
    { reset: false },
    { advance_seconds: '1' },
    { advance_seconds: 1e12 },
    { advance_seconds: 0.5 },
  ]) {
    const { status, body } = await move(wrong)
    assert.deepEqual([status, body.error_type], [400, 'bad_request'])
  }
  for (let step = 0; step < 2; step++) await move({ advance_seconds: 30 * 366 * 24 * 3600 })
  near(clock.now(), Date.now() + 30 * 366 * 24 * 3600 * 1000)
  await move({ reset: true })
  const stranger = await move({ advance_seconds: 1 }, 'nobody:nothing')
  assert.deepEqual([stranger.status, stranger.body.error_type], [401, 'unauthorized_credentials'])
  near(clock.now(), Date.now())
})

test('does not exist without the variable', async () => {
  const { here } = await clockScene()
  await refuse(here, here.workspace, 'POST /dev/clock', { advance_seconds: 1 }, 404, 'route_not_found')
})
