/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/allowed_country_codes/sms. */
import { z } from 'zod'
import { getCountryCodes } from '../../../domain/country_codes/country_code.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const getAllowedSMSCountryCodes = operation({
  route: 'GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/allowed_country_codes/sms',
  name: 'pwa_country_code_allowlist_v3_GetAllowedSMSCountryCodes',
  sdk: 'countryCodeAllowlist.getAllowedSMSCountryCodes',
  summary: 'Lists the countries that SMS messages may be sent to.',
  caller: 'workspace',
  reply: { country_codes: z.array(z.string()) },
  async run(app, { params }) {
    const { project, environment } = await environmentAt(app, params)
    return { country_codes: await getCountryCodes(app, environment, project.vertical, 'sms') }
  },
})
