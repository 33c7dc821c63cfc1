/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/allowed_country_codes/sms. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('countryCodeAllowlist.getAllowedSMSCountryCodes', (engine) => {
  test('answers Canada and the United States until another list is set, for this channel and environment', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const read = async (path: string) =>
      (await succeed(here, here.workspace, `GET ${path}/allowed_country_codes/sms`)).country_codes
    assert.deepEqual(await read(project.path), ['CA', 'US'])
    const set = (channel: string, country_codes: string[]) =>
      succeed(here, here.workspace, `POST ${project.path}/allowed_country_codes/${channel}`, { country_codes })
    await set('whatsapp', ['MX'])
    assert.deepEqual(await read(project.path), ['CA', 'US'])
    await set('sms', ['FR', 'DE'])
    assert.deepEqual(await read(project.path), ['DE', 'FR'])
    assert.deepEqual(await read(other.path), ['CA', 'US'])
  })

  test('B2B projects have this list', async () => {
    const here = await world(engine)
    const { path } = await here.project('B2B')
    const { country_codes } = await succeed(here, here.workspace, `GET ${path}/allowed_country_codes/sms`)
    assert.deepEqual(country_codes, ['CA', 'US'])
  })
})
