/** Phone numbers in E.164. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'

/** Reads a number that is written in E.164 and assigned to a country; undefined when it is not. */
export function parsePhoneNumber(text: string): string | undefined {
  if (!/^\+[1-9]\d{5,14}$/.test(text)) return undefined
  const number = parsePhoneNumberFromString(text)
  return number?.isValid() && number.number === text ? text : undefined
}
