/** What a caller tells us about the end user's device: `attributes` in requests and on sessions. */
import { isIP } from 'node:net'
import { fail } from '../errors.ts'

export type Attributes = { ip_address: string; user_agent: string }

/** Checks attributes as they come in; unknown parts become empty strings. */
export function checkAttributes(
  given: { ip_address?: string | undefined; user_agent?: string | undefined } | undefined,
): Attributes {
  const ip_address = given?.ip_address ?? ''
  const user_agent = given?.user_agent ?? ''
  if (ip_address !== '' && isIP(ip_address) === 0) fail('invalid_ip_address')
  if (user_agent.length > 1024 || /\p{Cc}/u.test(user_agent)) fail('invalid_user_agent')
  return { ip_address, user_agent }
}
