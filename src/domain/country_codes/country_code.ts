/** Country allowlists: where text messages may be sent, per channel, because each one costs money (reference: management.md §13). */
import { fail } from '../../errors.ts'
import { countryOf, isCountryCode } from '../../values/phone.ts'
import type { App } from '../app.ts'
import { recordEvent } from '../events/event.ts'
import { changeConfiguration, type EnvironmentRecord } from '../projects/environment.ts'
import type { Vertical } from '../projects/project.ts'
import { selectCountryCodes, upsertCountryCodes } from './table.ts'

export type PhoneChannel = 'sms' | 'whatsapp'
/** ISO 3166-1 alpha-2 codes, sorted. */
export type CountryCodes = Record<PhoneChannel, string[]>

const defaults = ['CA', 'US']

/** The lists of an environment, or those every environment begins with. */
export async function loadCountryCodes(app: App, project_id: string): Promise<CountryCodes> {
  const stored = await selectCountryCodes(app.store, project_id)
  return { sms: stored.get('sms') ?? defaults, whatsapp: stored.get('whatsapp') ?? defaults }
}

/** The list of a channel; refuses with `country_code_allowlist_b2b_whatsapp_not_supported` where there is none. */
export async function getCountryCodes(
  app: App,
  { project_id }: EnvironmentRecord,
  vertical: Vertical,
  channel: PhoneChannel,
): Promise<string[]> {
  checkChannel(vertical, channel)
  return (await loadCountryCodes(app, project_id))[channel]
}

/** Replaces the list of a channel and returns it sorted, each code once. Refuses empty lists and codes that are none. */
export function setCountryCodes(
  app: App,
  { project_id }: EnvironmentRecord,
  vertical: Vertical,
  channel: PhoneChannel,
  given: string[],
): Promise<string[]> {
  checkChannel(vertical, channel)
  if (given.length === 0) fail('country_code_allowlist_empty')
  if (!given.every(isCountryCode)) fail('country_code_allowlist_invalid_country_codes')
  const codes = [...new Set(given)].sort()
  return changeConfiguration(app, project_id, async (app) => {
    await upsertCountryCodes(app.store, project_id, channel, codes)
    await recordEvent(app, project_id, 'country_codes.updated', project_id, { channel })
    return codes
  })
}

/**
 * Refuses with `invalid_phone_number_country_code` a number in E.164 whose country is not on the channel's list, or that
 * belongs to no country. Users may have such numbers; nothing is sent to them.
 */
export function checkCountryAllowed(
  { country_codes }: { country_codes: CountryCodes },
  channel: PhoneChannel,
  phone_number: string,
): void {
  const country = countryOf(phone_number)
  if (country === undefined || !country_codes[channel].includes(country)) fail('invalid_phone_number_country_code')
}

function checkChannel(vertical: Vertical, channel: PhoneChannel): void {
  if (vertical === 'B2B' && channel === 'whatsapp') fail('country_code_allowlist_b2b_whatsapp_not_supported')
}
