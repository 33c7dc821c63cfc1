/** Contacts that were added to users: taken back when they are not proven in time, and only then. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maintain } from '../../../src/domain/maintenance/maintenance.ts'
import { readCode, signInByCode } from '../../../src/domain/signin/one_time_code.ts'
import { findContactOwner, removeLapsedContacts } from '../../../src/domain/users/contacts.ts'
import { MINUTE, SECOND } from '../../../src/values/time.ts'
import { succeed } from '../../support/call.ts'
import { issuer, startSession, trustIssuer } from '../../support/issuer.ts'
import { sendCode } from '../../support/one_time_codes.ts'
import { newUser, provenUser } from '../../support/users.ts'
import { type Engine, onBothEngines, world } from '../../support/world.ts'

async function scene(engine: Engine) {
  const here = await world(engine)
  const project = await here.project()
  const environment = await here.app.environment(project.id)
  assert.ok(environment)
  const add = async (to: string, fields: object = {}) => {
    const user_id = await provenUser(here, project)
    return sendCode(here, project, 'sms', to, { user_id, expiration_minutes: 10, ...fields })
  }
  const numbers = async (user_id: string) => (await succeed(here, project, `GET /v1/users/${user_id}`)).phone_numbers
  return { here, project, environment, add, numbers }
}

onBothEngines('added contacts', (engine) => {
  test('maintenance takes back what was not proven in time, and nothing else', async () => {
    const { here, project, add, numbers } = await scene(engine)
    const late = await add('+14155550110')
    const proven = await add('+14155550111')
    await succeed(here, project, 'POST /v1/otps/authenticate', { method_id: proven.method_id, code: proven.code })
    here.clock.advance(SECOND)
    const waiting = await add('+14155550112')
    const { user_id } = await newUser(here, project, { phone_number: '+14155550113' })
    here.clock.advance(5 * MINUTE - SECOND)
    await maintain(here.app, () => false)
    const left = await Promise.all([late, proven, waiting, { user_id }].map((one) => numbers(one.user_id)))
    assert.deepEqual(
      left.map((one) => one.length),
      [0, 1, 1, 1],
    )
    await newUser(here, project, { phone_number: '+14155550110' })
  })

  test('one that is proven at the last moment stays, although it is being taken back', async () => {
    const { here, environment, add, numbers } = await scene(engine)
    for (let round = 0; round < 20; round++) {
      const { user_id, method_id, code } = await add(`+14155552${String(round).padStart(3, '0')}`)
      // Two nodes whose clocks differ by a second, on either side of the end.
      const now = here.clock.now() + 5 * MINUTE
      const [early, late] = [now - SECOND, now].map((instant) => ({ ...here.app, now: () => instant }))
      assert.ok(early && late)
      const change = { duration_minutes: undefined, custom_claims: undefined }
      const match = { attributes: { ip_address: '', user_agent: '' }, options: undefined }
      const given = readCode(environment, { method_id, code })
      const [signedIn] = await Promise.allSettled([
        signInByCode(early, environment, given, match, undefined, change),
        round % 2
          ? removeLapsedContacts(late, late.environment, 500)
          : findContactOwner(late, environment, 'phone_id', method_id),
      ])
      const left = await numbers(user_id)
      assert.equal(left.length, signedIn.status === 'fulfilled' ? 1 : 0)
      if (left[0]) assert.equal(left[0].verified, true)
    }
  })

  test('a trusted token does not sign in to an account that an address was added to and not proven', async () => {
    const { here, project } = await scene(engine)
    const trusted = await trustIssuer(here, project, { issuer })
    const user_id = await provenUser(here, project, { email: undefined, phone_number: '+14155550110' })
    await sendCode(here, project, 'email', 'ada@example.com', { user_id })
    here.clock.advance(5 * MINUTE)
    const session = await startSession(here, project, trusted, 'ada@example.com')
    assert.notEqual(session.user_id, user_id)
    assert.deepEqual((await succeed(here, project, `GET /v1/users/${user_id}`)).emails, [])
  })
})
