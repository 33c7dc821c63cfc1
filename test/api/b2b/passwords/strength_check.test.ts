/** POST /v1/b2b/passwords/strength_check. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { newAddress } from '../../../support/links.ts'
import { memberIn } from '../../../support/members.ts'
import { newOrganization } from '../../../support/organizations.ts'
import { configure, leavingNoTrace, strong, weak, whileBreached } from '../../../support/passwords.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/b2b/passwords/strength_check'

onBothEngines('passwords.strengthCheck of members', (engine) => {
  test('scores a password and tells what is wrong with it', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    await leavingNoTrace(here, project, async () => {
      const { request_id: _, ...good } = await succeed(here, project, route, { password: strong })
      assert.deepEqual(good, {
        status_code: 200,
        valid_password: true,
        score: 4,
        breached_password: false,
        strength_policy: 'zxcvbn',
        breach_detection_on_create: true,
        luds_feedback: null,
        zxcvbn_feedback: { warning: '', suggestions: [] },
      })
      const bad = await succeed(here, project, route, { password: weak })
      assert.deepEqual([bad.valid_password, bad.score], [false, 0])
      assert.notEqual(bad.zxcvbn_feedback.warning, '')
    })
    await configure(here, project, {
      validation_policy: 'LUDS',
      luds_min_password_length: 20,
      luds_min_password_complexity: 4,
    })
    const luds = await succeed(here, project, route, { password: 'abc' })
    assert.deepEqual([luds.strength_policy, luds.valid_password], ['luds', false])
    assert.deepEqual(luds.luds_feedback, {
      has_lower_case: true,
      has_upper_case: false,
      has_digit: false,
      has_symbol: false,
      missing_complexity: 3,
      missing_characters: 17,
    })
  })

  test('knows what the members of an address are called', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const password = 'krzyzanowska7'
    const stranger = await succeed(here, project, route, { password })
    assert.equal(stranger.score, 4)
    const { email_address } = await memberIn(here, project, await newOrganization(here, project))
    await memberIn(here, project, await newOrganization(here, project), { email_address, name: 'Ada Krzyzanowska' })
    assert.ok((await succeed(here, project, route, { password, email_address })).score < 3)
    const named = { password, email_address: 'krzyzanowska@example.com' }
    assert.ok((await succeed(here, project, route, named)).score < 3)
    // While somebody is still typing the address.
    assert.equal((await succeed(here, project, route, { password, email_address: 'jim@' })).score, 4)
  })

  test('looks the password up in breaches when an address is given', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    await whileBreached(here, [strong], async () => {
      const asked = await succeed(here, project, route, { password: strong, email_address: newAddress() })
      assert.deepEqual([asked.valid_password, asked.breached_password, asked.score], [false, true, 4])
      const without = await succeed(here, project, route, { password: strong })
      assert.deepEqual([without.valid_password, without.breached_password], [true, false])
    })
  })

  test('refuses what is no password', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    for (const password of [undefined, 7, 'é'.repeat(513)]) {
      await refuse(here, project, route, { password }, 400, 'bad_request')
    }
    await refuse(here, await here.project(), route, { password: strong }, 400, 'invalid_b2b_endpoint')
  })
})
