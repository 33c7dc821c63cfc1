/** POST /pwa/v3/projects/{project_slug}/environments/{environment_slug}/allowed_country_codes/sms. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('countryCodeAllowlist.setAllowedSMSCountryCodes', (engine) => {
  test('replaces the list and answers it sorted, each code once', async () => {
    const here = await world(engine)
    const route = `POST ${(await here.project()).path}/allowed_country_codes/sms`
    const country_codes = ['US', 'DE', 'XK', 'AQ', 'DE']
    const answer = await succeed(here, here.workspace, route, { country_codes })
    assert.deepEqual(answer.country_codes, ['AQ', 'DE', 'US', 'XK'])
    assert.deepEqual((await succeed(here, here.workspace, route, { country_codes: ['MX'] })).country_codes, ['MX'])
  })

  test('refuses an empty list, codes that are none and other things, and changes nothing', async () => {
    const here = await world(engine)
    const { path } = await here.project()
    const route = `POST ${path}/allowed_country_codes/sms`
    await succeed(here, here.workspace, route, { country_codes: ['MX'] })
    const refusals: [unknown, string][] = [
      [{ country_codes: [] }, 'country_code_allowlist_empty'],
      [{ country_codes: ['US', 'XX'] }, 'country_code_allowlist_invalid_country_codes'],
      [{ country_codes: ['us'] }, 'country_code_allowlist_invalid_country_codes'],
      [{ country_codes: [''] }, 'country_code_allowlist_invalid_country_codes'],
      [{ country_codes: 'US' }, 'bad_request'],
      [{ country_codes: [1] }, 'bad_request'],
      [{}, 'bad_request'],
    ]
    for (const [body, error_type] of refusals) await refuse(here, here.workspace, route, body, 400, error_type)
    const { country_codes } = await succeed(here, here.workspace, route.replace('POST', 'GET'))
    assert.deepEqual(country_codes, ['MX'])
  })

  test('works in live environments and in B2B projects', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const live = project.path.replace(/[^/]+$/, project.live.environment_slug)
    for (const path of [project.path, live]) {
      const route = `POST ${path}/allowed_country_codes/sms`
      assert.deepEqual((await succeed(here, here.workspace, route, { country_codes: ['FR'] })).country_codes, ['FR'])
    }
  })
})
