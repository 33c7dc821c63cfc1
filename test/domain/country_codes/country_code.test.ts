/** Which numbers a channel may send to. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkCountryAllowed } from '../../../src/domain/country_codes/country_code.ts'
import { Refusal } from '../../../src/errors.ts'
import { countryOf, isCountryCode } from '../../../src/values/phone.ts'
import { succeed } from '../../support/call.ts'
import { onBothEngines, world } from '../../support/world.ts'

function allowed(sms: string[], number: string): boolean {
  try {
    checkCountryAllowed({ country_codes: { sms, whatsapp: [] } }, 'sms', number)
    return true
  } catch (error) {
    assert.ok(error instanceof Refusal)
    assert.deepEqual([error.status, error.error_type], [400, 'invalid_phone_number_country_code'])
    return false
  }
}

describe('the country of a number', () => {
  const countries: [string, string | undefined][] = [
    ['+14155550123', 'US'],
    ['+14165550123', 'CA'],
    ['+18765550123', 'JM'],
    ['+18095550123', 'DO'],
    ['+17875550123', 'PR'],
    ['+12425550123', 'BS'],
    ['+447400123456', 'GB'],
    ['+447911123456', 'GG'],
    ['+447781123456', 'GG'],
    ['+79123456789', 'RU'],
    ['+77012345678', 'KZ'],
    ['+390612345678', 'IT'],
    ['+491711234567', 'DE'],
    ['+38344123456', 'XK'],
    ['+80012345678', undefined],
    ['+8823456789012', undefined],
    ['+870773111632', undefined],
    ['+10000000000', undefined],
    ['not a number', undefined],
  ]
  for (const [number, country] of countries) {
    test(`${number} belongs to ${country ?? 'no country'}`, () => {
      assert.equal(countryOf(number), country)
      assert.equal(allowed(['CA', 'US'], number), country === 'CA' || country === 'US')
      if (country) assert.ok(allowed([country], number))
    })
  }

  test('codes are those of ISO 3166-1 in capitals', () => {
    for (const code of ['US', 'CA', 'DE', 'XK', 'AQ', 'UM']) assert.ok(isCountryCode(code), code)
    for (const code of ['us', 'XX', 'EU', '001', 'USA', '', ' US', 'constructor']) assert.ok(!isCountryCode(code), code)
  })
})

onBothEngines('country allowlists of requests', (engine) => {
  test('a list counts from the next call on, for its channel and environment only', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const german = '+491711234567'
    const check = async (id: string, channel: 'sms' | 'whatsapp') => {
      const environment = await here.app.environment(id)
      assert.ok(environment)
      return checkCountryAllowed(environment, channel, german)
    }
    await assert.rejects(check(project.id, 'sms'))
    const route = `POST ${project.path}/allowed_country_codes/sms`
    await succeed(here, here.workspace, route, { country_codes: ['DE'] })
    await check(project.id, 'sms')
    await assert.rejects(check(project.id, 'whatsapp'))
    await assert.rejects(check(other.id, 'sms'))
    await succeed(here, here.workspace, route, { country_codes: ['US'] })
    await assert.rejects(check(project.id, 'sms'))
  })

  test('users may have numbers of countries that nothing is sent to', async () => {
    const here = await world(engine)
    const project = await here.project()
    await succeed(here, project, 'POST /v1/users', { phone_number: '+491711234567' })
  })
})
