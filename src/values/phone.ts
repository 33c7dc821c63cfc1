/** Phone numbers in E.164. */
import { createRequire } from 'node:module'

type Library = typeof import('libphonenumber-js/max')
let library: Library | undefined

/** Loaded by whoever needs it first: it is a hundred modules, for which no start should wait. */
function phones(): Library {
  library ??= createRequire(import.meta.url)('libphonenumber-js/max') as Library
  return library
}

/** Reads a number that is written in E.164 and assigned to a country; undefined when it is not. */
export function parsePhoneNumber(text: string): string | undefined {
  if (!/^\+[1-9]\d{5,14}$/.test(text)) return undefined
  const number = phones().parsePhoneNumberFromString(text)
  return number?.isValid() && number.number === text ? text : undefined
}

/**
 * The country of a number in E.164, ISO 3166-1 alpha-2: countries that share a calling code are told apart. Undefined for
 * numbers of no country, such as +800 and +882, and for what is no number.
 */
export function countryOf(number: string): string | undefined {
  return phones().parsePhoneNumberFromString(number)?.country
}

/** The calling code that a number in E.164 begins with, for example `+1`. */
export function callingCodeOf(number: string): string {
  return `+${phones().parsePhoneNumberFromString(number)?.countryCallingCode ?? ''}`
}

/** Codes of ISO 3166-1 whose territories have no numbers of their own. */
const withoutNumbers = ['AQ', 'BV', 'GS', 'HM', 'PN', 'TF', 'UM']
let countryCodes: Set<string> | undefined

/** Whether the text is a country code, ISO 3166-1 alpha-2 in capitals; also those few that only numbering plans use. */
export function isCountryCode(text: string): boolean {
  countryCodes ??= new Set<string>([...phones().getCountries(), ...withoutNumbers])
  return countryCodes.has(text)
}
