/** POST /v1/passwords/strength_check. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { configure, leavingNoTrace, newEmail, strong, weak, whileBreached } from '../../../support/passwords.ts'
import { newUser } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const route = 'POST /v1/passwords/strength_check'

onBothEngines('passwords.strengthCheck', (engine) => {
  test('scores a password and tells what is wrong with it', async () => {
    const here = await world(engine)
    const project = await here.project()
    await leavingNoTrace(here, project, async () => {
      const { request_id: _, ...good } = await succeed(here, project, route, { password: strong })
      assert.deepEqual(good, {
        status_code: 200,
        valid_password: true,
        score: 4,
        breached_password: false,
        strength_policy: 'zxcvbn',
        breach_detection_on_create: true,
        feedback: { warning: '', suggestions: [], luds_requirements: null },
      })
      const bad = await succeed(here, project, route, { password: weak })
      assert.deepEqual([bad.valid_password, bad.score], [false, 0])
      assert.notEqual(bad.feedback.warning, '')
      assert.ok(bad.feedback.suggestions.length > 0)
      const none = await succeed(here, project, route, { password: '' })
      assert.deepEqual([none.valid_password, none.score], [false, 0])
    })
  })

  test('knows what a person is called, by the address given and by the user who has it', async () => {
    const here = await world(engine)
    const project = await here.project()
    const password = 'krzyzanowska-oosterhout'
    const stranger = await succeed(here, project, route, { password })
    const named = await succeed(here, project, route, { password, email: 'krzyzanowska@oosterhout.example' })
    assert.ok(named.score < stranger.score)
    const { emails } = await newUser(here, project, { name: { first_name: 'Krzyzanowska', last_name: 'Oosterhout' } })
    const known = await succeed(here, project, route, { password, email: emails[0].email })
    assert.ok(known.score < stranger.score)
    // While somebody is still typing the address.
    assert.equal((await succeed(here, project, route, { password, email: 'jim@' })).score, stranger.score)
  })

  test('looks the password up in breaches when an address is given and the environment wants it', async () => {
    const here = await world(engine)
    const project = await here.project()
    const email = newEmail()
    await whileBreached(here, [strong], async () => {
      const asked = await succeed(here, project, route, { password: strong, email })
      assert.deepEqual([asked.valid_password, asked.breached_password, asked.score], [false, true, 4])
      const without = await succeed(here, project, route, { password: strong })
      assert.deepEqual([without.valid_password, without.breached_password], [true, false])
      await configure(here, project, { check_breach_on_creation: false })
      const off = await succeed(here, project, route, { password: strong, email })
      assert.deepEqual([off.valid_password, off.breached_password], [true, false])
      assert.equal(off.breach_detection_on_create, false)
    })
  })

  test('tells what the LUDS policy misses', async () => {
    const here = await world(engine)
    const project = await here.project()
    const luds = { validation_policy: 'LUDS', luds_min_password_length: 10, luds_min_password_complexity: 3 }
    await configure(here, project, luds)
    const missing = await succeed(here, project, route, { password: 'pässwör7' })
    assert.deepEqual([missing.valid_password, missing.strength_policy], [false, 'luds'])
    assert.deepEqual(missing.feedback.luds_requirements, {
      has_lower_case: true,
      has_upper_case: false,
      has_digit: true,
      has_symbol: true,
      missing_complexity: 0,
      missing_characters: 2,
    })
    const met = await succeed(here, project, route, { password: 'Password12' })
    assert.equal(met.valid_password, true)
    assert.deepEqual([met.feedback.luds_requirements.missing_complexity, met.score < 3], [0, true])
  })

  test('an address made of very many words keeps nobody waiting', async () => {
    const here = await world(engine)
    const project = await here.project()
    const email = Array.from({ length: 150_000 }, (_, n) => n.toString(36).padStart(4, 'x')).join('.')
    await succeed(here, project, route, { password: strong.repeat(10), email })
  })

  test('refuses a password that is too long, and one that is missing', async () => {
    const here = await world(engine)
    const project = await here.project()
    await refuse(here, project, route, { password: 'x'.repeat(1025) }, 400, 'bad_request')
    await refuse(here, project, route, {}, 400, 'bad_request')
  })
})
