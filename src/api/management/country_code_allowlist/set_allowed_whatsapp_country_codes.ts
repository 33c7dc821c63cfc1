/** POST /pwa/v3/projects/{project_slug}/environments/{environment_slug}/allowed_country_codes/whatsapp. */
import { z } from 'zod'
import { setCountryCodes } from '../../../domain/country_codes/country_code.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const setAllowedWhatsAppCountryCodes = operation({
  route: 'POST /pwa/v3/projects/{project_slug}/environments/{environment_slug}/allowed_country_codes/whatsapp',
  name: 'pwa_country_code_allowlist_v3_SetAllowedWhatsAppCountryCodes',
  sdk: 'countryCodeAllowlist.setAllowedWhatsAppCountryCodes',
  summary: 'Replaces the countries that WhatsApp messages may be sent to.',
  caller: 'workspace',
  body: { country_codes: z.array(z.string()).describe('Two-letter codes of ISO 3166-1, in capitals.') },
  reply: { country_codes: z.array(z.string()) },
  async run(app, { params, body }) {
    const { project, environment } = await environmentAt(app, params)
    return { country_codes: await setCountryCodes(app, environment, project.vertical, 'whatsapp', body.country_codes) }
  },
})
